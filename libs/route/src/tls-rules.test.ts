import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Compiled, compile } from './compile.ts';
import { explain } from './explain.ts';
import { DEFAULT_LABELS } from './options.ts';

const test = suite('tls rules');

function compiled(text: string): Compiled {
  const set = parseResources([{ path: 'test.yaml', text }]);
  assert.ok(set.ok, JSON.stringify(set.issues));
  return compile(set.resources, { labels: DEFAULT_LABELS });
}

const server = (name: string, hosts: string, mode: string, credential = '') =>
  `- { port: { number: 443, name: ${name}, protocol: TLS }, hosts: [${hosts}], tls: { mode: ${mode}${credential} } }`;
const GATEWAY = (...servers: readonly string[]) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g }
spec:
  selector: { istio: ingressgateway }
  servers:
  ${servers.join('\n  ')}
---
`;
const PASS = GATEWAY(server('p', '"*"', 'PASSTHROUGH'));
const rule = (names: string, host: string) =>
  `  - match: [{ sniHosts: [${names}] }]\n    route: [{ destination: { host: ${host} } }]\n`;
const ROUTE = (name: string, hosts: string, rules: string, annotations = '') => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}${annotations === '' ? '' : `, annotations: { sluice.io/alpn: "${annotations}" }`} }
spec:
  hosts: [${hosts}]
  gateways: [g]
  tls:
${rules}
---
`;
const host = (result: Compiled, sni?: string, alpn: readonly string[] = []) =>
  explain(result, { port: 443, ...(sni === undefined ? {} : { sni }), alpn })
    .cluster?.split('|')[3]
    ?.split('.')[0] ?? null;

test('an exact name goes before the longest suffix, that before any name, whatever the order of rules', () => {
  const result = compiled(
    PASS +
      ROUTE(
        'r',
        '"*"',
        rule('"*"', 'any') + rule('"*.x.com"', 'x') + rule('"*.a.x.com"', 'ax') + rule('b.a.x.com', 'exact'),
      ),
  );
  assert.is(host(result, 'b.a.x.com'), 'exact');
  assert.is(host(result, 'B.A.x.com'), 'exact');
  assert.is(host(result, 'c.b.a.x.com'), 'ax');
  assert.is(host(result, 'q.x.com'), 'x');
  assert.is(host(result, 'x.com'), 'any');
  assert.is(host(result), 'any');
});

test('a name that nothing takes has no route', () => {
  const result = compiled(PASS + ROUTE('r', 'a.com', rule('a.com', 'a')));
  assert.is(explain(result, { port: 443, sni: 'b.com' }).outcome, 'no-route');
  assert.is(explain(result, { port: 443 }).outcome, 'no-route');
});

test('the first to name a server name keeps it; a later match with it is dropped whole', () => {
  const result = compiled(
    PASS +
      ROUTE('a', '"*"', rule('a.com', 'first')) +
      ROUTE('b', '"*"', rule('b.com, a.com', 'second') + rule('c.com', 'third')),
  );
  assert.is(host(result, 'a.com'), 'first');
  assert.is(host(result, 'b.com'), null);
  assert.is(host(result, 'c.com'), 'third');
  assert.equal(
    result.complaints.map(({ code, path }) => `${code} ${path}`),
    ['SLU3003 spec.tls[0].match[0]'],
  );
});

test('one name can be told apart by protocol, with the annotation', () => {
  const result = compiled(
    PASS +
      ROUTE(
        'r',
        'a.com',
        rule('a.com', 'two') + rule('a.com', 'acme') + rule('a.com', 'rest'),
        'tls[0]=h2; tls[1].match[0]=acme-tls/1',
      ),
  );
  assert.is(host(result, 'a.com', ['h2', 'http/1.1']), 'two');
  assert.is(host(result, 'a.com', ['acme-tls/1']), 'acme');
  assert.is(host(result, 'a.com', ['http/1.1']), 'rest');
  assert.is(host(result, 'a.com'), 'rest');
  assert.equal(result.complaints, []);
});

test('a mistake in the annotation is an error', () => {
  const codes = (text: string) =>
    compiled(PASS + ROUTE('r', 'a.com', rule('a.com', 'a'), text)).complaints.map(({ code }) => code);
  assert.equal(codes('h2,http/1.1'), []);
  assert.equal(codes('tls[1]=h2'), ['SLU3010']);
  assert.equal(codes('tcp[0]=h2'), ['SLU3010']);
  assert.equal(codes('tls[0]=h2,,http/1.1'), ['SLU3010']);
});

test('names of a server that ends TLS are not passed through to a wildcard', () => {
  const result = compiled(
    GATEWAY(server('a', 'a.x.com', 'ISTIO_MUTUAL'), server('b', '"*.x.com"', 'PASSTHROUGH')) +
      ROUTE('r', '"*.x.com"', rule('"*.x.com"', 'wild')),
  );
  assert.is(host(result, 'b.x.com'), 'wild');
  const found = explain(result, { port: 443, sni: 'a.x.com' });
  assert.is(found.outcome, 'no-route');
  assert.match(found.why.join('; '), 'not served');
  assert.is(result.idle[0]!.code, 'SLU3008');
});

