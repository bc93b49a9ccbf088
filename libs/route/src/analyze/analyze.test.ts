import { generateKeyPairSync } from 'node:crypto';
import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../compile.ts';
import { DEFAULT_LABELS } from '../options.ts';
import { type AnalyzeOptions, analyze } from './analyze.ts';

const PKCS8 = { type: 'pkcs8', format: 'pem' } as const;
const SPKI = { type: 'spki', format: 'pem' } as const;
/** Of nobody: `openssl req -x509 -newkey ed25519 -subj /CN=a.example.com`, its key thrown away. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBRjCB+aADAgECAhRHwVbzdyG7FDKq6Ul0fliRpm+WPTAFBgMrZXAwGDEWMBQG
A1UEAwwNYS5leGFtcGxlLmNvbTAgFw0yNjExMjIyMjA1MDdaGA8yMTI2MTAyOTIy
MDUwN1owGDEWMBQGA1UEAwwNYS5leGFtcGxlLmNvbTAqMAUGAytlcAMhAMc7ogjG
/HptgN97TvNJLVC/yI770Gg4HiW48LwwmLDxo1MwUTAdBgNVHQ4EFgQU0QoZjYAq
aGtnWhpjc2Ppr0oiMlswHwYDVR0jBBgwFoAU0QoZjYAqaGtnWhpjc2Ppr0oiMlsw
DwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQArX9FhLgNi4YqjbGonJfyIofuMauYk
6CnFCWsluszxCr06PNED4K0nWhyykFNB7MvavqvqqjNDAHdxdp+PdhgM
-----END CERTIFICATE-----`;

const test = suite('analyze');

function found(text: string, options: Partial<AnalyzeOptions> = {}): readonly string[] {
  const set = parseResources([{ path: 'test.yaml', text }]);
  const { resources, ignored, refused } = set;
  return analyze(resources, { labels: DEFAULT_LABELS, ignored, refused, ...options }).map(
    ({ code, level, resource, path }) => `${code} ${level} ${resource} ${path}`,
  );
}

function doc(kind: string, name: string, spec: string, metadata = '', apiVersion = 'networking.istio.io/v1'): string {
  return `\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}${metadata} }\nspec: ${spec}\n---\n`;
}

const service = (name: string, spec: string, metadata = '') => doc('Service', name, spec, metadata, 'v1');
const gateway = (name: string, more = '', selector = 'istio: ingressgateway') =>
  doc(
    'Gateway',
    name,
    `{ selector: { ${selector} }, servers: [{ port: { number: 7000, name: p, protocol: TCP }, hosts: ["*"]${more} }] }`,
  );
const route = (name: string, destination: string, gateways = 'g', metadata = '', more = '') =>
  doc(
    'VirtualService',
    name,
    `{ hosts: ["*"], gateways: [${gateways}], tcp: [{ route: [{ destination: ${destination} }] }]${more} }`,
    metadata,
  );

const S = service('s', '{ selector: { app: s }, ports: [{ port: 80, name: tcp }] }');

test('has nothing to say of a set in order', () => {
  const text = `${gateway('g')}${route('r', '{ host: s, subset: v1 }')}${S}${doc('DestinationRule', 'd', '{ host: s, subsets: [{ name: v1, labels: { version: v1 } }] }')}${doc('WorkloadEntry', 'w', '{ address: 10.0.0.1 }', ', labels: { app: s, version: v1 }')}`;
  assert.equal(found(text), []);
});

test('finds references to what is not there', () => {
  assert.equal(found(gateway('g') + route('r', '{ host: gone }')), [
    'SLU0101 error VirtualService/default/r spec.tcp[0].route[0].destination.host',
  ]);
  assert.equal(found(gateway('g') + S + route('r', '{ host: s, port: { number: 81 } }')), [
    'SLU0101 error VirtualService/default/r spec.tcp[0].route[0].destination.port',
  ]);
  assert.equal(found(gateway('g') + S + route('r', '{ host: s, subset: v1 }')), [
    'SLU0101 error VirtualService/default/r spec.tcp[0].route[0].destination.subset',
  ]);
  assert.equal(found(S + route('r', '{ host: s }', 'gone')), [
    'SLU0101 error VirtualService/default/r spec.gateways[0]',
    'SLU0132 warning VirtualService/default/r spec.gateways[0]',
  ]);
  assert.equal(found(gateway('g', '', 'istio: typo')), ['SLU0101 error Gateway/default/g spec.selector']);
});

test('takes the labels of every acceptor', () => {
  assert.equal(found(gateway('g', '', 'istio: typo'), { acceptors: [DEFAULT_LABELS, { istio: 'typo' }] }), []);
});

test('does not blame others for a resource that has errors of its own', () => {
  const broken = doc(
    'Gateway',
    'g',
    '{ selector: { istio: ingressgateway }, servers: [{ port: { number: 70000, name: p, protocol: TCP }, hosts: ["*"] }] }',
  );
  assert.equal(found(broken + S + route('r', '{ host: s }')), []);
});

test('asks for a port where a service has several', () => {
  const two = service('s', '{ ports: [{ port: 80, name: tcp-a }, { port: 81, name: tcp-b }] }');
  assert.equal(found(gateway('g') + two + route('r', '{ host: s }')), [
    'SLU0112 error VirtualService/default/r spec.tcp[0].route[0].destination',
  ]);
});

test('sees a service only from where it is exported to', () => {
  const hidden = service(
    's',
    '{ ports: [{ port: 80, name: tcp }] }',
    ', namespace: other, annotations: { networking.istio.io/exportTo: "." }',
  );
  const codes = found(gateway('g') + hidden + route('r', '{ host: s.other.svc.cluster.local }'));
  assert.ok(codes.includes('SLU0101 error VirtualService/default/r spec.tcp[0].route[0].destination.host'));
  assert.ok(codes.includes('SLU3016 warning VirtualService/default/r spec.tcp[0].route[0].destination'));
});

test('a wildcard ServiceEntry covers the hosts below it', () => {
  const entry = doc(
    'ServiceEntry',
    'e',
    '{ hosts: ["*.example.com"], addresses: [10.9.0.1], ports: [{ number: 80, name: tcp, protocol: TCP }] }',
  );
  assert.equal(found(gateway('g') + entry + route('r', '{ host: a.example.com }')), []);
});

test('tells both of two gateways that conflict, but not gateways of different acceptors', () => {
  assert.equal(
    found(gateway('a') + gateway('b')).filter((one) => one.startsWith('SLU0145')),
    ['SLU0145 error Gateway/default/a spec.servers[0]', 'SLU0145 error Gateway/default/b spec.servers[0]'],
  );
  const apart = gateway('a') + gateway('b', '', 'istio: other');
  assert.equal(
    found(apart, { acceptors: [DEFAULT_LABELS, { istio: 'other' }] }).filter((one) => one.startsWith('SLU0145')),
    [],
  );
  assert.equal(
    found(gateway('a') + gateway('b', ', bind: 10.0.0.1')).filter((one) => one.startsWith('SLU0145')),
    [],
  );
});

test('a credential that cannot be read is told of, one of other things is not', () => {
  const { privateKey } = generateKeyPairSync('ed25519', { privateKeyEncoding: PKCS8, publicKeyEncoding: SPKI });
  const tls = ', tls: { mode: SIMPLE, credentialName: c }';
  const secret = (data: string, type = 'Opaque') =>
    `\napiVersion: v1\nkind: Secret\nmetadata: { name: c, namespace: istio-system }\ntype: ${type}\nstringData: ${data}\n---\n`;
  const told = (text: string) =>
    found(gateway('g', tls).replace('protocol: TCP', 'protocol: TLS') + text).filter((one) => /SLU01/.test(one));
  const invalid = ['SLU0161 error Gateway/default/g spec.servers[0].tls.credentialName'];
  assert.equal(told(''), ['SLU0101 error Gateway/default/g spec.servers[0].tls.credentialName']);
  assert.equal(told(secret('{ other: x }')), []);
  assert.equal(told(secret(JSON.stringify({ 'tls.crt': CERTIFICATE, 'tls.key': privateKey }))), []);
  assert.equal(told(secret(JSON.stringify({ cert: CERTIFICATE, key: privateKey }))), []);
  assert.equal(told(secret('{ tls.crt: x, tls.key: y }', 'kubernetes.io/tls')), invalid);
  assert.equal(told(secret(JSON.stringify({ 'tls.crt': CERTIFICATE, 'tls.key': CERTIFICATE }))), invalid);
  assert.equal(told(secret(JSON.stringify({ 'tls.crt': CERTIFICATE }))), invalid);
});

test('the same holds for what a listener of the Gateway API refers to', () => {
  const secret = (namespace: string) =>
    `\napiVersion: v1\nkind: Secret\nmetadata: { name: c, namespace: ${namespace} }\nstringData: { tls.crt: x, tls.key: y }\n---\n`;
  const listener = '{ name: l, port: 7443, protocol: TLS, tls: { mode: Terminate, certificateRefs: [{ name: c }] } }';
  const text = doc(
    'Gateway',
    'g',
    `{ gatewayClassName: sluice, listeners: [${listener}] }`,
    '',
    'gateway.networking.k8s.io/v1',
  );
  const told = (more: string) => found(text + more).filter((one) => one.startsWith('SLU0161'));
  assert.equal(told(secret('istio-system')), []);
  assert.equal(told(secret('default')), [
    'SLU0161 error KubernetesGateway/default/g spec.listeners[0].tls.certificateRefs[0]',
  ]);
});

test('ServiceEntries that disagree about a port are told of where they can be seen together', () => {
  const entry = (name: string, protocol: string, exportTo = '["*"]', host = 'a.example.com', number = 443) =>
    doc(
      'ServiceEntry',
      name,
      `{ hosts: [${host}], addresses: [10.0.0.1], exportTo: ${exportTo}, ports: [{ number: ${number}, name: p, protocol: ${protocol} }] }`,
    );
  const told = (text: string) => found(text).filter((one) => one.startsWith('SLU0177'));
  const both = [
    'SLU0177 warning ServiceEntry/default/a spec.ports[0].protocol',
    'SLU0177 warning ServiceEntry/default/b spec.ports[0].protocol',
  ];
  assert.equal(told(entry('a', 'HTTPS') + entry('b', 'HTTP')), both);
  assert.equal(told(entry('a', 'HTTPS') + entry('b', 'HTTP', '[team]')), both);
  assert.equal(told(entry('a', 'HTTPS', '[.]') + entry('b', 'TLS', '[default]')), both);
  assert.equal(told(entry('a', 'https') + entry('b', 'HTTPS')), []);
  assert.equal(told(entry('a', 'HTTPS', '[x]') + entry('b', 'HTTP', '[y]')), []);
  assert.equal(told(entry('a', 'HTTPS') + entry('b', 'HTTP', '["*"]', 'b.example.com')), []);
  assert.equal(told(entry('a', 'HTTPS') + entry('b', 'HTTP', '["*"]', 'a.example.com', 80)), []);
});

test('an empty subset is a warning: it may be filled, or have been drained', () => {
  assert.equal(
    found(S + doc('DestinationRule', 'd', '{ host: s, subsets: [{ name: v1, labels: { version: v1 } }] }')),
    ['SLU0173 warning DestinationRule/default/d spec.subsets[0]'],
  );
});

test('an unknown host of a DestinationRule is a warning', () => {
  assert.equal(
    found(doc('DestinationRule', 'd', '{ host: gone, trafficPolicy: { loadBalancer: { simple: RANDOM } } }')),
    ['SLU0174 warning DestinationRule/default/d spec.host'],
  );
});

test('a route of the Gateway API is told of a missing backend', () => {
  const api = 'gateway.networking.k8s.io/v1alpha2';
  const text =
    doc(
      'Gateway',
      'g',
      '{ gatewayClassName: istio, listeners: [{ name: tcp, port: 7000, protocol: TCP }] }',
      '',
      'gateway.networking.k8s.io/v1',
    ) +
    doc(
      'TCPRoute',
      'r',
      '{ parentRefs: [{ name: g }], rules: [{ backendRefs: [{ name: gone, port: 80 }] }] }',
      '',
      api,
    );
  assert.equal(found(text), ['SLU0101 error TCPRoute/default/r spec.rules[0].backendRefs[0]']);
});

test('a port that the Service before the acceptor does not lead to is a warning', () => {
  const front = (target: number) =>
    service(
      'front',
      `{ selector: { istio: ingressgateway }, ports: [{ port: 80, name: tcp, targetPort: ${target} }] }`,
      ', namespace: istio-system',
    );
  const text = gateway('g') + S + route('r', '{ host: s }');
  assert.equal(found(text + front(7000)), []);
  assert.equal(found(text + front(7001)), ['SLU0162 warning Gateway/default/g spec.servers[0].port']);
});

test('a policy that selects nothing, or names a missing namespace, is told of', () => {
  const policy = (spec: string, namespace: string) =>
    doc('AuthorizationPolicy', 'p', spec, `, namespace: ${namespace}`, 'security.istio.io/v1');
  assert.equal(
    found(policy('{ selector: { matchLabels: { app: gone } } }', 'istio-system')).filter((one) =>
      one.startsWith('SLU01'),
    ),
    ['SLU0127 warning AuthorizationPolicy/istio-system/p spec.selector'],
  );
  assert.equal(
    found(policy('{ rules: [{ from: [{ source: { namespaces: [gone, istio-*] } }] }] }', 'istio-system')).filter(
      (one) => one.startsWith('SLU01'),
    ),
    ['SLU0101 error AuthorizationPolicy/istio-system/p spec.rules[0].from[0].source.namespaces[0]'],
  );
});

test('a pattern of namespaces is met by any whose name begins or ends so', () => {
  const patterns = [
    'istio-*',
    'ISTIO-*',
    '*-system',
    '*m',
    '*stio',
    'istio-systems*',
    'b*',
    'zz*',
    '*',
    'istio-system',
  ];
  const spec = `{ rules: [{ from: [{ source: { namespaces: [${patterns.map((one) => `"${one}"`).join(', ')}] } }] }] }`;
  const missing = found(doc('AuthorizationPolicy', 'p', spec, ', namespace: istio-system', 'security.istio.io/v1'))
    .filter((one) => one.startsWith('SLU0101'))
    .map((one) => patterns[Number(/namespaces\[(\d+)\]/.exec(one)?.[1])]);
  assert.equal(missing, ['*stio', 'istio-systems*', 'b*', 'zz*']);
});

test('a selector that means the pods of a Gateway of the Gateway API has no effect, unless acceptors have that label', () => {
  const label = 'gateway.networking.k8s.io/gateway-name';
  const policy = (spec: string) => doc('AuthorizationPolicy', 'p', spec, '', 'security.istio.io/v1');
  const selecting = policy(`{ selector: { matchLabels: { ${label}: edge } } }`);
  const told = (text: string, labels = DEFAULT_LABELS) =>
    found(text, { labels }).filter((one) => one.startsWith('SLU0168'));
  assert.equal(told(selecting), ['SLU0168 warning AuthorizationPolicy/default/p spec.selector']);
  assert.equal(told(selecting, { [label]: 'edge' }), []);
  assert.equal(told(policy('{ targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: edge }] }')), []);
});

test('rules for the mesh only have no place at an edge, which is told', () => {
  const rules = (gateways: string, match: string) =>
    doc(
      'VirtualService',
      'r',
      `{ hosts: [s.test]${gateways}, tcp: [{ ${match}route: [{ destination: { host: s } }] }] }`,
    );
  const told = (text: string) => found(gateway('g') + S + text).filter((one) => /SLU30(14|35)/.test(one));
  const whole = ['SLU3035 notice VirtualService/default/r spec.gateways'];
  assert.equal(told(rules('', '')), whole);
  assert.equal(told(rules(', gateways: [mesh]', '')), whole);
  assert.equal(told(rules(', gateways: [mesh, g]', '')), []);
  assert.equal(told(rules(', gateways: [mesh, g]', 'match: [{ gateways: [mesh] }], ')), [
    'SLU3035 notice VirtualService/default/r spec.tcp[0]',
  ]);
  assert.equal(told(rules(', gateways: [mesh, g]', 'match: [{ gateways: [mesh] }, { gateways: [other] }], ')), [
    'SLU3014 warning VirtualService/default/r spec.tcp[0]',
  ]);
  const part = doc('VirtualService', 'r', '{ http: [{ route: [{ destination: { host: s } }] }] }');
  assert.equal(told(part), []);
});

test('a host that other namespaces define too is followed as one of them does, which is told', () => {
  const entry = (namespace: string, exportTo: string) =>
    doc(
      'ServiceEntry',
      'e',
      `{ hosts: [db.test], addresses: [240.0.0.1], exportTo: [${exportTo}], resolution: STATIC, ports: [{ number: 9, name: p, protocol: TCP }] }`,
      `, namespace: ${namespace}`,
    );
  const told = (text: string) =>
    found(gateway('g') + route('r', '{ host: db.test }') + text).filter((one) => one.startsWith('SLU3036'));
  assert.equal(told(entry('a', '"*"') + entry('b', '"*"')), [
    'SLU3036 notice VirtualService/default/r spec.tcp[0].route[0].destination',
  ]);
  assert.equal(told(entry('a', '"*"') + entry('b', '"."')), []);
  assert.equal(told(entry('a', '"*"') + entry('a2', 'a2')), []);
});

test('an ExternalName Service without ports has every port', () => {
  const named = (ports: string) => service('s', `{ type: ExternalName, externalName: db.example.com${ports} }`);
  const text = gateway('g') + route('r', '{ host: s, port: { number: 5432 } }');
  const backend = doc(
    'TCPRoute',
    't',
    '{ rules: [{ backendRefs: [{ name: s, port: 5432 }] }] }',
    '',
    'gateway.networking.k8s.io/v1',
  );
  const hosts = (set: string) => found(set).filter((one) => one.startsWith('SLU0101'));
  assert.equal(hosts(text + backend + named('')), []);
  assert.equal(hosts(text + backend + named(', ports: [{ port: 80, name: http }]')), [
    'SLU0101 error TCPRoute/default/t spec.rules[0].backendRefs[0]',
    'SLU0101 error VirtualService/default/r spec.tcp[0].route[0].destination.port',
  ]);
});

test('leaves the port names of a control plane to it', () => {
  const odd = (labels: string) =>
    found(service('s', '{ ports: [{ port: 8080, name: what }] }', `, labels: { ${labels} }`));
  assert.ok(odd('app: s').some((one) => one.startsWith('SLU0118')));
  assert.equal(odd('istio: pilot'), []);
  assert.equal(odd('release: istio'), []);
});

test('a Deployment is something a gateway may run on', () => {
  const text = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: edge }
spec: { template: { metadata: { labels: { istio: edge } } } }
---
`;
  assert.equal(found(text + gateway('g', '', 'istio: edge')), []);
});

test('a gateway that Istio makes for itself is told of, be it there or not', () => {
  const name = 'g-istio-autogenerated-k8s-gateway-p';
  const told = ['SLU0165 warning VirtualService/default/r spec.gateways[0]'];
  assert.equal(found(S + route('r', '{ host: s }', name)), told);
  assert.equal(found(S + gateway(name) + route('r', '{ host: s }', name)), told);
});

test('a node without a region has no region label to select by', () => {
  const text = `
apiVersion: v1
kind: Node
metadata: { name: n, labels: { topology.kubernetes.io/region: "" } }
---
apiVersion: v1
kind: Pod
metadata: { name: p, labels: { app: s } }
spec: { nodeName: n }
---
`;
  const subset = '{ name: v1, labels: { topology.kubernetes.io/region: "" } }';
  assert.equal(
    found(text + S + doc('DestinationRule', 'd', `{ host: s, subsets: [${subset}] }`)).filter((one) =>
      one.startsWith('SLU0173'),
    ),
    ['SLU0173 warning DestinationRule/default/d spec.subsets[0]'],
  );
});

test('holds what compiling drops', () => {
  const text = gateway('g') + S + route('a', '{ host: s }') + route('b', '{ host: s }');
  assert.equal(found(text), ['SLU3004 warning VirtualService/default/b spec.tcp[0]']);
});

test('more complaints than a call takes arguments are told', () => {
  const compiled = compile([], { labels: DEFAULT_LABELS });
  const complaints = Array.from({ length: 200_000 }, (_, i) => ({
    code: 'SLU3003' as const,
    level: 'warning' as const,
    message: `${i}`,
    resource: 'TLSRoute/a/b',
    path: 'spec',
  }));
  assert.is(analyze([], { labels: DEFAULT_LABELS, compiled: { ...compiled, complaints } }).length, complaints.length);
});

test.run();
