import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Compiled, compile } from './compile.ts';
import { explain } from './explain.ts';
import { DEFAULT_LABELS } from './options.ts';

const test = suite('gateway api');

function compiled(text: string): Compiled {
  const set = parseResources([{ path: 'test.yaml', text }]);
  assert.ok(set.ok, JSON.stringify(set.issues));
  return compile(set.resources, { labels: DEFAULT_LABELS });
}

const GATEWAY = (listeners: string, more = '') => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: g }
spec: { gatewayClassName: istio, listeners: [${listeners}]${more} }
---
`;
const TCP = '{ name: tcp, port: 7000, protocol: TCP }';
const ROUTE = (kind: string, spec: string, name = 'r', namespace = 'default') => `
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ${spec} }
---
`;
const to = (name: string, more = '') => `rules: [{ backendRefs: [{ name: ${name}, port: 80${more} }] }]`;
const BACKEND = `
apiVersion: v1
kind: Service
metadata: { name: s }
spec: { selector: { app: s }, ports: [{ port: 80 }] }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: w, labels: { app: s } }
spec: { address: 10.0.0.1 }
---
`;
const codes = ({ complaints }: Compiled) => complaints.map(({ code }) => code);

test('a TCPRoute leads from a listener to a Service', () => {
  const result = compiled(GATEWAY(TCP) + BACKEND + ROUTE('TCPRoute', `parentRefs: [{ name: g }], ${to('s')}`));
  const found = explain(result, { port: 7000 });
  assert.is(found.route, 'default/r/tcproute[0]');
  assert.is(found.cluster, 'outbound|80||s.default.svc.cluster.local');
  assert.equal(found.endpoints, ['10.0.0.1:80']);
  assert.equal(result.plan.listeners[0]!.gateways, ['default/g']);
  assert.equal(codes(result), []);
});

test('a TLSRoute takes the names it shares with the listener', () => {
  const listener = (hostname: string) =>
    GATEWAY(`{ name: tls, port: 443, protocol: TLS, ${hostname} tls: { mode: Passthrough } }`);
  const route = (hostnames: string) => ROUTE('TLSRoute', `parentRefs: [{ name: g }], ${hostnames} ${to('s')}`);
  const names = (hostname: string, hostnames: string) =>
    compiled(listener(hostname) + route(hostnames)).plan.listeners[0]?.chains[0]?.names;
  assert.equal(names('', 'hostnames: [a.x.com, b.y.com],'), ['a.x.com', 'b.y.com']);
  assert.equal(names('hostname: "*.x.com",', 'hostnames: [a.x.com, b.y.com],'), ['a.x.com']);
  assert.equal(names('hostname: a.x.com,', 'hostnames: ["*.x.com"],'), ['a.x.com']);
  assert.equal(names('hostname: a.x.com,', ''), ['a.x.com']);
  assert.equal(names('', ''), ['*']);
  assert.is(names('hostname: a.x.com,', 'hostnames: [b.x.com],'), undefined);
});

test('a route is bound by section and port', () => {
  const gateway = GATEWAY('{ name: one, port: 7000, protocol: TCP }, { name: two, port: 7001, protocol: TCP }');
  const ports = (parent: string) =>
    compiled(gateway + ROUTE('TCPRoute', `parentRefs: [{ name: g${parent} }], ${to('s')}`)).plan.listeners.map(
      ({ port }) => port,
    );
  assert.equal(ports(''), [7000, 7001]);
  assert.equal(ports(', sectionName: two'), [7001]);
  assert.equal(ports(', port: 7000'), [7000]);
  assert.equal(ports(', sectionName: two, port: 7000'), []);
});

test('a listener takes only routes it allows', () => {
  const route = ROUTE('TCPRoute', `parentRefs: [{ name: g, namespace: default }], ${to('s')}`, 'r', 'other');
  const open = (allowed: string) => {
    const result = compiled(GATEWAY(`{ name: tcp, port: 7000, protocol: TCP${allowed} }`) + route);
    return result.plan.listeners.length === 1 ? 'open' : codes(result).join(' ');
  };
  assert.is(open(''), 'SLU3006 SLU3027');
  assert.is(open(', allowedRoutes: { namespaces: { from: All } }'), 'open');
  assert.is(open(', allowedRoutes: { namespaces: { from: None } }'), 'SLU3006 SLU3027');
  const selector = 'selector: { matchLabels: { kubernetes.io/metadata.name: other } }';
  assert.is(open(`, allowedRoutes: { namespaces: { from: Selector, ${selector} } }`), 'open');
  assert.is(open(', allowedRoutes: { namespaces: { from: All }, kinds: [{ kind: TLSRoute }] }'), 'SLU3006 SLU3027');
});

test('what leads nowhere has no DestinationRule, not even one for every host', () => {
  const route = ROUTE(
    'TCPRoute',
    'parentRefs: [{ name: g }], rules: [{ backendRefs: [{ name: s, namespace: other, port: 80 }] }]',
  );
  const rule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: all, namespace: istio-system }
spec: { host: "*", trafficPolicy: { connectionPool: { tcp: { idleTimeout: 5s } } } }
---`;
  const { plan } = compiled(GATEWAY(TCP) + rule + route);
  assert.is(plan.listeners[0]?.chains[0]?.rules[0]?.route.idleTimeoutMs, 3_600_000);
});

test('a backend elsewhere needs a grant; without one its share fails', () => {
  const route = ROUTE(
    'TCPRoute',
    `parentRefs: [{ name: g }], rules: [{ backendRefs: [{ name: s, port: 80, weight: 3 }, { name: s, namespace: other, port: 80 }] }]`,
  );
  const refused = compiled(GATEWAY(TCP) + BACKEND + route);
  assert.equal(codes(refused), ['SLU3028']);
  assert.equal(
    explain(refused, { port: 7000 }).split.map(({ cluster, share }) => `${cluster} ${share}`),
    ['outbound|80||s.default.svc.cluster.local 0.75', 'BlackHoleCluster 0.25'],
  );
  const grant = `
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: x, namespace: other }
spec: { from: [{ group: gateway.networking.k8s.io, kind: TCPRoute, namespace: default }], to: [{ group: "", kind: Service }] }
`;
  const granted = compiled(GATEWAY(TCP) + BACKEND + route + grant);
  assert.equal(codes(granted), []);
  assert.is(explain(granted, { port: 7000 }).split[1]!.cluster, 'outbound|80||s.other.svc.cluster.local');
});

test('a missing parent is told of', () => {
  const result = compiled(ROUTE('TCPRoute', `parentRefs: [{ name: gone }], ${to('s')}`));
  assert.match(result.complaints[0]!.message, 'Gateway default/gone is not found');
});

test('a Gateway of another controller is left alone', () => {
  const foreign = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: istio }
spec: { controllerName: example.com/other }
---
`;
  const result = compiled(foreign + GATEWAY(TCP) + ROUTE('TCPRoute', `parentRefs: [{ name: g }], ${to('s')}`));
  assert.equal(result.plan.listeners, []);
  assert.equal(result.idle, []);
});

test('the address of a Gateway is what its listeners bind to', () => {
  const result = compiled(
    GATEWAY(TCP, ', addresses: [{ value: 10.0.0.1 }, { value: 10.0.0.2 }]') +
      ROUTE('TCPRoute', `parentRefs: [{ name: g }], ${to('s')}`),
  );
  assert.equal(
    result.plan.listeners.map(({ name }) => name),
    ['10.0.0.1_7000', '10.0.0.2_7000'],
  );
});

test.run();
