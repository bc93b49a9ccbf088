// Lists that multiply in what the analyzers look at and say. What is counted is looks, not time.
import type { IgnoredResource, Resource } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_LABELS } from '../options.ts';
import { analyze } from './analyze.ts';

const test = suite('lists that multiply');

const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

function resource(kind: string, name: string, spec: object, metadata: object = {}): Resource {
  const apiVersion = kind === 'Service' ? 'v1' : 'networking.istio.io/v1';
  const all = { name, namespace: 'default', labels: {}, annotations: {}, ...metadata };
  return { apiVersion, kind, metadata: all, spec } as never;
}

const server = (number: number, hosts = ['*']) => ({ port: { number, name: `p${number}`, protocol: 'TCP' }, hosts });
const gateway = (name: string, selector: object, servers = [server(80)]) =>
  resource('Gateway', name, { selector, servers });
const pod = (i: number, labels: Readonly<Record<string, string>>): IgnoredResource =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${i}`, namespace: 'default', labels, annotations: {} },
    manifest: {},
  }) as never;

function said(resources: readonly Resource[], code: string, ignored: readonly IgnoredResource[] = []) {
  return analyze(resources, { labels: DEFAULT_LABELS, ignored }).filter((one) => one.code === code);
}

test('a message tells a few of a thousand labels, ports and hosts', () => {
  const labels = Object.fromEntries(many(1_000, (i) => [`label${i}`, 'x']));
  const two = [gateway('a', labels), gateway('b', labels)];
  const ports = many(1_000, (i) => ({ port: 10_000 + i, name: `tcp-${i}` }));
  const hosts = many(1_000, (i) => `host${i}.example.com`);
  const tcp = [{ route: [{ destination: { host: 's' } }] }];
  const route = resource('VirtualService', 'v', { hosts, gateways: ['a', 'gone'], tcp });
  const service = resource('Service', 's', { ports, selector: labels });
  const other = [gateway('c', { app: 'c' }, [server(81)]), resource('Service', 'c', { ports, selector: { app: 'c' } })];
  for (const code of ['SLU0101', 'SLU0145', 'SLU0112', 'SLU0132', 'SLU0162']) {
    const complaints = said([...two, route, service, ...other], code, [pod(0, { ...labels, app: 'c' })]);
    assert.ok(complaints.length > 0, code);
    for (const { message } of complaints) assert.ok(message.length < 1_000, `${code}: ${message.length}`);
  }
});

/** Labels that count how often one of them is read. */
function counting(labels: Record<string, string>, count: { looks: number }): Record<string, string> {
  return new Proxy(labels, {
    get: (target, key) => {
      count.looks++;
      return Reflect.get(target, key);
    },
  });
}

test('workloads are looked at once for all Gateways and Services of one selector', () => {
  const count = { looks: 0 };
  const pods = many(200, (i) => pod(i, counting({ app: 'x', number: `${i}` }, count)));
  const gateways = many(200, (i) => gateway(`g${i}`, i % 2 ? { app: 'x' } : { app: 'y' }, [server(1_000 + i)]));
  const services = many(200, (i) => resource('Service', `s${i}`, { ports: [{ port: i }], selector: { app: 'x' } }));
  const complaints = said([...gateways, ...services], 'SLU0162', pods);
  assert.is(complaints.length, 100);
  assert.ok(count.looks < 200 * 50, `${count.looks} looks at labels`);
});

test('Gateways of different selectors conflict on the workload that both fit, and nowhere else', () => {
  const set = [gateway('a', { app: 'x' }), gateway('b', { zone: '1' }), gateway('c', { zone: '2' })];
  const conflicts = (...pods: IgnoredResource[]) => said(set, 'SLU0145', pods).map(({ resource: key }) => key);
  assert.equal(conflicts(pod(0, { app: 'x' }), pod(1, { zone: '1' })), []);
  assert.equal(conflicts(pod(0, { app: 'x', zone: '1' }), pod(1, { zone: '2' })), [
    'Gateway/default/a',
    'Gateway/default/b',
  ]);
});

test('ports are those of all Services before all workloads, and nothing is said where one is named', () => {
  const front = (name: string, app: string, targetPort: number | string) =>
    resource('Service', name, { ports: [{ port: 1, targetPort }], selector: { app } });
  const missing = (...services: Resource[]) =>
    said([gateway('a', { zone: '1' }, [server(80), server(81), server(82)]), ...services], 'SLU0162', [
      pod(0, { app: 'x', zone: '1' }),
      pod(1, { app: 'y', zone: '1' }),
    ]).map(({ path }) => path);
  assert.equal(missing(front('x', 'x', 80)), []);
  assert.equal(missing(front('x', 'x', 80), front('y', 'y', '81')), ['spec.servers[2].port']);
  assert.equal(missing(front('x', 'x', 80), front('x2', 'x', 82), front('y', 'y', 80)), ['spec.servers[1].port']);
  assert.equal(missing(front('x', 'x', 80), front('y', 'y', 'named')), []);
});

test('entries that everybody sees are looked at once beside those of many namespaces', () => {
  let looks = 0;
  const entry = (name: string, protocol: string, fields: object) => {
    const made = resource('ServiceEntry', name, {
      hosts: ['x.example.com'],
      addresses: ['10.0.0.1'],
      ports: [{ number: 80, name: 'p', protocol }],
      resolution: 'DNS',
      ...fields,
    });
    Object.defineProperty(made.metadata, 'name', { get: () => (looks++, name) });
    return made;
  };
  const scopes = many(300, (i) => `n${i}`);
  const everywhere = many(300, (i) => entry(`e${i}`, 'TCP', {}));
  const complaints = said([...everywhere, entry('own', 'HTTP', { exportTo: scopes })], 'SLU0177');
  assert.is(complaints.length, 301);
  assert.match(complaints[0]!.message, '(default/e0, default/e1, default/e10, default/e100, default/e101)');
  assert.match(complaints[0]!.message, '(HTTP, TCP)');
  assert.ok(looks < 300 * 50, `${looks} looks at names`);
});

test.run();
