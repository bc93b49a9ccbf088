import { parseResources } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Compiled, compile } from './compile.ts';
import { explain } from './explain.ts';
import { type CompileOptions, DEFAULT_LABELS } from './options.ts';

const test = suite('authorization');

const EDGE = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 7000, name: p, protocol: TCP }, hosts: ["*"] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: r }
spec: { hosts: ["*"], gateways: [g], tcp: [{ route: [{ destination: { host: s } }] }] }
---
`;
const POLICY = (spec: string, name = 'p', namespace = 'istio-system', annotations = '{}') => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ${name}, namespace: ${namespace}, annotations: ${annotations} }
spec: ${spec}
---
`;

function compiled(text: string, options: Partial<CompileOptions> = {}): Compiled {
  const set = parseResources([{ path: 'test.yaml', text: EDGE + text }]);
  assert.ok(set.ok, JSON.stringify(set.issues));
  return compile(set.resources, { labels: DEFAULT_LABELS, ...options });
}

const passes = (text: string, source: string, options: Partial<CompileOptions> = {}) =>
  explain(compiled(text, options), { port: 7000, source }).outcome === 'route';
const codes = (text: string) => compiled(text).complaints.map(({ code }) => code);

test('a deny closes what it matches', () => {
  const deny = POLICY('{ action: DENY, rules: [{ from: [{ source: { ipBlocks: [10.0.0.0/8] } }] }] }');
  assert.is(passes(deny, '10.1.2.3'), false);
  assert.is(passes(deny, '192.0.2.1'), true);
});

test('with any allow in force one must match; one without rules allows nothing', () => {
  const allow = POLICY('{ rules: [{ from: [{ source: { ipBlocks: [10.0.0.0/8], notIpBlocks: [10.1.0.0/16] } }] }] }');
  assert.is(passes(allow, '10.0.0.1'), true);
  assert.is(passes(allow, '10.1.0.1'), false);
  assert.is(passes(POLICY('{}'), '10.0.0.1'), false);
  assert.is(passes(POLICY('{ rules: [{}] }'), '10.0.0.1'), true);
  assert.is(passes(allow + POLICY('{ rules: [{}] }', 'q'), '10.1.0.1'), true);
});

test('a deny goes before an allow', () => {
  const both =
    POLICY('{ rules: [{}] }') + POLICY('{ action: DENY, rules: [{ to: [{ operation: { ports: ["7000"] } }] }] }', 'q');
  assert.is(passes(both, '10.0.0.1'), false);
});

test('from, to and when are ANDed, their entries ORed', () => {
  const deny = POLICY(`{ action: DENY, rules: [{
    from: [{ source: { ipBlocks: [10.0.0.0/8] } }, { source: { remoteIpBlocks: [192.0.2.0/24] } }],
    to: [{ operation: { ports: ["1", "7000"] } }],
    when: [{ key: destination.ip, values: [198.51.100.1] }] }] }`);
  const outcome = (facts: object) => explain(compiled(deny), { port: 7000, ...facts }).outcome;
  assert.is(outcome({ source: '10.0.0.1', destination: '198.51.100.1' }), 'denied');
  assert.is(outcome({ source: '192.0.2.9', destination: '198.51.100.1' }), 'denied');
  assert.is(outcome({ source: '203.0.113.1', remote: '192.0.2.9', destination: '198.51.100.1' }), 'denied');
  assert.is(outcome({ source: '10.0.0.1', destination: '198.51.100.2' }), 'route');
  assert.is(outcome({ source: '203.0.113.1', destination: '198.51.100.1' }), 'route');
});

test('an allow rule that needs HTTP is dropped whole', () => {
  const allow = POLICY(`{ rules: [
    { from: [{ source: { ipBlocks: [10.0.0.0/8] } }], to: [{ operation: { ports: ["7000"] } }, { operation: { methods: [GET] } }] },
    { from: [{ source: { ipBlocks: [192.0.2.0/24] } }] }] }`);
  assert.is(passes(allow, '10.0.0.1'), false);
  assert.is(passes(allow, '192.0.2.1'), true);
  assert.ok(codes(allow).includes('SLU3021'));
});

test('a deny rule is wider without what needs HTTP', () => {
  const deny = POLICY(
    '{ action: DENY, rules: [{ from: [{ source: { ipBlocks: [10.0.0.0/8] } }], to: [{ operation: { paths: [/admin] } }] }] }',
  );
  assert.is(passes(deny, '10.0.0.1'), false);
  assert.is(passes(deny, '192.0.2.1'), true);
  assert.ok(codes(deny).includes('SLU3022'));
  assert.is(
    passes(POLICY('{ action: DENY, rules: [{ to: [{ operation: { methods: [GET] } }] }] }'), '192.0.2.1'),
    false,
  );
});

