import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('peer-authentication-rules');

const make = manifestOf('security.istio.io/v1', 'PeerAuthentication');
const selector = { matchLabels: { app: 'a' } };
const ports = (portLevelMtls: Spec) => make({ selector, portLevelMtls });

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['nothing', make({}), []],
  ['a mode', make({ mtls: { mode: 'STRICT' } }), []],
  ['an unknown mode', make({ mtls: { mode: 'LOOSE' } }), ['SLU1015 spec.mtls.mode: spec.mtls.mode: Unsupported value']],
  ['an unknown field', make({ mtl: {} }), ['SLU1012 spec.mtl: unknown field "spec.mtl", did you mean "mtls"?']],
  ['a selector without labels', make({ selector: {} }), ['SLU2011 spec.selector']],
  ['a port', ports({ 8080: { mode: 'UNSET' } }), []],
  ['ports of everything', make({ portLevelMtls: { 80: {} } }), ['portLevelMtls requires selector']],
  ['no port', ports({}), ['spec.portLevelMtls in body should have at least 1 properties']],
  [
    'what is no port',
    ports({ 0: {}, 65536: {}, http: {} }),
    ['port must be between 1-65535', 'port must be between 1-65535', 'type conversion error from "http" to a port'],
  ],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
