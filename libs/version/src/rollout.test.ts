import { generateKeyPairSync } from 'node:crypto';
import { complain, keyOf, type Resource } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AdmitContext, admit, type Verdict } from './admit.ts';
import { applyEntry } from './apply.ts';
import { checkpointLines, readCheckpoint } from './checkpoint.ts';
import { type Candidate, chooseAcceptors } from './choose-acceptors.ts';
import { decodeEntry } from './decode-entry.ts';
import type { Entry } from './entry.ts';
import type { Proposal, Wish } from './proposal.ts';
import { renew } from './renew.ts';
import { stateFor } from './rollout.ts';
import { workload } from './sample-resource.test-kit.ts';
import { signingKey } from './signature.ts';
import { EMPTY_STATE, holdingOf, type State } from './state.ts';

const test = suite('rollout');

const FLEET: readonly Candidate[] = ['a', 'b', 'c', 'd'].map((id) => ({ id, labels: {} }));
const CONTEXT: AdmitContext = { timeMs: 1_000, judge: () => [], target: null, acceptors: FLEET };
const PLAN = { stages: [{ acceptors: 1 }, { percent: 50 }, { percent: 100 }], bakeMs: 1_000, abortOn: [] };

let count = 0;

function propose(wish: Wish, context: AdmitContext = CONTEXT): (state: State) => Verdict {
  const proposal: Proposal = {
    ...{ submission: `s${++count}`, author: 'ann', message: '', expectVersion: null, timeMs: 1_000 },
    wish,
  };
  return (state) => admit(state, proposal, context);
}

function publish(address: string, rollout?: typeof PLAN): Wish {
  const put = [workload('a', address), workload(`of-${address}`)];
  const change = { type: 'change', put, delete: [], set: '', prune: false } as const;
  return rollout === undefined ? change : { ...change, rollout };
}

/** The state after, by way of the stored entry as every follower reads it. */
function after(state: State, wish: Wish): State {
  const { next, admission } = propose(wish)(state);
  if (next === null) throw new Error(JSON.stringify(admission));
  const decoded = decodeEntry(JSON.parse(JSON.stringify(next.entry)));
  const applied = applyEntry(state, decoded.ok ? decoded.value : ({} as Entry));
  if (!applied.ok) throw new Error(applied.message);
  assert.equal(applied.state.rollout, next.state.rollout);
  return applied.state;
}

function reasonOf({ admission }: Verdict): string | undefined {
  return admission.ok ? admission.outcome : admission.rejection.reason;
}

const one = after(EMPTY_STATE, publish('10.0.0.1'));
const running = after(one, publish('10.0.0.2', PLAN));
const promote = (stage: number): Wish => ({ type: 'promote', of: 2, stage, reference: null });
const served = (state: State) => FLEET.map(({ id }) => stateFor(id, state).version);

test('only the chosen take the version, stage for stage more, and at the end all', () => {
  assert.is(served(running).filter((version) => version === 2).length, 1);
  const half = after(running, promote(1));
  assert.is(served(half).filter((version) => version === 3).length, 2);
  const [first] = (running.rollout?.chosen ?? []) as readonly string[];
  assert.is(stateFor(first!, half).version, 3, 'who had it keeps it');
  const all = after(half, promote(2));
  assert.equal(served(all), [4, 4, 4, 4]);
  assert.is(stateFor('started-later', all).version, 4);
  assert.is(stateFor('started-later', half).version, 1);
  const end = after(all, promote(3));
  assert.equal([end.rollout, end.digest], [null, running.digest]);
});

test('a stage keeps the count of what its version drops, and an abort counts the state it brings again', () => {
  const drops = (state: State) =>
    Array.from({ length: state.size }, (_, i) =>
      complain('SLU3004', keyOf(workload('a')), `spec.tcp[${i}]`, 'never followed'),
    );
  const context = { ...CONTEXT, judge: drops };
  const step = (state: State, wish: Wish) => propose(wish, context)(state).next!.state;
  const before = step(EMPTY_STATE, { ...publish('10.0.0.1') });
  const begun = step(before, publish('10.0.0.2', PLAN));
  const further = step(begun, promote(1));
  const ended = step(further, { type: 'abort', of: 2, breach: null });
  const counts = [before, begun, further, ended].map(({ last }) => last?.dropped);
  assert.equal(counts, [{ SLU3004: 2 }, { SLU3004: 3 }, { SLU3004: 3 }, { SLU3004: 2 }]);
});

test('an abort is a new version with the state before, for all', () => {
  const aborted = after(after(running, promote(1)), { type: 'abort', of: 2, breach: null });
  assert.equal([aborted.version, aborted.digest, aborted.rollout], [4, one.digest, null]);
  assert.equal(served(aborted), [4, 4, 4, 4]);
  assert.is(holdingOf(aborted, 'WorkloadEntry/default/of-10.0.0.2'), undefined);
});

test('while it runs nothing else is admitted, and the same again is no change', () => {
  assert.is(reasonOf(propose(publish('10.0.0.3'))(running)), 'rollout');
  assert.is(reasonOf(propose(publish('10.0.0.3', PLAN))(running)), 'rollout');
  assert.is(reasonOf(propose({ type: 'rollback', to: 1 }, { ...CONTEXT, target: one })(running)), 'rollout');
  assert.is(reasonOf(propose(publish('10.0.0.2'))(running)), 'unchanged');
});

test('an entry that only signs anew leaves it where it is', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const renewed = renew(running, signingKey(privateKey)!, 2_000).state;
  assert.equal([renewed.version, renewed.rollout], [3, running.rollout]);
});

