// What Istio would drop in silence, over real processes: told at the publish, in the status, and counted.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type RunningAcceptor, System } from './system.ts';

const test = suite('what is dropped');
const system = new System(null);
let acceptor: RunningAcceptor;

test.before(async () => {
  acceptor = await system.acceptor();
});
test.after(() => system.close());

const server = (port: number, host: string) =>
  `  - { port: { number: ${port}, name: tcp-${port}, protocol: TCP }, hosts: ["${host}"] }`;

const gateway = (name: string, ...servers: string[]) => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name} }
spec:
  selector: { istio: ingressgateway }
  servers:
${servers.join('\n')}
`;

const route = (port: number) => `  - match: [{ port: ${port} }]
    route: [{ destination: { host: here.example } }]
`;

const set = (...ports: number[]) => `${gateway('first', server(23101, '*'), server(23102, '*'))}---
${gateway('second', server(23101, 'other.example'))}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: routes }
spec:
  hosts: ["*"]
  gateways: [first]
  tcp:
${ports.map(route).join('')}---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: here }
spec:
  hosts: [here.example]
  addresses: [240.0.0.1]
  ports: [{ number: 9000, name: tcp, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: 127.0.0.1 }]
`;

async function counts(name: string): Promise<Record<string, number>> {
  const { text } = await acceptor.get('/metrics');
  const found = text.matchAll(new RegExp(`^${name}\\{.*code="(\\w+)".*\\} (\\d+)$`, 'gm'));
  return Object.fromEntries(Array.from(found, ([, code, count]) => [code, Number(count)]));
}

test('a server without a route opens no listener: publish and status say so, and it is counted until it has one', async () => {
  const path = system.write('set.yaml', set(23101));
  const said = await system.admin('publish', path, '--wait', '20');
  assert.is(said.code, 0, said.stdout + said.stderr);
  assert.match(said.stdout, /notice SLU3006 port 23102 of gateway default\/first opens no listener/);
  assert.match(said.stdout, /warning SLU3001 server 23101\.TCP is skipped/);
  const shown = (await system.admin('status')).stdout;
  assert.match(shown, /no listener for default\/first port 23102: SLU3006/);
  assert.match(shown, /no listener for default\/second port 23101: SLU3001/);
  assert.equal(await counts('sluice_config_dropped'), { SLU3001: 1, SLU3006: 1 });
  assert.equal(await counts('sluice_config_drops_total'), { SLU3001: 1, SLU3006: 1 });

  system.write('set.yaml', set(23101, 23102));
  assert.is(await system.publish(path), 2);
  assert.not.match((await system.admin('status')).stdout, /SLU3006/);
  assert.equal(await counts('sluice_config_dropped'), { SLU3001: 1 });

  assert.is((await system.admin('rollback', '1', '--wait', '20')).code, 0);
  assert.equal(await counts('sluice_config_dropped'), { SLU3001: 1, SLU3006: 1 });
  assert.equal(await counts('sluice_config_drops_total'), { SLU3001: 1, SLU3006: 2 });
});

test('an acceptor that starts from its disk counts what it serves', async () => {
  await acceptor.process.end('SIGKILL');
  acceptor = await system.acceptor({ SLUICE_ACCEPTOR_ID: acceptor.id, SLUICE_BIND: acceptor.bind });
  await acceptor.committed(3);
  assert.equal(await counts('sluice_config_dropped'), { SLU3001: 1, SLU3006: 1 });
});

test.run();
