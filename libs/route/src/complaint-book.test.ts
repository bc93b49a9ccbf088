import { type Complaint, complain } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sortComplaints } from './compile.ts';
import { MAX_SAID, withinBounds } from './complaint-book.ts';

const test = suite('complaint book');

const about = (resource: string, count: number): Complaint[] =>
  Array.from({ length: count }, (_, i) => complain('SLU3003', resource, `spec.tls[${i}]`, `rule ${i} is skipped`));

test('of few complaints none is left out', () => {
  const few = about('VirtualService/default/a', MAX_SAID);
  assert.equal(withinBounds(few), few);
});

test('of many the rest is counted, with the code, level and resource they have', () => {
  const told = withinBounds([...about('a', 1_000), ...about('b', 3)]);
  assert.is(told.filter(({ resource }) => resource === 'a').length, MAX_SAID + 1);
  assert.is(told.filter(({ resource }) => resource === 'b').length, 3);
  const rest = told.find(({ more }) => more !== undefined)!;
  assert.equal(
    [rest.code, rest.level, rest.resource, rest.more, rest.message],
    ['SLU3003', 'warning', 'a', 1_000 - MAX_SAID, `and ${1_000 - MAX_SAID} more of SLU3003 in this resource`],
  );
});

test('what is told depends neither on order nor on how often it was said', () => {
  const said = about('a', 500);
  const expected = sortComplaints(withinBounds(said));
  assert.equal(sortComplaints(withinBounds([...said].reverse())), expected);
  assert.equal(sortComplaints(withinBounds([...said, ...said, ...said.slice(100, 300)])), expected);
});

test.run();
