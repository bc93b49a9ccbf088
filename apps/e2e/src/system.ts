// A whole system of real processes for one test file: Redis, config service, acceptors, two echoes, on loopback addresses
// of its own (127.x.y.z), so that the samples' ports 31400 and 31401 can be used by several files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accepts, endAll, RealProcess, run, startRedis, TestClient, type TestRedis, until } from '@sluice/testkit';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The engine under test may be chosen from outside: SLUICE_ENGINE=node ./scripts/test apps/e2e. */
const processEnv = process.env;

export const ports = { v1: 31400, v2: 31401 } as const;

export interface Status {
  readonly head: number;
  readonly acceptors: readonly {
    readonly id: string;
    readonly version: number;
    readonly state: string;
    readonly workers: readonly { readonly id: number; readonly version: number; readonly sessions: number }[];
    readonly error: string | null;
  }[];
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `127.x.y.`: a /24 of loopback that belongs to this process. */
const net = `127.${((process.pid >> 8) % 200) + 20}.${process.pid & 255}.`;

export class System {
  /** Where the log of versions is. */
  readonly store: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
  readonly echoAddresses = { v1: `${net}101`, v2: `${net}102` } as const;
  #nextAddress = 1;
  readonly #acceptors: RealProcess[] = [];

  readonly #redis: TestRedis | null;

  /** `redis`: null for a system on a SQLite file in its own folder. */
  constructor(redis: TestRedis | null) {
    this.#redis = redis;
    this.store = redis?.url ?? `sqlite:${join(this.folder, 'store.sqlite')}`;
  }

