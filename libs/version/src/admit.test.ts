import { generateKeyPairSync } from 'node:crypto';
import { type Complaint, complain, keyOf } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AdmitContext, admit, type Verdict } from './admit.ts';
import { applyEntry } from './apply.ts';
import { decodeEntry } from './decode-entry.ts';
import type { Judge } from './judge.ts';
import type { Proposal, Wish } from './proposal.ts';
import { renew } from './renew.ts';
import { workload } from './sample-resource.test-kit.ts';
import { signingKey } from './signature.ts';
import { EMPTY_STATE, holdingOf, holdingsOf, type State } from './state.ts';

const test = suite('admit');

/** Complains of every workload at 6.6.6.6. */
const judge: Judge = (state) => {
  const complaints: Complaint[] = [];
  for (const { key, resource } of holdingsOf(state)) {
    const { address } = resource.spec as { address?: string };
    if (address === '6.6.6.6') complaints.push(complain('SLU0101', key, 'spec.address', 'a bad address'));
    if (address === '7.7.7.7') complaints.push(complain('SLU0174', key, 'spec.address', 'an odd address'));
  }
  return complaints;
};

const context: AdmitContext = { timeMs: 1_000, judge, target: null };

let counter = 0;

function propose(wish: Partial<Extract<Wish, { type: 'change' }>>, more: Partial<Proposal> = {}): Proposal {
  const change: Wish = { type: 'change', put: [], delete: [], set: '', prune: false, ...wish };
  return {
    submission: `s${++counter}`,
    wish: change,
    author: 'ann',
    message: 'why',
    expectVersion: null,
    timeMs: 1_000,
    ...more,
  };
}

function rollback(to: number): Proposal {
  return { ...propose({}), wish: { type: 'rollback', to } };
}

function after(state: State, proposal: Proposal): State {
  const { admission, next } = admit(state, proposal, context);
  assert.ok(next, JSON.stringify(admission));
  return next!.state;
}

function reasonOf({ admission }: Verdict): string | undefined {
  return admission.ok ? undefined : admission.rejection.reason;
}

test('an entry counts what the whole state after it drops, by code; a renewal keeps the count', () => {
  const shadowed: Judge = (state) =>
    Array.from(holdingsOf(state), ({ key }) => [
      complain('SLU3004', key, 'spec', 'never followed'),
      complain('SLU0174', key, 'spec', 'no drop'),
    ]).flat();
  const first = admit(EMPTY_STATE, propose({ put: [workload('a')] }), { ...context, judge: shadowed });
  const second = admit(first.next!.state, propose({ put: [workload('b')] }), { ...context, judge: shadowed });
  const decoded = decodeEntry(JSON.parse(JSON.stringify(second.next!.entry)));
  assert.ok(decoded.ok);
  assert.equal(decoded.value.dropped, { SLU3004: 2 });
  const applied = applyEntry(first.next!.state, decoded.value);
  assert.ok(applied.ok);
  assert.equal(applied.state, second.next!.state);
  assert.equal(applied.state.last?.dropped, { SLU3004: 2 });
  const renewed = renew(applied.state, signingKey(generateKeyPairSync('ed25519').privateKey)!, 2_000);
  assert.equal(renewed.state.last?.dropped, { SLU3004: 2 });
  const none = admit(applied.state, propose({ delete: [keyOf(workload('a')), keyOf(workload('b'))] }), context);
  assert.is(none.next!.entry.dropped, undefined);
});

test('an entry with a count that is none is not read', () => {
  const { next } = admit(EMPTY_STATE, propose({ put: [workload('a')] }), context);
  for (const dropped of [7, [], { SLU3004: '2' }, { other: 1 }])
    assert.not.ok(decodeEntry({ ...JSON.parse(JSON.stringify(next!.entry)), dropped }).ok);
});

test('what is admitted is an entry that leads from the state before to the one after', () => {
  const { admission, next } = admit(EMPTY_STATE, propose({ put: [workload('a')] }), context);
  assert.ok(admission.ok && admission.outcome === 'admitted' && admission.version === 1);
  const decoded = decodeEntry(JSON.parse(JSON.stringify(next!.entry)));
  assert.ok(decoded.ok);
  const applied = applyEntry(EMPTY_STATE, decoded.ok ? decoded.value : next!.entry);
  assert.ok(applied.ok && applied.state.digest === next!.state.digest);
});

test('the same resources again are no new version', () => {
  const state = after(EMPTY_STATE, propose({ put: [workload('a')] }));
  const { admission, next } = admit(state, propose({ put: [workload('a')] }), context);
  assert.ok(admission.ok && admission.outcome === 'unchanged' && admission.version === 1);
  assert.is(next, null);
});

test('an entry carries only what changes', () => {
  const state = after(EMPTY_STATE, propose({ put: [workload('a'), workload('b')] }));
  const { next } = admit(state, propose({ put: [workload('a'), workload('b', '10.0.0.2')] }), context);
  assert.equal(next!.entry.change, { put: [workload('b', '10.0.0.2')], delete: [] });
});

test('the same submission twice gives the first answer', () => {
  const proposal = propose({ put: [workload('a')] });
  const one = after(EMPTY_STATE, proposal);
  const two = after(one, propose({ put: [workload('a', '10.0.0.2')] }));
  const { admission, next } = admit(two, proposal, context);
  assert.ok(admission.ok && admission.version === 1 && admission.digest === one.digest);
  assert.is(next, null);
});

