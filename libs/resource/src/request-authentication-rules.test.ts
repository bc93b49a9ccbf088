import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('request-authentication-rules');

const make = manifestOf('security.istio.io/v1', 'RequestAuthentication');
const rule = (more: Spec) => make({ jwtRules: [{ issuer: 'a.b', ...more }] });
const target = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'edge' };

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['nothing', make({}), []],
  ['a rule', rule({ jwksUri: 'https://a.b/keys', fromHeaders: [{ name: 'x-token', prefix: 'Bearer ' }] }), []],
  ['a target', make({ targetRefs: [target] }), []],
  ['no issuer', make({ jwtRules: [{}] }), ['SLU2083 spec.jwtRules[0]: issuer must be set']],
  [
    'keys of no web address',
    rule({ jwksUri: 'a.b' }),
    ['SLU2083 spec.jwtRules[0].jwksUri: URI scheme "" is not supported'],
  ],
  ['keys at no port', rule({ jwksUri: 'https://a.b:x' }), ['the URI of the keys cannot be parsed']],
  ['keys', rule({ jwks: '{"keys": [{"kty": "RSA"}]}' }), []],
  ['no keys', rule({ jwks: 'x' }), ['jwks parse error']],
  ['keys twice', rule({ jwks: '{"kty": "EC"}', jwksUri: 'https://a.b' }), ['SLU2012 spec.jwtRules[0].jwks']],
  [
    'empty names',
    rule({ audiences: [''], fromParams: ['a', ''], fromCookies: [''], fromHeaders: [{ name: '' }] }),
    [
      'spec.jwtRules[0].audiences[0]: audience must be non-empty string',
      'spec.jwtRules[0].fromParams[1]: location query must be non-empty string',
      'cookie name must be non-empty string',
      'location header name must be non-empty string',
    ],
  ],
  [
    'claims to headers',
    rule({ outputClaimToHeaders: [{ header: 'x-a', claim: 'sub' }, { header: 'x' }, { header: 'a%b', claim: 'sub' }] }),
    ['header and claim value must be non-empty string', 'header name a%b is not a valid header name'],
  ],
  [
    'a selector beside a target',
    make({ selector: { matchLabels: { app: 'a' } }, targetRef: { ...target, kind: 'Pod', namespace: 'b' } }),
    [
      'only one of targetRefs or workloadSelector',
      'targetRef namespace must not be set',
      'targetRef must be to one of',
    ],
  ],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test('a dry run is of AuthorizationPolicy alone', () => {
  const annotated = manifestOf('security.istio.io/v1', 'RequestAuthentication', {
    annotations: { 'istio.io/dry-run': 'true' },
  });
  assertSaid(annotated({}), ['SLU2075 metadata.annotations["istio.io/dry-run"]: team/a has unsupported annotation']);
});

test.run();
