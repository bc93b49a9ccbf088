import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointLines, readCheckpoint } from './checkpoint.ts';
import { workload } from './sample-resource.test-kit.ts';
import { EMPTY_STATE, holdingOf, type State, stepState } from './state.ts';

const test = suite('checkpoint');

function sample(): State {
  const change = { put: [workload('a'), workload('b', '10.0.0.2', { version: 'v1' })], delete: [] };
  return stepState(EMPTY_STATE, {
    ...{ kind: 'publish', version: 1, change, author: 'ann', message: 'why' },
    ...{ timeMs: 7, submission: 's', set: 'edge' },
  });
}

test('what is read is what was written', () => {
  const state = sample();
  const read = readCheckpoint([...checkpointLines(state)].join(''));
  assert.ok(read.ok);
  if (!read.ok) return;
  assert.equal([read.state.version, read.state.digest, read.state.size], [1, state.digest, 2]);
  assert.equal(read.state.last, state.last);
  assert.equal(read.state.submissions, state.submissions);
  assert.equal(holdingOf(read.state, 'WorkloadEntry/default/a'), holdingOf(state, 'WorkloadEntry/default/a'));
});

test('the empty state can be written and read', () => {
  const read = readCheckpoint([...checkpointLines(EMPTY_STATE)].join(''));
  assert.ok(read.ok && read.state.digest === EMPTY_STATE.digest);
});

test('any altered, missing or doubled line is noticed', () => {
  const lines = [...checkpointLines(sample())];
  const cases = [
    '',
    'nonsense',
    lines.slice(1).join(''),
    lines.slice(0, 2).join(''),
    lines.join('').slice(0, -20),
    lines.join('').replace('10.0.0.2', '10.0.0.3'),
    lines.join('').replace('"creation":1', '"creation":2'),
    lines.join('').replace('"set":"edge"', '"set":""'),
    lines.join('').replace('"address"', '"adress"'),
    lines.join('').replace('"format":1', '"format":9'),
  ];
  for (const each of cases) assert.not(readCheckpoint(each).ok, each);
});

test.run();
