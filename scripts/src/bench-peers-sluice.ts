// The product for `bench peers`, as users run it: the log in Redis, a config service, resources published by the admin
// command, metrics and access log on. Only the acceptor shares the measured core.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { startRedis, type TestRedis, until } from '@sluice/testkit';
import { load, loadCore, Pinned, proxyCore } from './bench-peers-process.ts';
import type { Plan } from './bench-peers-proxies.ts';
import { root } from './root.ts';

const node = process.execPath;
const main = (app: string) => join(root, 'apps', app, 'src/main.ts');

/** Labels of an acceptor that has the bench's own routes only, and of one that has the further ones too. */
export const fewRoutes = 'istio=ingressgateway';
export const manyRoutes = `${fewRoutes},routes=many`;

let redis: TestRedis | null = null;

/** Redis, the config service, and the bench's routes published. Once for all acceptors. */
export async function startControl(plan: Plan): Promise<void> {
  redis = await startRedis();
  if (redis === null) throw new Error('there is no redis-server: see scripts/redis --install');
  const service = new Pinned(loadCore, [node, main('config-service')], join(plan.folder, 'config-service.log'), {
    SLUICE_STORE: redis.url,
  });
  await until(() => service.text().includes('"serving"'), 'the config service');
  const { ports, routes } = plan;
  await publish(
    plan.folder,
    Object.entries(ports).flatMap(([name, port]) => edge(name, port)),
  );
  if (routes > 0) await publishFurther(plan, fewRoutes);
}

/** `labels`: of the acceptors that are to have the further routes; one of them must run, unless they are the usual ones. */
export async function publishFurther({ folder, routes }: Plan, labels: string): Promise<void> {
  await publish(folder, further(routes, labels));
}

async function publish(folder: string, documents: readonly string[]): Promise<void> {
  const file = join(folder, 'publish.yaml');
  writeFileSync(file, documents.join('---\n'));
  await load([node, main('admin'), 'publish', file, '--store', redis?.url ?? '', '--timeout', '120']);
}

export async function stopControl(): Promise<void> {
  await redis?.remove();
}

export interface Started {
  readonly labels?: string;
  /** As taskset(1) has them. */
  readonly cores?: string;
  readonly workers?: number;
}

/** `folder`: made where it is not there. */
export async function startSluice(
  engine: 'linux' | 'node',
  address: string,
  folder: string,
  { labels = fewRoutes, cores = String(proxyCore), workers = 1 }: Started = {},
): Promise<Pinned> {
  mkdirSync(folder, { recursive: true });
  return new Pinned(cores, [node, main('acceptor')], join(folder, 'log'), {
    SLUICE_STORE: redis?.url ?? '',
    SLUICE_ACCEPTOR_ID: `bench-${basename(folder)}`,
    SLUICE_LABELS: labels,
    SLUICE_BIND: address,
    SLUICE_ADMIN: '127.0.0.1:0',
    SLUICE_STATE_DIR: join(folder, 'state'),
    SLUICE_WORKERS: String(workers),
    SLUICE_ENGINE: engine,
    SLUICE_DRAIN_SECONDS: '0',
  });
}

function edge(name: string, port: number): string[] {
  return [
    `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name} }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: ${port}, name: tcp, protocol: TCP }
      hosts: ["*"]
`,
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec:
  hosts: ["*"]
  gateways: [${name}]
  tcp:
    - route:
        - destination: { host: ${name}.bench, port: { number: ${port} } }
`,
    `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec:
  hosts: [${name}.bench]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{ number: ${port}, name: tcp, protocol: TCP }]
  endpoints: [{ address: 127.0.0.1 }]
`,
  ];
}

export const furtherPort = 18443;

/** Rules of one VirtualService: a document is bounded in length. */
const rulesOfOne = 5_000;

/** Routes by server name on a port of their own: the table holds them, no connection of the bench takes them. */
function further(routes: number, labels: string): string[] {
  const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: further }
spec:
  selector: { ${labels.replaceAll('=', ': ').replaceAll(',', ', ')} }
  servers:
    - port: { number: ${furtherPort}, name: tls, protocol: TLS }
      hosts: ["*.bench"]
      tls: { mode: PASSTHROUGH }
`;
  const parts = Array.from({ length: Math.ceil(routes / rulesOfOne) }, (_, part) => {
    const first = part * rulesOfOne;
    const rules = Array.from(
      { length: Math.min(rulesOfOne, routes - first) },
      (_, i) => `    - match: [{ port: ${furtherPort}, sniHosts: ["host-${first + i}.bench"] }]
      route: [{ destination: { host: http.bench } }]
`,
    );
    return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: further-${part} }
spec:
  hosts: ["*.bench"]
  gateways: [further]
  tls:
${rules.join('')}`;
  });
  return [gateway, ...parts];
}
