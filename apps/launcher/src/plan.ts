// Which processes a run has, and with which variables. Pure.
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Arguments } from './arguments.ts';
import type { ChildSpec } from './children.ts';

export interface Place {
  readonly root: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface StorePlan {
  readonly url: string;
  readonly stateFolder: string;
}

export interface AcceptorPlan {
  readonly spec: ChildSpec;
  /** Where its edge ports are tried. */
  readonly address: string;
  readonly adminHost: string;
  readonly adminPort: number;
  readonly adminUrl: string;
}

export interface EchoPlan {
  readonly spec: ChildSpec;
  readonly address: string;
  readonly port: number;
}

/** The edge ports of the samples (deploy/samples/tcp-echo). */
export const edgePorts = [31400, 31401] as const;

const echoPort = 3333;
const firstAdminPort = 15000;
const stopMs = 10_000;

function nodeChild(place: Place, name: string, main: string, env: Readonly<Record<string, string>>): ChildSpec {
  const command = join(place.root, 'node_modules/.bin/node');
  return { name, command, args: [join(place.root, main)], env: { ...place.env, ...env }, stopMs };
}

export function configServicePlan(place: Place, store: string): ChildSpec {
  return nodeChild(place, 'config-service', 'apps/config-service/src/main.ts', { SLUICE_STORE: store });
}

/**
 * Acceptors on 127.0.0.1, 127.0.0.2 ... with the same edge ports. A single one takes SLUICE_BIND, so that it can be opened
 * to other machines; by default a run is for this machine only.
 */
export function acceptorPlans(place: Place, store: StorePlan, { acceptors, engine }: Arguments): AcceptorPlan[] {
  const drainSeconds = Number(place.env.SLUICE_DRAIN_SECONDS || '30');
  return Array.from({ length: acceptors }, (_, index) => {
    const bind = (acceptors === 1 && place.env.SLUICE_BIND) || `127.0.0.${index + 1}`;
    const admin = (acceptors === 1 && place.env.SLUICE_ADMIN) || `127.0.0.1:${firstAdminPort + index}`;
    const id = `acceptor-${index + 1}`;
    const spec = nodeChild(place, id, 'apps/acceptor/src/main.ts', {
      SLUICE_STORE: store.url,
      SLUICE_ACCEPTOR_ID: id,
      SLUICE_BIND: bind,
      SLUICE_ADMIN: admin,
      SLUICE_STATE_DIR: join(store.stateFolder, id),
      SLUICE_ENGINE: engine === 'auto' ? place.env.SLUICE_ENGINE || 'auto' : engine,
    });
    const at = admin.lastIndexOf(':');
    return {
      spec: { ...spec, stopMs: drainSeconds * 1000 + stopMs },
      address: bind === '0.0.0.0' || bind === '::' ? '127.0.0.1' : bind,
      adminHost: admin.slice(0, at).replace(/^\[(.*)\]$/, '$1'),
      adminPort: Number(admin.slice(at + 1)),
      adminUrl: `http://${admin}`,
    };
  });
}

/** v1 and v2 as the walk-through's pods: an address each, the same port. */
export function echoPlans(place: Place): EchoPlan[] {
  return ['v1', 'v2'].map((version, index) => {
    const address = `127.0.1.${index + 1}`;
    const spec = nodeChild(place, `tcp-echo-${version}`, 'apps/tcp-echo/src/main.ts', {
      TCP_PORT: String(echoPort),
      TCP_ADDRESS: address,
      NODE_NAME: hostname(),
      POD_NAME: `tcp-echo-${version}-${podSuffix(version)}`,
      POD_NAMESPACE: 'default',
      POD_IP: address,
      SERVICE_ACCOUNT: 'default',
    });
    return { spec, address, port: echoPort };
  });
}

/** Looks like a pod's name, and is the same at every start. */
function podSuffix(version: string): string {
  return version === 'v1' ? '7c775f57c9-frprp' : '6bcfd7dcf4-2sqhf';
}
