import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded } from './seed.ts';

const test = suite('seeds');

test('the same seed brings the same choices, another one others', () => {
  const draw = (seed: number) => Array.from({ length: 50 }, seeded(seed).next);
  assert.equal(draw(7), draw(7));
  assert.not.equal(draw(7), draw(8));
});

test('whole numbers take every value of their range and no other', () => {
  const random = seeded(1);
  const seen = new Set(Array.from({ length: 500 }, () => random.whole(3, 7)));
  assert.equal([...seen].sort(), [3, 4, 5, 6, 7]);
});

test.run();