test('identities never match, and their opposites always do', () => {
  const deny = (source: string) => POLICY(`{ action: DENY, rules: [{ from: [{ source: { ${source} } }] }] }`);
  assert.is(passes(deny('principals: ["*"]'), '10.0.0.1'), true);
  assert.ok(codes(deny('namespaces: [default]')).includes('SLU3025'));
  assert.is(passes(deny('notPrincipals: [a/b]'), '10.0.0.1'), false);
});

test('a dry run and an audit are told of, and close nothing', () => {
  const deny = '{ action: DENY, rules: [{}] }';
  const dry = compiled(POLICY(deny, 'p', 'istio-system', '{ istio.io/dry-run: "true" }'));
  const found = explain(dry, { port: 7000 });
  assert.is(found.outcome, 'route');
  assert.match(found.why.join('; '), 'dry run of deny');
  assert.is(passes(POLICY(deny, 'p', 'istio-system', '{ istio.io/dry-run: "false" }'), '10.0.0.1'), false);
  assert.is(passes(POLICY('{ action: AUDIT, rules: [{}] }'), '10.0.0.1'), true);
});

test('a policy about server names sees them where every name goes the same way, but not on plain TCP', () => {
  const any = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: t }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 7443, name: p, protocol: TLS }, tls: { mode: PASSTHROUGH }, hosts: ["*"] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: t }
spec:
  hosts: ["*"]
  gateways: [t]
  tls: [{ match: [{ sniHosts: ["*"] }], route: [{ destination: { host: s } }] }]
---
`;
  const names = '[{ when: [{ key: connection.sni, values: ["*.example.com"] }] }]';
  const inspects = (text: string) => compiled(any + text).plan.listeners.map((one) => [one.port, one.inspectsTls]);
  const outcome = (port: number, sni: string) =>
    explain(compiled(any + POLICY(`{ action: DENY, rules: ${names} }`)), { port, sni }).outcome;
  assert.is(outcome(7443, 'a.example.com'), 'denied');
  assert.is(outcome(7443, 'a.example.org'), 'route');
  assert.is(outcome(7000, 'a.example.com'), 'route');
  const [tcp, tls] = [7000, 7443];
  assert.equal(inspects(POLICY(`{ action: DENY, rules: ${names} }`)), [
    [tcp, false],
    [tls, true],
  ]);
  assert.equal(inspects(POLICY('{ rules: [{}] }')), [
    [tcp, false],
    [tls, false],
  ]);
});

test('CUSTOM is refused', () => {
  const custom = compiled(POLICY('{ action: CUSTOM, provider: { name: x }, rules: [{}] }'));
  assert.equal(
    custom.complaints.map(({ code, level }) => `${code} ${level}`),
    ['SLU3020 error'],
  );
});

test('a policy holds by namespace and labels', () => {
  const deny = (namespace: string, selector = '') =>
    POLICY(`{ ${selector} action: DENY, rules: [{}] }`, 'p', namespace);
  assert.is(passes(deny('istio-system', 'selector: { matchLabels: { app: web } },'), '10.0.0.1'), true);
  assert.is(passes(deny('other'), '10.0.0.1'), true);
  assert.is(passes(deny('other'), '10.0.0.1', { namespace: 'other' }), false);
  assert.is(passes(deny('istio-system'), '10.0.0.1', { namespace: 'other' }), false);
  assert.is(passes(deny('istio-system'), '10.0.0.1', { rootNamespace: 'root', namespace: 'other' }), true);
});

test('a policy beside a Gateway holds on it if its selector is that of the acceptor, with a notice', () => {
  const beside = POLICY(
    '{ selector: { matchLabels: { istio: ingressgateway } }, action: DENY, rules: [{}] }',
    'p',
    'default',
  );
  assert.is(passes(beside, '10.0.0.1'), false);
  assert.equal(codes(beside), ['SLU3024']);
});

/** A rule of `times` x `times` combinations, none of which takes another in. */
function wideRule(times: number): string {
  const many = (what: string, entry: (i: number) => string) =>
    `${what}: [${Array.from({ length: times }, (_, i) => entry(i)).join(', ')}]`;
  return `{ ${many('from', (i) => `{ source: { ipBlocks: [10.0.0.${i}], notIpBlocks: [10.0.1.${i}] } }`)}, ${many('to', (i) => `{ operation: { ports: ["${i}"], notPorts: ["9"] } }`)} }`;
}

test('a rule with too many combinations is refused, and a deny then denies', () => {
  const deny = POLICY(`{ action: DENY, rules: [${wideRule(101)}] }`);
  assert.ok(codes(deny).includes('SLU3026'));
  assert.is(passes(deny, '192.0.2.1'), false);
});

test('so is the rule with which all policies together have too many, in order of precedence', () => {
  const deny = (rules: number) => POLICY(`{ action: DENY, rules: [${Array(rules).fill(wideRule(100)).join(', ')}] }`);
  assert.not(codes(deny(10)).includes('SLU3026'));
  assert.is(passes(deny(10), '192.0.2.1'), true);
  assert.is(codes(deny(11)).filter((code) => code === 'SLU3026').length, 1);
  assert.is(passes(deny(11), '192.0.2.1'), false);
});

test.run();
