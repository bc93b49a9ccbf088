import { parseResources, type Resource } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Compiled, compile } from './compile.ts';
import { explain } from './explain.ts';
import { type CompileOptions, DEFAULT_LABELS } from './options.ts';

const test = suite('compile');

function read(text: string): readonly Resource[] {
  const set = parseResources([{ path: 'test.yaml', text }]);
  assert.ok(set.ok, JSON.stringify(set.issues));
  return set.resources;
}

function compiled(text: string, options: Partial<CompileOptions> = {}): Compiled {
  return compile(read(text), { labels: DEFAULT_LABELS, ...options });
}

const codes = ({ complaints }: Compiled) => complaints.map(({ code, resource }) => `${code} ${resource}`);

function gateway(
  name: string,
  port: number,
  extra: { protocol?: string; hosts?: string; tls?: string; bind?: string; namespace?: string } = {},
): string {
  const { protocol = 'TCP', hosts = '"*"', tls, bind, namespace = 'default' } = extra;
  return `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  selector: { istio: ingressgateway }
  servers:
  - port: { number: ${port}, name: p, protocol: ${protocol} }
    hosts: [${hosts}]
${bind === undefined ? '' : `    bind: ${bind}\n`}${tls === undefined ? '' : `    tls: { mode: ${tls} }\n`}---`;
}

function route(
  name: string,
  gateways: string,
  rules: string,
  extra: { hosts?: string; namespace?: string; more?: string } = {},
): string {
  const { hosts = '"*"', namespace = 'default', more = '' } = extra;
  return `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  hosts: [${hosts}]
  gateways: [${gateways}]
${more}${rules}
---`;
}

const to = (host: string, port = 80) => `route: [{ destination: { host: ${host}, port: { number: ${port} } } }]`;

const WALK_THROUGH = `${gateway('one', 31400)}${gateway('two', 31401)}
${route(
  'echo',
  'one, two',
  `  tcp:
  - match: [{ port: 31400, gateways: [one] }]
    route: [{ destination: { host: echo.default.svc.cluster.local, subset: v1, port: { number: 3333 } } }]
  - match: [{ port: 31401, gateways: [two] }]
    route: [{ destination: { host: echo, subset: v2 } }]`,
)}
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: echo }
spec:
  host: echo
  subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
---
apiVersion: v1
kind: Service
metadata: { name: echo }
spec: { selector: { app: echo }, ports: [{ port: 3333, targetPort: 3333 }] }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: a, labels: { app: echo, version: v1 } }
spec: { address: 10.0.0.1 }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: b, labels: { app: echo } }
spec: { address: 10.0.0.2, labels: { version: v2 } }
`;

test('sends each port of the walk-through to its subset', () => {
  const result = compiled(WALK_THROUGH);
  assert.equal(codes(result), []);
  const one = explain(result, { port: 31400, source: '192.0.2.1' });
  assert.is(one.cluster, 'outbound|3333|v1|echo.default.svc.cluster.local');
  assert.equal(one.endpoints, ['10.0.0.1:3333']);
  assert.is(one.route, 'default/echo/tcp[0]');
  assert.equal(explain(result, { port: 31401 }).endpoints, ['10.0.0.2:3333']);
  assert.is(explain(result, { port: 31402 }).outcome, 'no-listener');
});

test('opens no listener for a server without a route, and says so', () => {
  const result = compiled(gateway('lonely', 7000));
  assert.equal(result.plan.listeners, []);
  assert.is(result.idle[0]!.code, 'SLU3006');
  assert.match(result.idle[0]!.reason, 'no route is bound');
});

test('leaves gateways of other acceptors alone', () => {
  const result = compiled(gateway('one', 7000), { labels: { istio: 'egress' } });
  assert.equal(result.idle, []);
  assert.equal(result.plan.listeners, []);
});

test('keeps the server that came first on a port, even where only the later one has routes', () => {
  const text = gateway('alpha', 7000) + gateway('beta', 7000) + route('r', 'beta', `  tcp:\n  - ${to('a')}`);
  const result = compiled(text);
  assert.equal(result.plan.listeners, []);
  assert.equal(codes(result).includes('SLU3001 Gateway/default/beta'), true);
  const turned = compiled(text, { creation: (key) => (key.endsWith('beta') ? 1 : 2) });
  assert.is(turned.plan.listeners.length, 1);
});

