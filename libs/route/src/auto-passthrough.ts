// Servers with AUTO_PASSTHROUGH: the server name itself says the cluster, `outbound_.PORT_.SUBSET_.HOST`
// (Istio: `builtAutoPassthroughFilterChains`). Only for TLS between meshes, so the client must offer Istio's protocols.
import { type Complaint, complain } from '@sluice/resource';
import { findBackend, type Provider } from './backend.ts';
import { addRule, takenNames } from './chain.ts';
import { type ClusterBook, hasTooMany, ruleFor } from './clusters.ts';
import type { CompileScope } from './compile-scope.ts';
import { isSubsetOf } from './host.ts';
import { suffixes } from './host-index.ts';
import type { RouteEntry, RouteSource, Server } from './model.ts';
import { planRoute } from './route-plan.ts';
import type { TlsBook } from './tls-rules.ts';

/** What Istio's proxies offer to each other (`pilot/pkg/networking/util` ALPNs of mutual TLS). */
const MESH_PROTOCOLS = ['istio-peer-exchange', 'istio', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

/**
 * Rules looked at for all such servers together: each has one for every subset of every port of every host it serves, and
 * thousands may serve the same thousands of hosts.
 */
const MAX_LOOKED_AT = 500_000;

/** Adds a rule for every subset of every port of the hosts inside the mesh that the server serves; false if there are none. */
export function addAutoPassthrough(scope: CompileScope, book: TlsBook, server: Server): boolean {
  const { clusters } = scope;
  let added = false;
  for (const { host, ports, subsets } of servedBy(server, meshHosts(clusters))) {
    for (const port of ports) {
      for (const subset of subsets()) {
        // Nothing is compiled then (SLU3037, SLU3039), and a port by a subset is a rule each.
        if (hasTooMany(clusters.looked) || namesTooMany(clusters)) return added;
        clusters.meshNames++;
        const name = `outbound_.${port}_.${subset}_.${host}`;
        if (takenNames(book.names, [name]).length > 0) continue;
        const route = planRoute(clusters, sourceOf(server), entryFor(server, name, host, subset, port), server.port);
        addRule(book.names, [name], { conditions: [{ fact: 'alpn', protocols: MESH_PROTOCOLS }], route: route! });
        added = true;
      }
    }
  }
  return added;
}

export function namesTooMany({ meshNames }: ClusterBook): boolean {
  return meshNames > MAX_LOOKED_AT;
}

export function complainOfMeshNames(): Complaint {
  const message = `servers with AUTO_PASSTHROUGH have more than ${MAX_LOOKED_AT} names together: subsets of ports of the hosts of each`;
  return complain('SLU3037', '', '', message);
}

interface MeshHost {
  readonly host: string;
  readonly position: number;
  readonly ports: readonly number[];
  readonly subsets: () => readonly string[];
}

/** Hosts inside the mesh, in order; and by what they are or end with, from each dot on. */
interface MeshHosts {
  readonly all: readonly MeshHost[];
  readonly byEnd: ReadonlyMap<string, readonly MeshHost[]>;
}

const known = new WeakMap<ClusterBook, MeshHosts>();

function meshHosts(book: ClusterBook): MeshHosts {
  let hosts = known.get(book);
  if (hosts === undefined) known.set(book, (hosts = readMeshHosts(book)));
  return hosts;
}

function readMeshHosts(book: ClusterBook): MeshHosts {
  const { backends, setting } = book.sources;
  const all: MeshHost[] = [];
  const byEnd = new Map<string, MeshHost[]>();
  for (const host of [...backends.keys()].sort()) {
    const backend = findBackend(backends, host, setting.namespace);
    if (backend === undefined || !backend.providers.some(isInMesh)) continue;
    const subsets = () => ['', ...(ruleFor(book, host)?.subsets.keys() ?? [])];
    const one: MeshHost = { host, position: all.length, ports: [...backend.ports.keys()], subsets };
    all.push(one);
    for (const end of [host, ...suffixes(host)]) {
      const list = byEnd.get(end);
      if (list === undefined) byEnd.set(end, [one]);
      else list.push(one);
    }
  }
  return { all, byEnd };
}

function isInMesh(provider: Provider): boolean {
  return provider.kind === 'Service' || provider.entry.spec.location === 'MESH_INTERNAL';
}

/** Those that any of the server's hosts covers, each once, in order. */
function servedBy({ hosts }: Server, { all, byEnd }: MeshHosts): readonly MeshHost[] {
  const served = new Set<MeshHost>();
  for (const { host } of hosts) {
    if (host === '*') return all;
    const found = host.startsWith('*.')
      ? byEnd.get(host.slice(1))
      : host.startsWith('*')
        ? all.filter((one) => isSubsetOf(one.host, host))
        : byEnd.get(host);
    for (const one of found ?? []) served.add(one);
  }
  return [...served].sort((a, b) => a.position - b.position);
}

function sourceOf({ gateway }: Server): RouteSource {
  return {
    key: gateway.key,
    id: gateway.id,
    namespace: gateway.namespace,
    hosts: [],
    gateways: [],
    tcp: [],
    tls: [],
    http: false,
  };
}

function entryFor(server: Server, name: string, host: string, subset: string, port: number): RouteEntry {
  return {
    name: `${server.gateway.id}/${name}`,
    path: server.path,
    matches: [{ path: server.path, names: [name] }],
    destinations: [{ path: server.path, host, subset, port, weight: 1 }],
  };
}
