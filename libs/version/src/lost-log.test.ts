import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AdmitContext, admit } from './admit.ts';
import type { Proposal } from './proposal.ts';
import { workload } from './sample-resource.test-kit.ts';
import { EMPTY_STATE } from './state.ts';

const test = suite('a log that was lost');

function propose(more: Partial<Proposal> = {}): Proposal {
  return {
    wish: { type: 'change', put: [workload('a')], delete: [], set: '', prune: false },
    ...{ submission: 's', author: 'ann', message: '', expectVersion: null, timeMs: 1_000 },
    ...more,
  };
}

const context: AdmitContext = { timeMs: 1_000, judge: () => [], target: null };
const serving = [
  { id: 'edge-1', version: 6 },
  { id: 'edge-2', version: 7 },
  { id: 'edge-3', version: 0 },
];

test('an empty log under acceptors that serve versions admits nothing, and names the newest of them', () => {
  const { admission, next } = admit(EMPTY_STATE, propose(), { ...context, serving });
  assert.is(next, null);
  assert.is(admission.ok ? '' : admission.rejection.reason, 'lost');
  assert.match(admission.ok ? '' : admission.rejection.message, /edge-2 serves version 7 \(and 1 more\)/);
});

test('it begins anew for whoever says that it is expected to be empty', () => {
  const { admission } = admit(EMPTY_STATE, propose({ expectVersion: 0 }), { ...context, serving });
  assert.ok(admission.ok && admission.version === 1);
});

test('acceptors that serve nothing yet are no sign of a loss, nor are others once the log has a version', () => {
  const first = admit(EMPTY_STATE, propose(), { ...context, serving: serving.slice(2) });
  assert.ok(first.admission.ok);
  const second = propose({ submission: 't', wish: { ...propose().wish, put: [workload('b')] } as Proposal['wish'] });
  assert.ok(admit(first.next!.state, second, { ...context, serving }).admission.ok);
});

test.run();