  get redis(): TestRedis {
    if (this.#redis === null) throw new Error('this system has no Redis');
    return this.#redis;
  }

  node(name: string, main: string, env: Readonly<Record<string, string>>): RealProcess {
    return new RealProcess(name, process.execPath, { args: [join(root, main)], env, cwd: this.folder });
  }

  async configService(env: Readonly<Record<string, string>> = {}): Promise<RealProcess> {
    const service = this.node('config-service', 'apps/config-service/src/main.ts', {
      SLUICE_STORE: this.store,
      ...env,
    });
    await service.event('serving');
    return service;
  }

  async echo(version: 'v1' | 'v2'): Promise<RealProcess> {
    const address = this.echoAddresses[version];
    const echo = this.node(`tcp-echo-${version}`, 'apps/tcp-echo/src/main.ts', {
      TCP_PORT: '3333',
      TCP_ADDRESS: address,
      POD_NAME: `tcp-echo-${version}-pod`,
      POD_IP: address,
    });
    await until(() => accepts(address, 3333), `tcp-echo ${version}`);
    return echo;
  }

  async acceptor(env: Readonly<Record<string, string>> = {}): Promise<RunningAcceptor> {
    const number = this.#nextAddress++;
    const bind = env.SLUICE_BIND ?? `${net}${number}`;
    const id = env.SLUICE_ACCEPTOR_ID ?? `acceptor-${number}`;
    const process = this.node(id, 'apps/acceptor/src/main.ts', {
      SLUICE_STORE: this.store,
      SLUICE_ACCEPTOR_ID: id,
      SLUICE_BIND: bind,
      SLUICE_ADMIN: '127.0.0.1:0',
      SLUICE_STATE_DIR: join(this.folder, id),
      SLUICE_WORKERS: '2',
      SLUICE_FAULTS: 'on',
      SLUICE_DRAIN_SECONDS: '20',
      ...(processEnv.SLUICE_ENGINE === undefined ? {} : { SLUICE_ENGINE: processEnv.SLUICE_ENGINE }),
      ...env,
    });
    this.#acceptors.push(process);
    const listening = await process.event('admin-listening');
    await process.event('started');
    return new RunningAcceptor(process, id, bind, String(listening.address));
  }

  async admin(...args: string[]): Promise<Ran> {
    return run(process.execPath, {
      args: [join(root, 'apps/admin/src/main.ts'), ...args],
      env: { SLUICE_STORE: this.store },
      cwd: this.folder,
    });
  }

  /** Runs it with --json and rejects where it does not exit with 0. */
  async adminJson<T>(...args: string[]): Promise<T> {
    const ran = await this.admin(...args, '--json');
    if (ran.code !== 0) throw new Error(`admin ${args.join(' ')} exited with ${ran.code}:\n${ran.stdout}${ran.stderr}`);
    return JSON.parse(ran.stdout) as T;
  }

  status(): Promise<Status> {
    return this.adminJson<Status>('status');
  }

  /** Writes a file to publish; returns its path. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** The walk-through's resources, its ports leading where told, its workloads at this system's echoes. */
  walkThrough(lead: { v1: string; v2: string } = { v1: 'v1', v2: 'v2' }): string {
    return this.write('walk-through.yaml', walkThrough(lead, this.echoAddresses));
  }

  /** Where this system's echoes run, for resources that come from elsewhere. */
  workloads(): string {
    return this.write('workloads.yaml', workloads(this.echoAddresses));
  }

  /** Resolves when every acceptor that runs has it; one that has only just started is waited for until it is known. */
  async publish(...args: string[]): Promise<number> {
    const running = this.#acceptors.filter(({ ended }) => !ended).length;
    const wait = ['--wait', '20', '--at-least', String(Math.max(1, running))];
    const { version } = await this.adminJson<{ version: number }>('publish', ...args, ...wait);
    return version;
  }

  async close(): Promise<void> {
    await endAll();
    await this.#redis?.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class RunningAcceptor {
  readonly process: RealProcess;
  readonly id: string;
  readonly bind: string;
  readonly admin: string;

  constructor(process: RealProcess, id: string, bind: string, admin: string) {
    this.process = process;
    this.id = id;
    this.bind = bind;
    this.admin = admin;
  }

  client(port: number): TestClient {
    return new TestClient(this.bind, port);
  }

  /** Which echo a new connection reaches. */
  async lands(port: number): Promise<string> {
    const client = this.client(port);
    await client.until(/With IP address .*\n/);
    await client.close();
    return /Pod tcp-echo-(v\d)/.exec(client.received)?.[1] ?? '';
  }

  async get(path: string, init?: RequestInit): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://${this.admin}${path}`, init);
    return { status: response.status, text: await response.text() };
  }

  async committed(version: number): Promise<void> {
    await this.process.event('committed', (fields) => fields.version === version);
  }
}

/** Null, with a line that says so, where there is no redis-server. */
export async function startSystem(): Promise<System | null> {
  const redis = await startRedis();
  return redis === null ? null : new System(redis);
}

/** One more edge port, of a Gateway and a VirtualService of this name, that leads to a subset of the walk-through. */
export function edgePort(name: string, port: number, subset: string): string {
  return `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name} }
spec:
  selector: { istio: ingressgateway }
  servers:
  - port: { number: ${port}, name: tcp, protocol: TCP }
    hosts: ["*"]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec:
  hosts: ["*"]
  gateways: [${name}]
  tcp:
  - route: [{ destination: { host: tcp-echo, subset: ${subset}, port: { number: 3333 } } }]
`;
}

function walkThrough(lead: { v1: string; v2: string }, addresses: { v1: string; v2: string }): string {
  const gateway = (name: string, port: number) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name} }
spec:
  selector: { istio: ingressgateway }
  servers:
  - port: { number: ${port}, name: tcp, protocol: TCP }
    hosts: ["*"]
---`;
  const rule = (name: string, port: number, subset: string) => `
  - match: [{ port: ${port}, gateways: [${name}] }]
    route: [{ destination: { host: tcp-echo.default.svc.cluster.local, subset: ${subset}, port: { number: 3333 } } }]`;
  return `${gateway('tcp-echo-gateway', ports.v1)}${gateway('tcp-echo-gateway-v2', ports.v2)}
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: tcp-echo }
spec:
  hosts: ["*"]
  gateways: [tcp-echo-gateway, tcp-echo-gateway-v2]
  tcp:${rule('tcp-echo-gateway', ports.v1, lead.v1)}${rule('tcp-echo-gateway-v2', ports.v2, lead.v2)}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: tcp-echo }
spec:
  host: tcp-echo
  subsets:
  - { name: v1, labels: { version: v1 } }
  - { name: v2, labels: { version: v2 } }
---
apiVersion: v1
kind: Service
metadata: { name: tcp-echo, labels: { app: tcp-echo, system: example } }
spec:
  type: ClusterIP
  selector: { app: tcp-echo }
  ports: [{ protocol: TCP, port: 3333, targetPort: 3333 }]
---${workloads(addresses)}`;
}

function workloads(addresses: { v1: string; v2: string }): string {
  return (['v1', 'v2'] as const)
    .map(
      (version) => `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: tcp-echo-${version} }
spec:
  address: ${addresses[version]}
  labels: { app: tcp-echo, system: example, version: ${version} }
`,
    )
    .join('---');
}
