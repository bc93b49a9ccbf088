import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BoundedComplaints, boundComplaints, countComplaints } from './bounded-complaints.ts';
import { complain } from './issue.ts';

const test = suite('bounded complaints');

const warning = complain('SLU3003', 'a', 'spec', 'skipped');
const error = complain('SLU0101', 'b', 'spec', 'not found');

test('what is within the bound is left as it is', () => {
  assert.equal(boundComplaints([warning, error], 1), [warning, error]);
});

test('errors are not lost behind warnings, and what is left out is counted by level', () => {
  const shown = boundComplaints([...Array(5).fill(warning), { ...warning, more: 7 }, error, error, error], 2);
  assert.equal(
    shown.map(({ code }) => code),
    ['SLU3003', 'SLU3003', 'SLU0101', 'SLU0101', 'SLU1008'],
  );
  assert.is(shown.at(-1)?.message, '12 more issues are not shown: 1 error, 11 warnings');
});

test('a complaint that stands for others counts as all of them', () => {
  assert.is(countComplaints([warning, { ...warning, more: 7 }, error], 'warning'), 9);
  assert.is(countComplaints(boundComplaints(Array(5).fill(error), 2), 'error'), 2);
});

test('those that come one by one are bounded as they come, and errors left out are still counted', () => {
  const all = [...Array(5).fill(warning), error, error, { ...error, more: 3 }, error];
  const bounded = new BoundedComplaints(2);
  for (const complaint of all) bounded.push(complaint);
  assert.equal(bounded.list(), boundComplaints(all, 2));
  assert.is(bounded.errors, 7);
});

test('what is bounded already stays as it is', () => {
  const once = boundComplaints(Array(5).fill(error), 2);
  assert.equal(boundComplaints(once, 2), once);
});

test.run();
