import { keyOf, type Resource } from '@sluice/resource';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { workload } from './sample-resource.test-kit.ts';
import {
  creationOf,
  EMPTY_STATE,
  holdingOf,
  holdingsOf,
  type State,
  type Step,
  stateFrom,
  stepState,
} from './state.ts';

const test = suite('state');

function step(version: number, put: readonly Resource[], remove: readonly string[] = [], set = ''): Step {
  const change = { put, delete: remove };
  return { kind: 'publish', version, change, author: 'a', message: '', timeMs: 0, submission: `s${version}`, set };
}

test('a step leaves the state before it as it was', () => {
  const one = stepState(EMPTY_STATE, step(1, [workload('a')]));
  const two = stepState(one, step(2, [workload('a', '10.0.0.2')], []));
  assert.is(EMPTY_STATE.size, 0);
  assert.equal(holdingOf(one, 'WorkloadEntry/default/a')?.resource, workload('a'));
  assert.equal(holdingOf(two, 'WorkloadEntry/default/a')?.resource, workload('a', '10.0.0.2'));
  assert.is.not(one.digest, two.digest);
});

test('the version that first brought a resource stays with it, the one that touched it moves', () => {
  const one = stepState(EMPTY_STATE, step(1, [workload('a')]));
  const two = stepState(one, step(2, [workload('a', '10.0.0.2')]));
  const { creation, touched } = holdingOf(two, 'WorkloadEntry/default/a')!;
  assert.equal([creation, touched], [1, 2]);
  assert.is(creationOf(two)('WorkloadEntry/default/none'), 0);
});

test('a resource that was deleted and comes again is new', () => {
  const key = keyOf(workload('a'));
  let state = stepState(EMPTY_STATE, step(1, [workload('a')]));
  state = stepState(state, step(2, [], [key]));
  assert.is(state.digest, EMPTY_STATE.digest);
  state = stepState(state, step(3, [workload('a')]));
  assert.is(holdingOf(state, key)?.creation, 3);
});

test('the digest tells creation and set apart, and not who touched last', () => {
  const early = stepState(EMPTY_STATE, step(1, [workload('a')]));
  const late = stepState(EMPTY_STATE, step(2, [workload('a')]));
  const named = stepState(EMPTY_STATE, step(1, [workload('a')], [], 'edge'));
  assert.is.not(early.digest, late.digest);
  assert.is.not(early.digest, named.digest);
  const changed = stepState(early, step(2, [workload('a', '10.0.0.9')]));
  const back = stepState(changed, step(3, [workload('a')]));
  assert.is(back.digest, early.digest);
});

test('the digest made step by step is that of the whole made at once, whatever the order', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const change = fc.record({ name: names, address: fc.constantFrom('10.0.0.1', '10.0.0.2'), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      let state: State = EMPTY_STATE;
      changes.forEach(({ name, address, remove }, index) => {
        const resource = workload(name, address);
        state = stepState(state, remove ? step(index + 1, [], [keyOf(resource)]) : step(index + 1, [resource]));
      });
      const whole = stateFrom([...holdingsOf(state)].reverse(), state);
      assert.is(whole.digest, state.digest);
      assert.is(whole.size, state.size);
      assert.is([...holdingsOf(whole)].length, state.size);
    }),
    { numRuns: 100 },
  );
});

test('submissions are remembered up to a bound', () => {
  let state: State = EMPTY_STATE;
  for (let version = 1; version <= 1_005; version++) state = stepState(state, step(version, []));
  assert.is(state.submissions.length, 1_000);
  assert.is(state.submissions.at(-1)?.submission, 's1005');
});

test.run();
