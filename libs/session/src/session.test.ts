import {
  type AuthorizationPlan,
  type ClusterPlan,
  createFacts,
  encodeTable,
  type ListenerPlan,
  openTable,
} from '@sluice/route-table';
import { active, createLive, openLive, SlotBook } from '@sluice/upstream';
import { writeProxyV1 } from '@sluice/wire';
import { helloFor } from '@sluice/wire/build';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Session, type Step } from './session.ts';
import { defaultSettings } from './settings.ts';
import { trust } from './trust.ts';
import { type TlsEndings, Version } from './version.ts';

const test = suite('session');
const addresses = { localAddress: '192.0.2.1', localPort: 443, remoteAddress: '198.51.100.9', remotePort: 40000 };

function cluster(name: string, endpoints: number, more: Partial<ClusterPlan> = {}): ClusterPlan {
  return {
    name,
    host: 'echo',
    subset: '',
    port: 80,
    balancer: 'round-robin',
    hashTableSize: 0,
    connectTimeoutMs: 1000,
    maxConnections: 0,
    keepalive: null,
    proxyProtocol: 0,
    outlier: null,
    endpoints: Array.from({ length: endpoints }, (_, n) => ({ address: `10.0.0.${n + 1}`, port: 80, weight: 1 })),
    ...more,
  };
}

function listener(more: Partial<ListenerPlan> = {}): ListenerPlan {
  const route = {
    name: 'default/r/tcp[0]',
    destinations: [{ cluster: 0, weight: 1 }],
    idleTimeoutMs: 5,
    maxDurationMs: 7,
  };
  return {
    name: '0.0.0.0_443',
    bind: '',
    port: 443,
    gateways: ['default/g'],
    inspectsTls: false,
    chains: [{ names: ['*'], rules: [{ conditions: [], route }] }],
    authorization: [],
    ...more,
  };
}

function world(plan: {
  listener?: ListenerPlan;
  cluster?: ClusterPlan;
  authorization?: AuthorizationPlan[];
  endings?: TlsEndings;
}) {
  const buffer = encodeTable({
    listeners: [plan.listener ?? listener()],
    clusters: [plan.cluster ?? cluster('outbound|80||echo', 2)],
    authorization: plan.authorization ?? [],
  });
  const live = openLive(createLive(1));
  const opened = openTable(buffer);
  assert.ok(opened.ok);
  const slots = new SlotBook(live).assign(opened.table);
  const random = () => 0.5;
  const version = new Version(3, opened.table, slots, { live, positions: new Map(), random }, plan.endings);
  const session = (settings = defaultSettings) =>
    new Session(
      { settings, trustsProxy: trust(settings.proxyFrom), live, worker: 0, facts: createFacts(), random },
      version,
      0,
      addresses,
    );
  return { session, live, sessionsOf: (slot: number) => active(live, slot) };
}

function dial(step: Step) {
  assert.is(step.kind, 'dial');
  return step as Extract<Step, { kind: 'dial' }>;
}

function refused(step: Step): string {
  return step.kind === 'refuse' ? step.outcome : step.kind;
}

test('a plain session dials at once, relays with its route limits, and gives its counts back', () => {
  const { session, sessionsOf } = world({});
  const one = session();
  const { endpoint } = dial(one.begin());
  assert.is(endpoint.key, '10.0.0.1:80');
  assert.is(sessionsOf(endpoint.slot), 1);
  const relay = one.dialed();
  const limits = { idleMs: 5, halfCloseMs: 3_600_000, maxDurationMs: 7, closeMs: 10_000 };
  assert.equal(relay, { kind: 'relay', preface: null, ...limits });
  assert.equal([one.listenerName(), one.routeName()], ['0.0.0.0_443', 'default/r/tcp[0]']);
  one.ended();
  assert.is(sessionsOf(endpoint.slot), 0);
});

test('a refused connect goes to another endpoint, and only untried ones', () => {
  const { session, sessionsOf } = world({});
  const one = session();
  const first = dial(one.begin()).endpoint;
  const second = dial(one.dialFailed('refused')).endpoint;
  assert.is.not(first.key, second.key);
  assert.is(sessionsOf(first.slot), 0);
  assert.is(refused(one.dialFailed('refused')), 'connect-failed');
  assert.is(one.attempts, 2);
  one.ended();
  assert.is(sessionsOf(second.slot), 0);
});

test('attempts are bounded however many endpoints there are', () => {
  const { session } = world({ cluster: cluster('c', 10) });
  const one = session();
  dial(one.begin());
  dial(one.dialFailed('timeout'));
  dial(one.dialFailed('timeout'));
  assert.is(refused(one.dialFailed('timeout')), 'connect-failed');
});

test('a cluster without endpoints, and one at its limit, refuse with their own outcome', () => {
  assert.is(
    refused(
      world({ cluster: cluster('c', 0) })
        .session()
        .begin(),
    ),
    'no-endpoint',
  );
  const { session } = world({ cluster: cluster('c', 2, { maxConnections: 1 }) });
  const first = session();
  dial(first.begin());
  const second = session();
  assert.is(refused(second.begin()), 'overflow');
  second.ended();
  first.ended();
  dial(session().begin());
});

test('no rule, and a listener the version does not have, are no route', () => {
  const empty = listener({ chains: [{ names: ['*'], rules: [] }] });
  assert.is(refused(world({ listener: empty }).session().begin()), 'no-route');
});

