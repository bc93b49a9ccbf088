import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseResources } from './parse.ts';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('kubernetes-rules');

const service = manifestOf('v1', 'Service');
const PORT = { port: 80 };
const slice = (more: Spec) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'a' },
  addressType: 'IPv4',
  ...more,
});
const secret = (more: Spec) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, ...more });
const makeGateway = manifestOf('gateway.networking.k8s.io/v1', 'Gateway');
const gateway = (...listeners: readonly Spec[]) =>
  makeGateway({
    gatewayClassName: 'sluice',
    listeners: listeners.map((each) => ({ name: 'l', port: 443, protocol: 'TLS', ...each })),
  });
const route = (kind: string, spec: Spec) => manifestOf('gateway.networking.k8s.io/v1alpha2', kind)(spec);
const under = (...parents: readonly Spec[]) =>
  route('TCPRoute', { parentRefs: parents.map((each) => ({ name: 'g', ...each })), rules: [TO] });
const TO = { backendRefs: [{ name: 'b', port: 80 }] };
const PASS = { tls: { mode: 'Passthrough' } };

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['a service', service({ ports: [PORT], selector: { app: 'a' } }), []],
  ['a service without ports', service({}), ['a service must have at least one port']],
  ['a headless service without ports', service({ clusterIP: 'None' }), []],
  [
    'ports without names',
    service({ ports: [PORT, { port: 81 }] }),
    ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
  ],
  [
    'ports that repeat',
    service({
      ports: [
        { ...PORT, name: 'a' },
        { ...PORT, name: 'a', targetPort: 'TOO BAD' },
      ],
    }),
    ['duplicate port name: a', 'duplicate port: TCP 80', 'invalid port name: TOO BAD'],
  ],
  ['a name elsewhere', service({ type: 'ExternalName', externalName: 'a.b' }), []],
  ['no name elsewhere', service({ type: 'ExternalName' }), ['externalName must be a DNS name']],
  ['a slice', slice({ endpoints: [{ addresses: ['1.2.3.4'] }], ports: [{ name: 'a', port: 1 }] }), []],
  ['a slice of the other family', slice({ endpoints: [{ addresses: ['::1'] }] }), ['::1 is not a valid IPv4 address']],
  ['a slice without addresses', slice({ endpoints: [{ addresses: [] }] }), ['an endpoint has 1 to 100 addresses']],
  ['a TLS secret', secret({ type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' } }), []],
  [
    'a TLS secret without key',
    secret({ type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==' } }),
    ['data[tls.key]: Required value'],
  ],
  [
    'a certificate without key',
    secret({ data: { cert: 'YQ==' } }),
    ['SLU2092 spec.data: the secret has cert but no key'],
  ],
  ['data that is not base64', secret({ data: { a: '%' } }), ['must be base64; plain text belongs in stringData']],
  ['a gateway', gateway({ ...PASS, hostname: '*.a.b' }), []],
  [
    'listeners that repeat',
    gateway(PASS, PASS),
    ['Listener name must be unique', 'Combination of port, protocol and hostname must be unique'],
  ],
  [
    'a name on TCP',
    gateway({ protocol: 'TCP', hostname: 'a.b' }),
    ["hostname must not be specified for protocols ['TCP', 'UDP']"],
  ],
  ['TLS without mode', gateway({}), ['tls mode must be set for protocol TLS']],
  [
    'TLS without certificate',
    gateway({ tls: { mode: 'Terminate' } }),
    ['certificateRefs or options must be specified when mode is Terminate'],
  ],
  [
    'a hostname that is an address',
    gateway({ ...PASS, hostname: '1.2.3.4' }),
    ['top level domain "4" cannot be all-numeric'],
  ],
  ['an unknown protocol', gateway({ protocol: 'KAFKA' }), ['unsupported protocol: KAFKA']],
  ['routes', route('TCPRoute', { rules: [TO] }), []],
  [
    'a route without port',
    route('TCPRoute', { rules: [{ backendRefs: [{ name: 'b' }] }] }),
    ['Must have port for Service reference'],
  ],
  [
    'a route without backend',
    route('TLSRoute', { hostnames: ['a.b'], rules: [{ backendRefs: [] }] }),
    ['spec.rules[0].backendRefs: must have 1 to 16 items, has 0'],
  ],
  ['a route with a bad name', route('TLSRoute', { hostnames: ['A.b'], rules: [TO] }), ['invalid hostname "A.b"']],
  [
    'names of sections and classes',
    makeGateway({ gatewayClassName: '', listeners: [{ name: 'L', port: 80, protocol: 'TCP' }] }),
    ['SLU2093 spec.gatewayClassName: spec.gatewayClassName: Invalid value', 'SLU2093 spec.listeners[0].name:'],
  ],
  ['a hostname with a final dot', gateway({ hostname: 'a.b.', ...PASS }), ['invalid hostname "a.b."']],
  ['parts of a parent', under({ sectionName: 'a' }, { sectionName: 'b' }, { namespace: 'x' }), []],
  ['ports of a parent', under({ port: 1 }, { port: 2 }), []],
  [
    'a parent twice',
    under({}, { kind: 'Gateway' }),
    ['SLU2093 spec.parentRefs[1]: sectionName or port must be unique'],
  ],
  [
    'a part of a parent twice',
    under({ sectionName: 'a', port: 1 }, { sectionName: 'a', port: 1 }),
    ['sectionName or port must be unique when parentRefs includes 2 or more references to the same parent'],
  ],
  [
    'a parent and a part of it',
    under({}, { sectionName: 'b' }),
    ['sectionName or port must be specified when parentRefs includes 2 or more references to the same parent'],
  ],
  ['a parent without a name', under({ name: '' }), ['spec.parentRefs[0].name: Invalid value']],
  [
    'a grant of nothing to nobody',
    manifestOf('gateway.networking.k8s.io/v1beta1', 'ReferenceGrant')({ from: [], to: [] }),
    ['spec.from: must have 1 to 16 items, has 0', 'spec.to: must have 1 to 16 items, has 0'],
  ],
  [
    'a secret cut short',
    secret({ data: { x: 'eA=' } }),
    ['SLU2090 spec.data.x: data["x"]: Invalid value: base64 cut short'],
  ],
  [
    'a bad key of a secret',
    secret({ stringData: { 'a b': 'x' } }),
    ['SLU2090 spec.data["a b"]: data["a b"]: Invalid value'],
  ],
  [
    'a kind of another group',
    { ...service({ ports: [PORT] }), apiVersion: 'apps/v1' },
    ['kind "Service" is not of apiVersion "apps/v1": it is of "v1"'],
  ],
  [
    'a version that is not',
    { ...service({ ports: [PORT] }), apiVersion: 'v2' },
    ['apiVersion "v2" of Service is not one of v1'],
  ],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test('a secret keeps its fields in spec, and its texts as base64', () => {
  const text = JSON.stringify(secret({ type: 'Opaque', data: { a: 'YQ\n==' }, stringData: { b: 'b' } }));
  const set = parseResources([{ path: 'x', text }]);
  assert.equal(set.resources[0]?.spec, { type: 'Opaque', data: { a: 'YQ==', b: 'Yg==' } });
  assert.is(set.locate('Secret/default/a', 'spec.data.b')?.column, text.indexOf('"b":') + 1);
});

test('an OCSP response is not stapled, and that is said', () => {
  const text = JSON.stringify(secret({ stringData: { cert: 'c', key: 'k', 'tls.ocsp-staple': 'x' } }));
  const { ok, issues } = parseResources([{ path: 'x', text }]);
  assert.ok(ok);
  assert.equal(
    issues.map(({ code, level, path }) => [code, level, path]),
    [['SLU1021', 'notice', 'spec.data["tls.ocsp-staple"]']],
  );
});

test('the Gateway of the Gateway API and that of Istio have keys of their own', () => {
  const [one] = parseResources([{ path: 'x', text: JSON.stringify(gateway(PASS)) }]).resources;
  assert.is(one?.kind, 'KubernetesGateway');
  assert.is(one?.apiVersion, 'gateway.networking.k8s.io/v1');
});

test.run();