test('TLS servers share a port until one claims a host twice', () => {
  const other = GATEWAY(server('p', 'a.com', 'PASSTHROUGH')).replace('name: g', 'name: h');
  const result = compiled(
    GATEWAY(server('p', 'a.com', 'PASSTHROUGH'), server('q', 'b.com', 'PASSTHROUGH')) +
      other +
      ROUTE('r', 'a.com, b.com', rule('a.com, b.com', 'x')),
  );
  assert.equal(
    result.complaints.map(({ code, resource }) => `${code} ${resource}`),
    ['SLU3002 Gateway/default/h'],
  );
  assert.equal(result.plan.listeners[0]!.chains[0]!.names, ['a.com', 'b.com']);
});

test('a rule that several servers of a port follow is there once, and no duplicate of itself', () => {
  const result = compiled(
    GATEWAY(server('p', 'a.com', 'PASSTHROUGH'), server('q', '"*.com"', 'PASSTHROUGH')) +
      GATEWAY(server('p', 'b.org', 'PASSTHROUGH')).replace('name: g', 'name: h') +
      ROUTE('r', '"*"', rule('a.com', 'x')).replace('gateways: [g]', 'gateways: [g, h]'),
  );
  assert.equal(result.complaints, []);
  assert.is(result.plan.listeners[0]!.chains[0]!.rules.length, 1);
  assert.equal(result.plan.listeners[0]!.gateways, ['default/g', 'default/h']);
});

test('bytes are looked at only where a name or protocol matters', () => {
  assert.is(compiled(PASS + ROUTE('r', '"*"', rule('"*"', 'a'))).plan.listeners[0]!.inspectsTls, false);
  assert.is(compiled(PASS + ROUTE('r', '"*"', rule('"*"', 'a'), 'h2')).plan.listeners[0]!.inspectsTls, true);
  assert.is(compiled(PASS + ROUTE('r', '"*"', rule('a.com', 'a'))).plan.listeners[0]!.inspectsTls, true);
});

test('AUTO_PASSTHROUGH reads the cluster from the server name', () => {
  const result = compiled(
    `${GATEWAY(server('p', '"*.local"', 'AUTO_PASSTHROUGH'))}
apiVersion: v1
kind: Service
metadata: { name: s }
spec: { ports: [{ port: 80 }] }
`,
  );
  const sni = 'outbound_.80_._.s.default.svc.cluster.local';
  assert.is(explain(result, { port: 443, sni, alpn: ['istio'] }).cluster, 'outbound|80||s.default.svc.cluster.local');
  assert.is(explain(result, { port: 443, sni }).outcome, 'no-route');
});

test('AUTO_PASSTHROUGH serves the hosts inside the mesh that its own cover, each once', () => {
  const entry = (name: string, hosts: string, location: string) =>
    `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec: { hosts: [${hosts}], location: ${location}, resolution: STATIC, ports: [{ number: 80, name: tls, protocol: TLS }] }
---
`;
  const entries =
    entry('in', 'a.com, b.a.com, c.b.a.com, xa.com, d.org, e.org', 'MESH_INTERNAL') +
    entry('wild', '"*.a.com", "*.b.a.com"', 'MESH_INTERNAL') +
    entry('out', 'z.a.com', 'MESH_EXTERNAL');
  const served = (hosts: string) =>
    compiled(`${GATEWAY(server('p', hosts, 'AUTO_PASSTHROUGH'))}${entries}`)
      .plan.listeners.flatMap(({ chains }) => chains.flatMap(({ names }) => names))
      .map((name) => name.replace('outbound_.80_._.', ''));
  assert.equal(served('"*.a.com"'), ['*.a.com', '*.b.a.com', 'b.a.com', 'c.b.a.com']);
  assert.equal(served('"*.b.a.com", d.org, b.a.com, "*.a.com"'), [
    '*.a.com',
    '*.b.a.com',
    'b.a.com',
    'c.b.a.com',
    'd.org',
  ]);
  assert.equal(served('a.com'), ['a.com']);
  assert.is(served('"*"').length, 8);
});

test('protocols of a match go before those of its rule, and tcp rules have none', () => {
  const both = compiled(PASS + ROUTE('r', '"*"', rule('a.com', 'x'), 'tls[0]=h2; tls[0].match[0]=acme-tls/1'));
  assert.is(host(both, 'a.com', ['acme-tls/1']), 'x');
  assert.is(host(both, 'a.com', ['h2']), null);
  const plain = compiled(`
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 443, name: p, protocol: TCP }, hosts: ["*"] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: r, annotations: { sluice.io/alpn: h2 } }
spec:
  hosts: ["*"]
  gateways: [g]
  tcp: [{ match: [{ port: 443 }], route: [{ destination: { host: y } }] }]
  tls: [{ match: [{ sniHosts: ["a.com"] }], route: [{ destination: { host: x } }] }]
`);
  assert.is(host(plain), 'y');
  assert.equal(
    plain.plan.listeners.map(({ inspectsTls }) => inspectsTls),
    [false],
  );
});

test.run();
