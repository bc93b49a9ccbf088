import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { percentile } from './percentile.ts';

const test = suite('percentile');

test('it is the value at the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(
    [0, 0.5, 0.99, 1].map((share) => percentile(hundred, share)),
    [1, 50, 99, 100],
  );
  assert.equal([percentile([525, 100], 0.5), percentile([525, 100], 0.99)], [100, 525]);
  assert.equal([percentile([7], 0.5), percentile([], 0.5)], [7, null]);
});

test.run();
