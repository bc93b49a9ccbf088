// The product for `bench peers`, as users run it: the log in Redis, a config service, resources published by the admin
// command, metrics and access log on. Only the acceptor shares the measured core.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis, type TestRedis, until } from '@sluice/testkit';
import { load, loadCore, Pinned, proxyCore } from './bench-peers-process.ts';
import type { Plan } from './bench-peers-proxies.ts';
import { root } from './root.ts';

const node = process.execPath;
const main = (app: string) => join(root, 'apps', app, 'src/main.ts');

let redis: TestRedis | null = null;

/** Redis, the config service, and the bench's routes published. Once for all acceptors. */
export async function startControl(plan: Plan): Promise<void> {
  redis = await startRedis();
  if (redis === null) throw new Error('there is no redis-server: see scripts/redis --install');
  const service = new Pinned(loadCore, [node, main('config-service')], join(plan.folder, 'config-service.log'), {
    SLUICE_STORE: redis.url,
  });
  await until(() => service.text().includes('"serving"'), 'the config service');
  const resources = join(plan.folder, 'resources');
  mkdirSync(resources);
  writeFileSync(join(resources, 'bench.yaml'), documents(plan).join('---\n'));
  await load([node, main('admin'), 'publish', resources, '--store', redis.url, '--timeout', '120']);
}

export async function stopControl(): Promise<void> {
  await redis?.remove();
}

export async function startSluice(
  engine: 'linux' | 'node',
  _plan: Plan,
  address: string,
  folder: string,
): Promise<Pinned> {
  return new Pinned(proxyCore, [node, main('acceptor')], join(folder, 'log'), {
    SLUICE_STORE: redis?.url ?? '',
    SLUICE_ACCEPTOR_ID: `bench-${engine}`,
    SLUICE_BIND: address,
    SLUICE_ADMIN: '127.0.0.1:0',
    SLUICE_STATE_DIR: join(folder, 'state'),
    SLUICE_WORKERS: '1',
    SLUICE_ENGINE: engine,
    SLUICE_DRAIN_SECONDS: '0',
  });
}

function documents({ ports, routes }: Plan): string[] {
  const all = Object.entries(ports).flatMap(([name, port]) => edge(name, port));
  if (routes > 0) all.push(...further(routes));
  return all;
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

/** Routes by server name on a port of their own: the table holds them, no connection of the bench takes them. */
function further(routes: number): string[] {
  const matches = Array.from(
    { length: routes },
    (_, i) => `    - match: [{ port: 18443, sniHosts: ["host-${i}.bench"] }]
      route: [{ destination: { host: http.bench } }]
`,
  );
  return [
    `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: further }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 18443, name: tls, protocol: TLS }
      hosts: ["*.bench"]
      tls: { mode: PASSTHROUGH }
`,
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: further }
spec:
  hosts: ["*.bench"]
  gateways: [further]
  tls:
${matches.join('')}`,
  ];
}
