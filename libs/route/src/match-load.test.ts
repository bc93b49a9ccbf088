import { keyOf, parseResources, type Resource } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { analyze } from './analyze/analyze.ts';
import { compile } from './compile.ts';
import { MAX_SAID } from './complaint-book.ts';
import { Analyzer } from './incremental/analyzer.ts';
import { Compiler } from './incremental/compiler.ts';
import { DEFAULT_LABELS } from './options.ts';

const test = suite('match load');

const options = { labels: DEFAULT_LABELS };
const read = (text: string): readonly Resource[] => {
  const set = parseResources([{ path: 'test.yaml', text }]);
  assert.ok(set.ok, JSON.stringify(set.issues.slice(0, 3)));
  return set.resources;
};
const codesOf = (resources: readonly Resource[]) => [...new Set(analyze(resources, options).map(({ code }) => code))];

const listeners = Array.from(
  { length: 64 },
  (_, i) => `{ name: l${i}, port: ${8000 + i}, protocol: TLS, tls: { mode: Passthrough } }`,
).join(', ');
const GATEWAYS = Array.from(
  { length: 32 },
  (_, i) => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: g${i} }
spec: { gatewayClassName: sluice, addresses: [{ value: 10.0.0.${i + 1} }], listeners: [${listeners}] }
---
`,
).join('');
const parents = Array.from({ length: 32 }, (_, i) => `{ name: g${i} }`).join(', ');
const tlsRoute = (name: string, hostname: string) => `apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: { name: ${name} }
spec: { parentRefs: [${parents}], hostnames: [${hostname}], rules: [{ backendRefs: [{ name: s, port: 443 }] }] }
---
`;
const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: { ports: [{ port: 443 }] }\n---\n';
const tlsRoutes = (count: number) =>
  Array.from({ length: count }, (_, i) => tlsRoute(`r${i}`, 'a.example.com')).join('');

test('a route skipped at 2048 listeners is told of a few times, and how often it was', () => {
  const complaints = analyze(read(GATEWAYS + SERVICE + tlsRoutes(2)), options).filter(({ code }) => code === 'SLU3003');
  assert.is(complaints.length, MAX_SAID + 1);
  assert.is(
    complaints.reduce((sum, { more }) => sum + (more ?? 0), 0),
    32 * 64 - MAX_SAID,
  );
});

test('two thousand small routes with four million matches are refused before they are compiled', () => {
  const complaints = analyze(read(GATEWAYS + SERVICE + tlsRoutes(2_000)), options);
  const errors = complaints.filter(({ level }) => level === 'error');
  assert.equal(
    errors.map(({ code }) => code),
    ['SLU3037'],
  );
  assert.ok(complaints.length < 100);
});

test('a few routes with a thousand names for sixteen rules at every listener are refused as soon as they are read', () => {
  const names = (route: number) => Array.from({ length: 1_024 }, (_, i) => `h${i}.r${route}.com`).join(', ');
  const rules = Array.from({ length: 16 }, () => '{ backendRefs: [{ name: s, port: 443 }] }').join(', ');
  const routes = Array.from({ length: 20 }, (_, i) =>
    tlsRoute(`r${i}`, names(i)).replace(/rules: .*/, `rules: [${rules}] }`),
  );
  const before = process.memoryUsage().rss;
  assert.ok(codesOf(read(GATEWAYS + SERVICE + routes.join(''))).includes('SLU3037'));
  assert.ok(process.memoryUsage().rss - before < 1 << 30);
});

const gateway = (servers: string) => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g }
spec: { selector: { istio: ingressgateway }, servers: [${servers}] }
---
`;
const virtualService = (spec: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: v }
spec: { hosts: ["*"], gateways: [g], ${spec} }
---
`;
const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(', ');

test('narrow rules at every port of a gateway count at each', () => {
  const tcp = (i: number) => `{ name: p${i}, number: ${1024 + i}, protocol: TCP }`;
  const ports = times(2_000, (i) => `{ port: ${tcp(i)}, hosts: ["*"] }`);
  const rules = times(
    2_000,
    (i) => `{ match: [{ sourceSubnet: 10.${i >> 8}.${i & 255}.0/24 }], route: [{ destination: { host: s } }] }`,
  );
  assert.ok(codesOf(read(gateway(ports) + SERVICE + virtualService(`tcp: [${rules}]`))).includes('SLU3037'));
});

test('one plain rule at thousands of ports is nothing unusual', () => {
  const tcp = (i: number) => `{ name: p${i}, number: ${1024 + i}, protocol: TCP }`;
  const ports = times(5_000, (i) => `{ port: ${tcp(i)}, hosts: ["*"] }`);
  const rule = 'tcp: [{ route: [{ destination: { host: s } }] }]';
  assert.not.ok(codesOf(read(gateway(ports) + SERVICE + virtualService(rule))).includes('SLU3037'));
});

test('thousands of ports with a route each are nothing unusual', () => {
  const tcp = (i: number) => `{ port: { name: p${i}, number: ${1024 + i}, protocol: TCP }, hosts: ["*"] }`;
  const one = (i: number) =>
    virtualService(`tcp: [{ match: [{ port: ${1024 + i} }], route: [{ destination: { host: s } }] }]`).replace(
      'name: v',
      `name: v${i}`,
    );
  const routes = Array.from({ length: 3_000 }, (_, i) => one(i)).join('');
  assert.not.ok(codesOf(read(gateway(times(3_000, tcp)) + SERVICE + routes)).includes('SLU3037'));
});

test('hosts count where a rule is tried at every port', () => {
  const tcp = (i: number) => `{ port: { name: p${i}, number: ${1024 + i}, protocol: TCP }, hosts: ["*"] }`;
  const hosts = times(1_100, (i) => `h${i}.com`);
  const rule = 'tcp: [{ match: [{ sourceSubnet: 10.0.0.0/8 }], route: [{ destination: { host: s } }] }]';
  const route = virtualService(rule).replace('hosts: ["*"]', `hosts: [${hosts}]`);
  assert.ok(codesOf(read(gateway(times(1_000, tcp)) + SERVICE + route)).includes('SLU3037'));
});

test('matches at gateways that are not there count too', () => {
  const names = times(2_000, (i) => `n${i}`);
  const rules = times(2_000, (i) => `{ match: [{ port: ${i + 1} }], route: [{ destination: { host: s } }] }`);
  const text = virtualService(`tcp: [${rules}]`).replace('gateways: [g]', `gateways: [${names}]`);
  assert.ok(codesOf(read(SERVICE + text)).includes('SLU3037'));
});

test('a version with too much to match is not compiled, and the one after it is judged as ever', () => {
  const small = read(GATEWAYS + SERVICE + tlsRoutes(2));
  const many = read(tlsRoutes(2_000));
  const creation = () => 1;
  const analyzer = new Analyzer(options);
  analyzer.start(small, creation);
  const before = analyzer.complaints();
  analyzer.change({ put: many, delete: [] }, creation);
  assert.equal(
    analyzer.complaints().map(({ code }) => code),
    ['SLU3037'],
  );
  analyzer.change({ put: small, delete: many.slice(2).map(keyOf) }, creation);
  assert.equal(analyzer.complaints(), before);
  assert.throws(() => new Compiler(options).start([...small, ...many], creation), /more than 1000000 matches/);
  assert.equal(compile([...small, ...many], options).plan.listeners, []);
});

test('changes one by one are weighed as the whole', () => {
  const rule = (i: number) => `{ match: [{ port: ${i + 1} }], route: [{ destination: { host: s } }] }`;
  const rules = `tcp: [${times(1_000, rule)}]`;
  const names = times(400, (i) => `n${i}`);
  const routes = ['a', 'b', 'c'].map(
    (name) =>
      read(
        virtualService(rules).replace('name: v', `name: ${name}`).replace('gateways: [g]', `gateways: [${names}]`),
      )[0]!,
  );
  const analyzer = new Analyzer(options);
  analyzer.start(read(SERVICE), () => 1);
  const isTooMuch = () => analyzer.complaints()[0]?.code === 'SLU3037';
  const found: boolean[] = [];
  for (const one of routes) {
    analyzer.change({ put: [one], delete: [] }, () => 1);
    found.push(isTooMuch());
  }
  analyzer.change({ put: [], delete: [keyOf(routes[0]!)] }, () => 1);
  found.push(isTooMuch());
  assert.equal(found, [false, false, true, false]);
});

test('subnets and protocols that a match lists count at every port', () => {
  const servers = (tls: string) =>
    Array.from(
      { length: 1_000 },
      (_, i) =>
        `{ port: { number: ${8000 + i}, name: p${i}, protocol: ${tls === '' ? 'TCP' : 'TLS'} }, hosts: ["*"]${tls} }`,
    );
  const set = (tls: string, metadata: string, rules: string) =>
    read(`apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g }
spec: { selector: { istio: ingressgateway }, servers: [${servers(tls).join(', ')}] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: v${metadata} }
spec: { hosts: ["*"], gateways: [g], ${rules} }
`);
  const destination = 'route: [{ destination: { host: s } }]';
  const subnets = (count: number) => Array.from({ length: count }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`).join(', ');
  const tcp = (count: number) =>
    set('', '', `tcp: [{ match: [{ destinationSubnets: [${subnets(count)}] }], ${destination} }]`);
  assert.not(codesOf(tcp(10)).includes('SLU3037'));
  assert.ok(codesOf(tcp(1_000)).includes('SLU3037'));
  const tls = (count: number) =>
    set(
      ', tls: { mode: PASSTHROUGH }',
      `, annotations: { sluice.io/alpn: "${Array.from({ length: count }, (_, i) => `p${i}`).join(',')}" }`,
      `tls: [{ match: [{ sniHosts: ["*"] }], ${destination} }]`,
    );
  assert.not(codesOf(tls(10)).includes('SLU3037'));
  assert.ok(codesOf(tls(1_000)).includes('SLU3037'));
});

test.run();
