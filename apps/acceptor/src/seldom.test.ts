import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Seldom } from './seldom.ts';

const test = suite('seldom');

test('the first is let through, then one in each period with the number of those before it', () => {
  const seldom = new Seldom(10);
  assert.equal(
    [0, 1, 9, 10, 11, 35, 44, 45].map((nowMs) => seldom.pass(nowMs)),
    [1, 0, 0, 3, 0, 2, 0, 2],
  );
});

test.run();