test('a denied connection names its policy', () => {
  const deny = { name: 'default/deny', action: 'deny' as const, dryRun: false };
  const rules = [[{ fact: 'remote' as const, cidrs: ['198.51.100.0/24'] }]];
  const { session } = world({ listener: listener({ authorization: [0] }), authorization: [{ ...deny, rules }] });
  const one = session();
  assert.is(refused(one.begin()), 'denied');
  assert.is(one.policy, 'default/deny');
});

test('a TLS listener looks for the ClientHello first, in pieces', () => {
  const chain = (name: string) => ({ ...listener().chains[0], names: [name] });
  const { session } = world({ listener: listener({ inspectsTls: true, chains: [chain('a.example.com')] }) });
  const one = session();
  const step = one.begin();
  assert.is(step.kind, 'peek');
  if (step.kind !== 'peek') return;
  const hello = helloFor('a.example.com');
  assert.is(step.look(hello.subarray(0, 3), false), 'more');
  assert.is(step.look(hello.subarray(0, hello.length - 1), false), 'more');
  assert.is(step.look(hello, false), 'enough');
  dial(one.peeked('enough'));
  assert.is(one.hello?.serverName, 'a.example.com');
  const silent = session();
  silent.begin();
  assert.is(refused(silent.peeked('timeout')), 'first-bytes-timeout');
});

test('a PROXY header is believed from trusted peers only, and required of them', () => {
  const settings = { ...defaultSettings, proxyFrom: ['198.51.100.0/24'] };
  const { session } = world({ cluster: cluster('c', 1, { proxyProtocol: 1 }) });
  const one = session(settings);
  const step = one.begin();
  if (step.kind !== 'peek') throw new Error(step.kind);
  const v4 = (...bytes: number[]) => ({ address: Uint8Array.from(bytes), port: 7 });
  const header = writeProxyV1(v4(203, 0, 113, 5), v4(192, 0, 2, 1));
  assert.is(step.look(header, false), 'enough');
  assert.equal(one.peeked('enough'), { kind: 'discard', bytes: header.length });
  dial(one.discarded());
  assert.equal(one.client, { address: '203.0.113.5', port: 7 });
  const relay = one.dialed();
  if (relay.kind !== 'relay') throw new Error(relay.kind);
  assert.is(Buffer.from(relay.preface ?? []).toString(), 'PROXY TCP4 203.0.113.5 192.0.2.1 7 443\r\n');
  const bare = session(settings);
  const look = bare.begin();
  if (look.kind !== 'peek') throw new Error(look.kind);
  assert.is(look.look(Buffer.from('GET / HTTP/1.1\r\n'), false), 'enough');
  assert.is(refused(bare.peeked('enough')), 'bad-proxy-header');
  dial(session().begin());
});

/** A TLS listener whose only route ends TLS with `edge`. */
function ending(endings: TlsEndings, more: Parameters<typeof world>[0] = {}) {
  const { rules } = listener().chains[0]!;
  const chains = [
    { names: ['a.example.com'], rules: rules.map((rule) => ({ ...rule, route: { ...rule.route, tls: 'edge' } })) },
  ];
  const { authorization } = more;
  return world({
    ...more,
    endings,
    listener: listener({ inspectsTls: true, chains, authorization: (authorization ?? []).map((_policy, at) => at) }),
  });
}

/** The step after the ClientHello. */
function greeted(session: Session): Step {
  const step = session.begin();
  if (step.kind !== 'peek') throw new Error(step.kind);
  step.look(helloFor('a.example.com'), false);
  return session.peeked('enough');
}

const context = { made: 'by an engine' };
const secured = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', resumed: false };

test('a route may end TLS first: then policies are asked, and an endpoint is dialed', () => {
  const deny: AuthorizationPlan = {
    name: 'default/deny',
    action: 'deny',
    dryRun: false,
    rules: [[{ fact: 'sni', names: ['a.example.com'] }]],
  };
  for (const authorization of [[], [deny]]) {
    const { session, sessionsOf } = ending(new Map([['edge', { context, refusal: '' }]]), { authorization });
    const one = session();
    assert.equal(greeted(one), { kind: 'secure', context, deadlineMs: 15_000 });
    assert.is(one.attempts, 0);
    const step = one.secured(secured);
    if (authorization.length > 0) assert.is(refused(step), 'denied');
    else assert.is(sessionsOf(dial(step).endpoint.slot), 1);
    assert.is(one.tls, secured);
  }
});

test('a handshake that fails is told by its outcome, and the end is not touched any more', () => {
  const { session } = ending(new Map([['edge', { context, refusal: '' }]]));
  for (const [code, outcome] of [
    ['timeout', 'handshake-timeout'],
    ['reset', 'downstream-left'],
    ['tls', 'handshake-failed'],
  ] as const) {
    const one = session();
    greeted(one);
    assert.equal(one.secureFailed(code, 'why'), { kind: 'gone', outcome });
    assert.is(one.tlsError, 'why');
    one.ended();
  }
});

test('without a certificate there is no handshake', () => {
  const missing = ending(new Map([['edge', { context: null, refusal: 'no Secret edge' }]])).session();
  assert.is(refused(greeted(missing)), 'no-certificate');
  assert.is(missing.tlsError, 'no Secret edge');
  assert.is(refused(greeted(ending(new Map()).session())), 'no-certificate');
});

test.run();