test('opens a listener for each address of a port', () => {
  const text =
    gateway('a', 7000, { bind: '10.0.0.1' }) +
    gateway('b', 7000, { bind: '10.0.0.2' }) +
    route('r', 'a, b', `  tcp:\n  - ${to('x')}`);
  assert.equal(
    compiled(text).plan.listeners.map(({ name }) => name),
    ['10.0.0.1_7000', '10.0.0.2_7000'],
  );
});

test('counts a VirtualService only if its hosts and namespace fit the server', () => {
  const rules = `  tcp:\n  - ${to('x')}`;
  const served = (hosts: string, vsHosts: string, namespace = 'default') =>
    compiled(gateway('g', 7000, { hosts }) + route('r', 'default/g', rules, { hosts: vsHosts, namespace })).plan
      .listeners.length;
  assert.is(served('"*.foo.com"', 'a.foo.com'), 1);
  assert.is(served('"*.foo.com"', 'foo.com'), 0);
  assert.is(served('a.foo.com', '"*.com"'), 1);
  assert.is(served('./a.foo.com', 'a.foo.com'), 1);
  assert.is(served('./a.foo.com', 'a.foo.com', 'other'), 0);
  assert.is(served('other/a.foo.com', 'a.foo.com', 'other'), 1);
  assert.is(served('"*/*"', 'a.foo.com', 'other'), 1);
});

test('asks for fitting hosts also of rules with a port or a condition', () => {
  for (const match of ['port: 7000', 'sourceSubnet: 10.0.0.0/8']) {
    const rules = `  tcp:\n  - match: [{ ${match} }]\n    ${to('x')}`;
    const opened = (hosts: string) =>
      compiled(gateway('g', 7000, { hosts: 'a.foo.com' }) + route('r', 'g', rules, { hosts })).plan.listeners.length;
    assert.is(opened('a.foo.com'), 1, match);
    assert.is(opened('b.foo.com'), 0, match);
  }
});

test('follows the first tcp rule that takes everything, and complains of those behind it', () => {
  const text =
    gateway('g', 7000) +
    route('a', 'g', `  tcp:\n  - match: [{ port: 9 }]\n    ${to('no')}\n  - ${to('first')}\n  - ${to('second')}`) +
    route('b', 'g', `  tcp:\n  - ${to('third')}`);
  const result = compiled(text);
  assert.is(explain(result, { port: 7000 }).cluster, 'outbound|80||first.default.svc.cluster.local');
  assert.equal(
    result.complaints.filter(({ code }) => code === 'SLU3004').map(({ resource, path }) => `${resource} ${path}`),
    ['VirtualService/default/a spec.tcp[2]', 'VirtualService/default/b spec.tcp[0]'],
  );
});

test('follows source and destination conditions, with a notice', () => {
  const text =
    gateway('g', 7000) +
    route(
      'a',
      'g',
      `  tcp:
  - match: [{ sourceSubnet: 10.0.0.0/8 }, { sourceLabels: { app: web } }]
    ${to('inner')}
  - match: [{ destinationSubnets: [192.0.2.7], sourceNamespace: nowhere }]
    ${to('never')}
  - match: [{ destinationSubnets: [192.0.2.7] }]
    ${to('seven')}
  - ${to('rest')}`,
    ) +
    '\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: w, labels: { app: web } }\nspec: { address: 198.51.100.1 }\n';
  const result = compiled(text);
  const cluster = (facts: object) =>
    explain(result, { port: 7000, ...facts })
      .cluster?.split('|')[3]
      ?.split('.')[0];
  assert.is(cluster({ source: '10.1.2.3' }), 'inner');
  assert.is(cluster({ source: '198.51.100.1' }), 'inner');
  assert.is(cluster({ source: '198.51.100.2' }), 'rest');
  assert.is(cluster({ source: '198.51.100.2', remote: '10.9.9.9' }), 'inner');
  assert.is(cluster({ source: '198.51.100.2', destination: '192.0.2.7' }), 'seven');
  assert.is(result.complaints.filter(({ code }) => code === 'SLU3011').length, 4);
  assert.is(result.complaints.filter(({ code }) => code === 'SLU3012').length, 1);
});

