import type { Balancer } from '@sluice/route-table';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { balancer, type Members } from './balance.ts';
import { active, clearWorker, createLive, enter, leave, openLive } from './live.ts';

const test = suite('balance');

function members(kind: Balancer, weights: readonly number[], hashTableSize = 1024): Members {
  return {
    balancer: kind,
    hashTableSize,
    count: weights.length,
    key: (n) => `10.0.0.${n + 1}:80`,
    weight: (n) => weights[n],
    slot: (n) => n + 1,
  };
}

/** mulberry32: a seeded uniform [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const idle = () => openLive(createLive(2));

function counts(kind: Balancer, weights: readonly number[], picks: number, tableSize?: number): number[] {
  const pick = balancer(members(kind, weights, tableSize), idle(), seeded(1));
  const position = { next: 0 };
  const count = weights.map(() => 0);
  for (let i = 0; i < picks; i++) count[pick(`198.51.${i >> 8}.${i & 255}`, [], position)]++;
  return count;
}

test('round robin takes each in turn', () => {
  const pick = balancer(members('round-robin', [1, 1, 1]), idle(), seeded(1));
  const position = { next: 0 };
  assert.equal(
    [0, 0, 0, 0].map(() => pick('', [], position)),
    [0, 1, 2, 0],
  );
});

test('weighted round robin is exact over one round, and spreads the heavy one', () => {
  assert.equal(counts('round-robin', [5, 1, 2], 8), [5, 1, 2]);
  const pick = balancer(members('round-robin', [4, 4]), idle(), seeded(1));
  const position = { next: 0 };
  const row = Array.from({ length: 8 }, () => pick('', [], position)).join('');
  assert.not.match(row, /000|111/);
});

test('round robin goes on from its position in a new version', () => {
  const position = { next: 0 };
  balancer(members('round-robin', [1, 1]), idle(), seeded(1))('', [], position);
  assert.is(balancer(members('round-robin', [1, 1]), idle(), seeded(1))('', [], position), 1);
});

test('random follows the weights', () => {
  const [light, heavy] = counts('random', [1, 3], 8000);
  assert.ok(Math.abs(heavy / light - 3) < 0.3, `${heavy} to ${light}`);
});

test('least request takes the one with fewest sessions for its weight, and turns among idle ones', () => {
  const live = idle();
  const pick = balancer(members('least-request', [1, 1, 2]), live, seeded(1));
  const position = { next: 0 };
  for (const slot of [1, 1, 2, 3, 3]) enter(live, slot % 2, slot, 0);
  assert.is(pick('', [], position), 2);
  enter(live, 0, 3, 0);
  enter(live, 0, 3, 0);
  assert.is(pick('', [], position), 1);
  assert.equal(counts('least-request', [1, 1], 100), [50, 50]);
});

test('among many endpoints the better of two is taken', () => {
  const live = idle();
  const weights = Array.from({ length: 100 }, () => 1);
  const pick = balancer(members('least-request', weights), live, seeded(3));
  for (let i = 0; i < 2000; i++) enter(live, 0, pick('', [], { next: 0 }) + 1, 0);
  const loads = weights.map((_, n) => active(live, n + 1));
  assert.ok(Math.max(...loads) - Math.min(...loads) <= 12, `${Math.min(...loads)}..${Math.max(...loads)}`);
});

// A ring is filled up to its size again by those who stay, and the points that adds take some clients along.
for (const [kind, size, mayMove] of [
  ['source-ip-ring', 4096, 0.12],
  ['source-ip-maglev', 65537, 0.06],
] as const) {
  test(`${kind}: a client keeps its endpoint, shares follow weights, and few move when one leaves`, () => {
    const [a, b, c] = counts(kind, [1, 1, 2], 8000, size);
    assert.ok(Math.abs(c / (a + b) - 1) < 0.25, `${a} ${b} ${c}`);
    const all = balancer(members(kind, [1, 1, 1, 1], size), idle(), seeded(1));
    const fewer = balancer(members(kind, [1, 1, 1], size), idle(), seeded(1));
    const position = { next: 0 };
    let moved = 0;
    for (let i = 0; i < 3000; i++) {
      const source = `203.0.${i >> 8}.${i & 255}`;
      const before = all(source, [], position);
      assert.is(all(source, [], position), before);
      if (before !== 3 && fewer(source, [], position) !== before) moved++;
    }
    assert.ok(moved < 3000 * mayMove, `${moved} clients moved without need`);
  });
}

test('what was tried is not picked again, and then there is none', () => {
  for (const kind of ['round-robin', 'random', 'least-request', 'source-ip-ring', 'source-ip-maglev'] as const) {
    const pick = balancer(members(kind, [1, 2, 1], 1031), idle(), seeded(7));
    const tried: number[] = [];
    for (let i = 0; i < 3; i++) tried.push(pick('192.0.2.1', tried, { next: i }));
    assert.equal([...tried].sort(), [0, 1, 2], kind);
    assert.is(pick('192.0.2.1', tried, { next: 0 }), -1);
  }
  assert.is(balancer(members('random', []), idle(), seeded(1))('', [], { next: 0 }), -1);
});

test('a limit holds over all workers, and a dead worker leaves no count behind', () => {
  const live = idle();
  assert.ok(enter(live, 0, 5, 2));
  assert.ok(enter(live, 1, 5, 2));
  assert.not(enter(live, 1, 5, 2));
  assert.is(active(live, 5), 2);
  clearWorker(live, 1);
  assert.is(active(live, 5), 1);
  assert.ok(enter(live, 0, 5, 2));
  leave(live, 0, 5);
  leave(live, 0, 5);
  assert.is(active(live, 5), 0);
});

test.run();
