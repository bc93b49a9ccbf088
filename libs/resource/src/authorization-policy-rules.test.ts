import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('authorization-policy-rules');

const make = manifestOf('security.istio.io/v1', 'AuthorizationPolicy');
const rule = (more: Spec, spec: Spec = {}) => make({ ...spec, rules: [more] });
const source = (more: Spec, spec: Spec = {}) => rule({ from: [{ source: more }] }, spec);
const operation = (more: Spec, spec: Spec = {}) => rule({ to: [{ operation: more }] }, spec);
const when = (key: string, ...values: readonly string[]) => rule({ when: [{ key, values }] });
const dryRun = (value: string, spec: Spec) => ({
  ...make(spec),
  metadata: { name: 'a', annotations: { 'istio.io/dry-run': value } },
});

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['a policy that allows nothing', make({}), []],
  ['a rule for all', rule({}), []],
  [
    'what TCP knows',
    rule({
      from: [{ source: { ipBlocks: ['10.0.0.0/8', '::1'], principals: ['*'] } }],
      to: [{ operation: { ports: ['0', '65535'] } }],
    }),
    [],
  ],
  [
    'a denial of nothing',
    make({ action: 'DENY' }),
    ['invalid policy a.team: DENY action without `rules` is meaningless'],
  ],
  ['a denial of all', rule({}, { action: 'DENY' }), []],
  ['a question to nobody', rule({}, { action: 'CUSTOM' }), ['`provider.name` must not be empty']],
  [
    'an answer nobody asked for',
    make({ provider: { name: 'x' } }),
    ['`provider` must not be with non CUSTOM action, found ALLOW'],
  ],
  [
    'what cannot be asked',
    source({ namespaces: ['a'] }, { action: 'CUSTOM', provider: { name: 'x' } }),
    ['From.Namespaces is currently not supported with CUSTOM action'],
  ],
  ['an empty source', source({}), ['`from.source` must not be empty, found at rule 0']],
  ['no source', rule({ from: [{}] }), ['`from.source` must not be nil, found at rule 0']],
  ['no sources', rule({ from: [] }), ['`from` must not be empty, found at rule 0']],
  ['an empty operation', operation({}), ['`to.operation` must not be empty, found at rule 0']],
  ['no operation', rule({ to: [{}] }), ['`to.operation` must not be nil']],
  ['bad addresses', source({ ipBlocks: ['x', '1.2.3.4/99'] }), ['bad IP address (x)', 'bad CIDR range (1.2.3.4/99)']],
  [
    'bad ports',
    operation({ ports: ['http', '65536', '80-90'] }),
    ['bad port (http)', 'bad port (65536)', 'bad port (80-90)'],
  ],
  ['ports as numbers', operation({ ports: [80] }), ['must be a string: put it in quotes']],
  ['empty values', operation({ hosts: ['a', ''] }), ['empty value not allowed, found in Hosts']],
  [
    'accounts and namespaces',
    source({ serviceAccounts: ['a/b'], notNamespaces: ['c'] }),
    ['Cannot set serviceAccounts with namespaces or principals'],
  ],
  ['accounts', source({ serviceAccounts: ['a', 'a/b'] }), []],
  [
    'bad accounts',
    source({ serviceAccounts: ['a/b/c'] }),
    ['namespace/serviceAccount\', found "a/b/c" in ServiceAccounts'],
  ],
  ['half accounts', source({ notServiceAccounts: ['a/'] }), ['found an empty part of "a/" in NotServiceAccounts']],
  ['any account', source({ serviceAccounts: ['a/*'] }), ['wildcard not allowed, found in ServiceAccounts']],
  ['a long account', source({ serviceAccounts: ['a'.repeat(321)] }), ['value cannot exceed 320 characters']],
  ['many accounts', source({ serviceAccounts: Array(17).fill('a') }), ['may not have more than 16 values']],
  ['a condition on an account', when('source.serviceAccount', 'a/b'), []],
  [
    'a condition on a bad account',
    when('source.serviceAccount', 'a/b/c'),
    ['key` source.serviceAccount: expected format'],
  ],
  ['a condition on an inline header', when('request.experimental.inline.headers[x]', 'y'), []],
  [
    'a condition on no inline header',
    when('request.experimental.inline.headers', 'y'),
    ['`value` for `key` request', '`notValue` for `key` request'],
  ],
  ['paths', operation({ paths: ['/a/{*}/b', '/{**}', '/a*'] }), []],
  ['bad paths', operation({ paths: ['/a/{*}/{b}'] }), ["Contains '{' or '}' beyond a supported path template"]],
  ['parts behind all parts', operation({ paths: ['/{**}/a'], notPaths: ['/a/{**}/'] }), []],
  [
    'a template behind all parts',
    operation({ paths: ['/{**}/a/{*}'] }),
    ['found in Paths. {**} is not the last operator'],
  ],
  ['all parts twice', operation({ notPaths: ['/{**}/{**}'] }), ['found in NotPaths. {**} is not the last operator']],
  ['braces without a template', operation({ paths: ['/{a}'] }), ["Contains '{' or '}' beyond"]],
  ['a wildcard in a template', operation({ paths: ['/{*}/a*'] }), ['Contains segment a* with invalid string literal']],
  ['nothing in a template', operation({ paths: ['/{*}//a'] }), ['with invalid string literal']],
  [
    'conditions',
    rule({
      when: ['source.ip', 'connection.sni', 'destination.port', 'request.headers[x]']
        .map((key) => ({ key, values: ['1'] }))
        .slice(1),
    }),
    [],
  ],
  ['a condition without key', when('', 'a'), ['`key` must not be empty']],
  [
    'a condition without values',
    when('connection.sni'),
    ['at least one of `values` or `notValues` must be set for key connection.sni'],
  ],
  [
    'an unknown condition',
    when('source.port', '1'),
    ['invalid `value` for `key` source.port: unknown attribute: source.port', 'invalid `notValue`'],
  ],
  ['a bad condition', when('remote.ip', 'x'), ['invalid `value` for `key` remote.ip: bad IP address (x)']],
  [
    'a condition that was replaced',
    when('destination.namespace', 'a'),
    ['is replaced by the metadata.namespace', 'is replaced'],
  ],
  [
    'HTTP in a denial',
    operation({ methods: ['GET'] }, { action: 'DENY' }),
    ['SLU2073 spec.rules[0]: configured AuthorizationPolicy will deny all traffic to TCP ports'],
  ],
  ['HTTP and a port in a denial', operation({ methods: ['GET'], ports: ['80'] }, { action: 'DENY' }), []],
  ['a selector', make({ selector: { matchLabels: { app: 'a' } } }), []],
  ['an empty selector', make({ selector: {} }), ['SLU2011 spec.selector: workload selector specified without labels']],
  [
    'two selectors',
    make({ selector: { matchLabels: { a: 'b' } }, targetRef: { kind: 'Service', name: 'a' } }),
    ['only one of targetRefs or workloadSelector can be set'],
  ],
  [
    'bad targets',
    make({
      targetRefs: [
        { kind: 'Pod', name: '' },
        { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'a', namespace: 'b' },
      ],
    }),
    ['targetRef name must be set', 'targetRef must be to one of', 'targetRef namespace must not be set'],
  ],
  ['a dry run', dryRun('true', { rules: [{}] }), []],
  [
    'a dry run of what',
    dryRun('maybe', { rules: [{}] }),
    ['has annotation istio.io/dry-run with invalid value (maybe)'],
  ],
  [
    'a dry run of an audit',
    dryRun('true', { action: 'AUDIT', rules: [{}] }),
    ['currently only supports action ALLOW/DENY, found action AUDIT'],
  ],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