test('leaves out weights of 0, and ignores the weight of a single destination', () => {
  const text =
    gateway('g', 7000) +
    gateway('h', 7001) +
    route(
      'a',
      'g',
      '  tcp: [{ route: [{ destination: { host: a }, weight: 1 }, { destination: { host: b } }, { destination: { host: c }, weight: 3 }] }]',
    ) +
    route('b', 'h', '  tcp: [{ route: [{ destination: { host: a } }] }]');
  const result = compiled(text);
  assert.equal(
    explain(result, { port: 7000 }).split.map(({ cluster, share }) => `${cluster} ${share}`),
    ['outbound|7000||a.default.svc.cluster.local 0.25', 'outbound|7000||c.default.svc.cluster.local 0.75'],
  );
  assert.is(explain(result, { port: 7000 }).cluster, 'outbound|7000||c.default.svc.cluster.local');
  assert.is(explain(result, { port: 7001 }).split.length, 1);
});

test('takes the only port of a service where none is written, else the port of the listener', () => {
  const service = (name: string, ports: string) =>
    `\napiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ports: [${ports}] }\n---`;
  const rule = (name: string) => `  tcp: [{ route: [{ destination: { host: ${name} } }] }]`;
  const text =
    service('one', '{ port: 5, name: tcp }, { port: 6, name: dns, protocol: UDP }') +
    service('two', '{ port: 5, name: a }, { port: 6, name: b }') +
    gateway('g', 7000) +
    gateway('h', 7001) +
    route('a', 'g', rule('one')) +
    route('b', 'h', rule('two'));
  assert.is(explain(compiled(text), { port: 7000 }).cluster, 'outbound|5||one.default.svc.cluster.local');
  assert.is(explain(compiled(text), { port: 7001 }).cluster, 'outbound|7001||two.default.svc.cluster.local');
});

test('tries what is private to the acceptor first, then what is exported to it, then what is public', () => {
  const rule = (host: string) => `  tcp:\n  - ${to(host)}`;
  const vs = (name: string, namespace: string, exportTo: string) =>
    route(name, 'default/g', rule(name), { namespace, more: exportTo === '' ? '' : `  exportTo: [${exportTo}]\n` });
  const text = gateway('g', 7000);
  const winner = (more: string) => explain(compiled(text + more), { port: 7000 }).route;
  const own = vs('z-own', 'istio-system', '"."');
  const exported = vs('y-exported', 'b', 'istio-system');
  const open = vs('a-open', 'a', '');
  assert.is(winner(own + exported + open), 'istio-system/z-own/tcp[0]');
  assert.is(winner(exported + open), 'b/y-exported/tcp[0]');
  assert.is(winner(open), 'a/a-open/tcp[0]');
  const hidden = compiled(text + vs('hidden', 'a', '"."'));
  assert.equal(hidden.plan.listeners, []);
  assert.ok(codes(hidden).includes('SLU3015 VirtualService/a/hidden'));
});

test('opens no listener for HTTP, TLS termination and UDP, each with its code', () => {
  const text =
    gateway('a', 7000, { protocol: 'HTTP' }) +
    gateway('b', 7001, { protocol: 'TLS', tls: 'ISTIO_MUTUAL' }) +
    gateway('c', 7002, { protocol: 'UDP' }) +
    route('r', 'a, b, c', `  tcp:\n  - ${to('x')}`);
  const result = compiled(text);
  assert.equal(result.plan.listeners, []);
  assert.equal(
    result.idle.map(({ port, code }) => `${port} ${code}`),
    ['7000 SLU3007', '7001 SLU3008', '7002 SLU3009'],
  );
});

test('complains of http rules, and of tcp rules without a TCP server', () => {
  const text =
    gateway('a', 7000, { protocol: 'TLS', tls: 'PASSTHROUGH' }) +
    route('r', 'a', `  http: [{ route: [{ destination: { host: x } }] }]\n  tcp:\n  - ${to('x')}`);
  assert.equal(codes(compiled(text)), [
    'SLU3006 Gateway/default/a',
    'SLU3013 VirtualService/default/r',
    'SLU3014 VirtualService/default/r',
  ]);
});

test.run();