test('errors refuse, with everything else that is wrong', () => {
  const verdict = admit(EMPTY_STATE, propose({ put: [workload('a', '6.6.6.6'), workload('b', '7.7.7.7')] }), context);
  assert.is(reasonOf(verdict), 'invalid');
  assert.equal(!verdict.admission.ok && verdict.admission.rejection.complaints.map(({ code }) => code), [
    'SLU0101',
    'SLU0174',
  ]);
});

test('an error that stands already does not keep other changes out', () => {
  const lenient: AdmitContext = { ...context, judge: () => [] };
  const { next } = admit(EMPTY_STATE, propose({ put: [workload('a', '6.6.6.6')] }), lenient);
  assert.ok(admit(next!.state, propose({ put: [workload('b')] }), context).admission.ok);
  assert.is(reasonOf(admit(next!.state, propose({ put: [workload('c', '6.6.6.6')] }), context)), 'invalid');
});

test('resources are checked again by their schema', () => {
  const wrong = { ...workload('a'), spec: { address: 7 } };
  assert.is(reasonOf(admit(EMPTY_STATE, propose({ put: [wrong] }), context)), 'invalid');
  assert.is(reasonOf(admit(EMPTY_STATE, propose({ put: [workload('a'), workload('a')] }), context)), 'malformed');
});

test('a conflict names who moved the head', () => {
  const state = after(EMPTY_STATE, propose({ put: [workload('a')] }));
  const verdict = admit(state, propose({ put: [workload('b')] }, { expectVersion: 0 }), context);
  assert.equal(!verdict.admission.ok && verdict.admission.rejection.conflict, {
    expected: 0,
    head: 1,
    author: 'ann',
    message: 'why',
    timeMs: 1_000,
  });
  assert.ok(admit(state, propose({ put: [workload('b')] }, { expectVersion: 1 }), context).admission.ok);
});

test('what is not there cannot be deleted', () => {
  assert.is(
    reasonOf(admit(EMPTY_STATE, propose({ delete: ['WorkloadEntry/default/a'] }), context)),
    'unknown-resource',
  );
});

test('pruning deletes what belongs to the set and is no longer given', () => {
  let state = after(EMPTY_STATE, propose({ put: [workload('a'), workload('b')], set: 'edge' }));
  state = after(state, propose({ put: [workload('c')] }));
  state = after(state, propose({ put: [workload('a')], set: 'edge', prune: true }));
  assert.equal([...holdingsOf(state)].map(({ resource }) => resource.metadata.name).sort(), ['a', 'c']);
  assert.is(reasonOf(admit(state, propose({ prune: true }), context)), 'malformed');
});

test('a set takes over what belongs to none, and never what belongs to another', () => {
  let state = after(EMPTY_STATE, propose({ put: [workload('a')] }));
  state = after(state, propose({ put: [workload('a')], set: 'edge' }));
  assert.is(holdingOf(state, 'WorkloadEntry/default/a')?.set, 'edge');
  assert.is(reasonOf(admit(state, propose({ put: [workload('a')], set: 'core' }), context)), 'foreign-set');
  state = after(state, propose({ put: [workload('a', '10.0.0.2')] }));
  assert.is(holdingOf(state, 'WorkloadEntry/default/a')?.set, 'edge');
});

test('a roll-back brings the very state, its order and sets included', () => {
  const one = after(EMPTY_STATE, propose({ put: [workload('a'), workload('b')], set: 'edge' }));
  let state = after(one, propose({ delete: ['WorkloadEntry/default/a'] }));
  state = after(state, propose({ put: [workload('a', '10.0.0.2'), workload('c')] }));
  const { admission, next } = admit(state, rollback(1), { ...context, target: one });
  assert.ok(admission.ok && admission.version === 4);
  assert.is(next!.state.digest, one.digest);
  assert.is(next!.entry.restores, 1);
  const applied = applyEntry(state, next!.entry);
  assert.ok(applied.ok && applied.state.digest === one.digest);
});

test('a roll-back to where we are is unchanged, to what is not kept it is refused', () => {
  const state = after(EMPTY_STATE, propose({ put: [workload('a')] }));
  const same = admit(state, rollback(1), { ...context, target: state });
  assert.ok(same.admission.ok && same.admission.outcome === 'unchanged');
  assert.is(reasonOf(admit(state, rollback(9), context)), 'unknown-version');
});

test('what is no proposal is refused, and never throws', () => {
  const odd = [null, {}, { submission: 'x' }, propose({}, { message: 'x'.repeat(5_000) }), propose({ set: 'a\nb' })];
  for (const each of odd) assert.is(reasonOf(admit(EMPTY_STATE, each as Proposal, context)), 'malformed');
});

test('an entry that was altered is not applied', () => {
  const { next } = admit(EMPTY_STATE, propose({ put: [workload('a')] }), context);
  const { entry } = next!;
  const altered = { ...entry, change: { put: [workload('a', '10.9.9.9')], delete: [] } };
  const reasonFor = (state: State, each: typeof entry) => {
    const applied = applyEntry(state, each);
    return applied.ok ? undefined : applied.reason;
  };
  assert.is(reasonFor(EMPTY_STATE, altered), 'digest');
  assert.is(reasonFor(EMPTY_STATE, { ...entry, version: 2 }), 'gap');
  assert.is(reasonFor(EMPTY_STATE, { ...entry, previous: entry.digest }), 'rewritten');
});

test('an entry of a time that no date can be made of is none', () => {
  const { next } = admit(EMPTY_STATE, propose({ put: [workload('a')] }), context);
  assert.ok(decodeEntry({ ...next!.entry, timeMs: -1 }).ok);
  for (const timeMs of [1e300, 8.64e15 + 1, 0.5, Number.NaN]) assert.not.ok(decodeEntry({ ...next!.entry, timeMs }).ok);
});

test.run();
