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

test('thirty routes with a thousand names at two thousand listeners that take none are told of at once', () => {
  const listeners = Array.from(
    { length: 64 },
    (_, i) => `{ name: l${i}, port: ${8000 + i}, protocol: TLS, hostname: x.org, tls: { mode: Passthrough } }`,
  ).join(', ');
  const gateways = Array.from({ length: 32 }, (_, i) => GATEWAY(listeners).replace('name: g', `name: g${i}`));
  const parents = gateways.map((_, i) => `{ name: g${i} }`).join(', ');
  const names = (route: number) => Array.from({ length: 1_000 }, (_, i) => `h${i}.r${route}.com`).join(', ');
  const routes = Array.from({ length: 30 }, (_, i) =>
    ROUTE('TLSRoute', `parentRefs: [${parents}], hostnames: [${names(i)}], ${to('s')}`, `r${i}`),
  );
  const { complaints } = compiled([...gateways, ...routes].join('') + BACKEND);
  const refused = complaints.filter(({ code }) => code === 'SLU3027');
  assert.is(
    refused.reduce((sum, { more = 1 }) => sum + more, 0),
    30 * 32,
  );
  assert.ok(refused.every(({ message }) => message.length < 300));
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

const ENDED = (tls: string, more = '') =>
  `{ name: tls, port: 7443, protocol: TLS, hostname: a.com, tls: { mode: Terminate, ${tls} }${more} }`;
const SECRET = (name: string, data = 'tls.crt: certificate, tls.key: private', namespace = 'default') => `
apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: ${namespace} }
stringData: { ${data} }
---
`;
const REFERENCES = 'certificateRefs: [{ name: a }]';
const TCP_ROUTE = ROUTE('TCPRoute', `parentRefs: [{ name: g }], ${to('s')}`);
const PRESENTED = [{ certificate: { text: 'certificate' }, privateKey: { text: 'private' } }];

test('a TLS listener that terminates presents its Secret, and a TCPRoute says where the connection goes', () => {
  const addresses = ', addresses: [{ value: 10.0.0.1 }, { value: 10.0.0.2 }]';
  const result = compiled(GATEWAY(ENDED(REFERENCES), addresses) + TCP_ROUTE + BACKEND + SECRET('a'));
  assert.equal(
    result.complaints.filter(({ level }) => level !== 'notice'),
    [],
  );
  const found = explain(result, { port: 7443, destination: '10.0.0.2', sni: 'a.com' });
  assert.is(found.route, 'default/r/tcproute[0]');
  assert.ok(found.why.some((step) => step.includes('TLS is ended')));
  assert.is(explain(result, { port: 7443, destination: '10.0.0.2', sni: 'b.com' }).outcome, 'no-route');
  // Both addresses are one listener.
  assert.equal(
    result.tls.map(({ name, clients, certificates }) => ({ name, clients, certificates })),
    [
      {
        name: 'KubernetesGateway/default/g spec.listeners[0]',
        clients: 'none',
        certificates: PRESENTED,
      },
    ],
  );
});

/** In namespace other, to namespace default. */
const GRANT = (from: string, ...names: readonly string[]) => `
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: grant, namespace: other }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: ${from}, namespace: default }]
  to: [${names.map((name) => `{ group: "", kind: Secret, name: ${name} }`).join(', ')}]
---
`;

test('a Secret of another namespace needs a ReferenceGrant to Gateways', () => {
  const there = GATEWAY(ENDED('certificateRefs: [{ name: a, namespace: other }]')) + TCP_ROUTE + BACKEND;
  const secrets = SECRET('a', undefined, 'other') + SECRET('a');
  const refusal = (text: string) => compiled(there + secrets + text).tls[0]?.refusal;
  const refused = 'no ReferenceGrant in namespace other allows Secret a to Gateways of namespace default';
  assert.is(refusal(''), refused);
  assert.is(refusal(GRANT('TCPRoute', 'a')), refused);
  assert.is(refusal(GRANT('Gateway', 'b')), refused);
  assert.is(refusal(GRANT('Gateway', 'a')), '');
  assert.equal(compiled(there + secrets + GRANT('Gateway', 'a')).tls[0]?.certificates, PRESENTED);
});

test('without a certificate every handshake is refused, and it is told of', () => {
  const refusal = (tls: string, secret = '') => {
    const result = compiled(GATEWAY(ENDED(tls)) + TCP_ROUTE + BACKEND + secret);
    assert.ok(result.complaints.some(({ code }) => code === 'SLU3034'));
    return result.tls[0]?.refusal;
  };
  // Those of the acceptor's namespace are Istio's credentials, not the Gateway API's.
  assert.is(refusal(REFERENCES, SECRET('a', undefined, 'istio-system')), 'no Secret a');
  assert.is(
    refusal('certificateRefs: [{ kind: ConfigMap, name: a }]', SECRET('a')),
    'certificate reference a is no Secret',
  );
  assert.is(refusal('options: { x: y }'), 'no certificateRefs');
  assert.is(refusal(REFERENCES, SECRET('a', 'ca.crt: x')), 'no certificate and key in Secret a');
});

test("Istio's option for client certificates is followed, and a listener that asks for them in another way is not served", () => {
  const mode = (name: string) => `${REFERENCES}, options: { gateway.istio.io/tls-terminate-mode: ${name} }`;
  const compiledWith = (listener: string, more = '') =>
    compiled(GATEWAY(listener, more) + TCP_ROUTE + BACKEND + SECRET('a') + SECRET('a-cacert', 'ca.crt: authority'));
  const [ended] = compiledWith(ENDED(mode('MUTUAL'))).tls;
  assert.equal([ended?.refusal, ended?.clients, ended?.clientAuthorities], ['', 'required', { text: 'authority' }]);
  const validation = 'caCertificateRefs: [{ kind: ConfigMap, group: "", name: ca }]';
  for (const result of [
    compiledWith(ENDED(mode('ISTIO_MUTUAL'))),
    compiledWith(ENDED(`${REFERENCES}, frontendValidation: { ${validation} }`)),
    compiledWith(ENDED(REFERENCES), `, tls: { frontend: { default: { validation: { ${validation} } } } }`),
  ]) {
    assert.equal(result.plan.listeners, []);
    assert.equal(
      result.idle.map(({ code }) => code),
      ['SLU3008'],
    );
  }
});

test("the authorities of clients in another namespace need a grant of their own Secret's name", () => {
  const listener = ENDED(
    `certificateRefs: [{ name: a, namespace: other }], options: { gateway.istio.io/tls-terminate-mode: MUTUAL }`,
  );
  const secrets = SECRET('a', undefined, 'other') + SECRET('a-cacert', 'ca.crt: authority', 'other');
  const ended = (text: string) => compiled(GATEWAY(listener) + TCP_ROUTE + BACKEND + secrets + text).tls[0];
  assert.is(ended(GRANT('Gateway', 'a', 'a-cacert'))?.refusal, '');
  assert.equal(ended(GRANT('Gateway', 'a', 'a-cacert'))?.clientAuthorities, { text: 'authority' });
  const refused = 'no ReferenceGrant in namespace other allows Secret a-cacert to Gateways of namespace default';
  assert.equal(
    [ended(GRANT('Gateway', 'a'))?.refusal, ended(GRANT('Gateway', 'a'))?.clientAuthorities],
    [refused, null],
  );
});

test('a listener that ends TLS takes no TLSRoute', () => {
  const route = ROUTE('TLSRoute', `hostnames: [a.com], parentRefs: [{ name: g }], ${to('s')}`);
  const result = compiled(GATEWAY(ENDED(REFERENCES)) + route + BACKEND + SECRET('a'));
  assert.match(result.complaints.find(({ code }) => code === 'SLU3027')!.message, 'takes no TLSRoute');
});

test.run();