test('an entry that moves one without saying how is refused', () => {
  const { next } = propose(promote(1))(running);
  const { move, ...entry } = next!.entry;
  assert.not(decodeEntry(JSON.parse(JSON.stringify(entry))).ok);
  assert.not(decodeEntry({ ...entry, move: { ...move, of: -1 } }).ok);
  assert.not(decodeEntry({ ...entry, kind: 'publish', move }).ok);
});

test('a doubled promotion changes nothing, and one of another roll-out is refused', () => {
  const half = after(running, promote(1));
  assert.is(reasonOf(propose(promote(1))(half)), 'unchanged');
  assert.is(reasonOf(propose({ ...promote(2), of: 1 } as Wish)(half)), 'rollout');
  assert.is(reasonOf(propose(promote(1))(one)), 'rollout');
  assert.is(reasonOf(propose({ type: 'abort', of: 2, breach: null })(one)), 'rollout');
});

test('without an acceptor none begins', () => {
  assert.is(reasonOf(propose(publish('10.0.0.2', PLAN), { ...CONTEXT, acceptors: [] })(one)), 'rollout');
});

test('what is malformed is refused', () => {
  const wrongs: unknown[] = [
    ...[
      { ...publish('10.0.0.9'), rollout: { stages: [] } },
      { ...promote(1), stage: -1 },
      { ...promote(1), of: 'x' },
    ],
    ...[
      { ...promote(1), reference: {} },
      { type: 'abort', of: 2, breach: { acceptor: 7 } },
      { type: 'abort', of: 2 },
    ],
  ];
  for (const wrong of wrongs) assert.is(reasonOf(propose(wrong as Wish)(running)), 'malformed', JSON.stringify(wrong));
});

test('a checkpoint in the middle of a roll-out holds both states', () => {
  const half = after(running, promote(1));
  const read = readCheckpoint([...checkpointLines(half)].join(''));
  assert.ok(read.ok, JSON.stringify(read));
  if (!read.ok) return;
  assert.equal(served(read.state), served(half));
  const { before: _before, ...rest } = half.rollout!;
  const { before, ...restRead } = read.state.rollout!;
  assert.equal(restRead, rest);
  assert.equal([before.version, before.digest, before.size], [one.version, one.digest, one.size]);
  assert.is(after(read.state, { type: 'abort', of: 2, breach: null }).digest, one.digest);
  const lines = [...checkpointLines(half)].join('');
  for (const [from, to] of [
    ['"before":{"resource"', '"befor":{"resource"'],
    ['absentBefore', 'absent'],
    ['10.0.0.1', '10.0.0.9'],
  ]) {
    const altered = lines.replace(from!, to!);
    assert.is.not(altered, lines);
    assert.not(readCheckpoint(altered).ok, from);
  }
});

test('the choice is the same for whoever makes it, another for another version, at least one and never fewer than before', () => {
  const change = { version: 7, before: one, after: running };
  const many = Array.from({ length: 50 }, (_, index) => ({ id: `edge-${index}`, labels: {} }));
  const chosen = chooseAcceptors(many, { percent: 10 }, [], change);
  assert.equal(chooseAcceptors([...many].reverse(), { percent: 10 }, [], change), chosen);
  assert.is(chosen.length, 5);
  assert.not.equal(chooseAcceptors(many, { percent: 10 }, [], { ...change, version: 8 }), chosen);
  assert.is(chooseAcceptors(many, { percent: 1 }, [], change).length, 1);
  assert.equal(chooseAcceptors(many, { acceptors: 3 }, chosen, change), chosen);
  const more = chooseAcceptors(many, { percent: 30 }, chosen, change) as readonly string[];
  assert.equal([more.length, more.slice(0, 5)], [15, chosen]);
  assert.is(chooseAcceptors(many, { percent: 100 }, chosen, change), 'all');
});

test('a renewed certificate concerns those that end TLS with it', () => {
  const gateway = {
    ...workload('edge'),
    kind: 'Gateway',
    spec: {
      selector: { edge: 'yes' },
      servers: [
        {
          port: { number: 443, name: 'tls', protocol: 'TLS' },
          hosts: ['*'],
          tls: { mode: 'SIMPLE', credentialName: 'edge' },
        },
      ],
    },
  } as Resource;
  const route = {
    ...workload('edge'),
    kind: 'VirtualService',
    spec: { hosts: ['*'], gateways: ['edge'], tcp: [{ route: [{ destination: { host: 's', port: { number: 1 } } }] }] },
  } as Resource;
  const secret = (certificate: string): Resource => ({
    ...workload('edge'),
    ...{ apiVersion: 'v1', kind: 'Secret' },
    metadata: { ...workload('edge').metadata, namespace: 'istio-system' },
    spec: { data: { 'tls.crt': Buffer.from(certificate).toString('base64'), 'tls.key': 'a2V5' } },
  });
  const publishAll = (put: Resource[]): Wish => ({ type: 'change', put, delete: [], set: '', prune: false });
  const before = after(EMPTY_STATE, publishAll([gateway, route, secret('old')]));
  const renewed = after(before, publishAll([secret('new')]));
  const others = Array.from({ length: 20 }, (_, index) => ({ id: `other-${index}`, labels: {} }));
  const candidates = [...others, { id: 'edge', labels: { edge: 'yes' } }];
  for (const version of [7, 8, 9]) {
    assert.equal(chooseAcceptors(candidates, { acceptors: 1 }, [], { version, before, after: renewed }), ['edge']);
  }
});

test.run();
