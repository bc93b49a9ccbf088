import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeTable } from './encode.ts';
import { openTable } from './open.ts';
import type { TablePlan } from './plan.ts';
import { aliasColumns, pickDestination } from './weighted.ts';

const SPAN = 2 ** 32;
const DRAWS = 100_000;

const test = suite('weighted');

function planOf(weights: readonly number[]): TablePlan {
  const cluster = {
    name: 'c',
    host: 'h',
    subset: '',
    port: 1,
    balancer: 'random' as const,
    hashTableSize: 0,
    endpoints: [],
  };
  const limits = { connectTimeoutMs: 0, maxConnections: 0, keepalive: null, proxyProtocol: 0 as const, outlier: null };
  const destinations = weights.map((weight, index) => ({ cluster: index, weight }));
  const rules = [{ conditions: [], route: { name: 'r', destinations, idleTimeoutMs: 0, maxDurationMs: 0 } }];
  const listener = { name: 'l', bind: '', port: 1, gateways: [], inspectsTls: false, authorization: [] };
  return {
    listeners: [{ ...listener, chains: [{ names: ['*'], rules }] }],
    clusters: weights.map(() => ({ ...cluster, ...limits })),
    authorization: [],
  };
}

function counts(weights: readonly number[], random: (draw: number) => number): number[] {
  const opening = openTable(encodeTable(planOf(weights)));
  if (!opening.ok) throw new Error(opening.reason);
  const picked = weights.map(() => 0);
  for (let draw = 0; draw < DRAWS; draw++) picked[pickDestination(opening.table, 0, random(draw))]++;
  return picked;
}

const weightLists = fc
  .array(fc.oneof(fc.nat(10), fc.nat(2 ** 31 - 1)), { minLength: 1, maxLength: 50 })
  .filter((weights) => weights.some((weight) => weight > 0));

test('the columns share out the whole span by the weights, to a column’s rounding', () => {
  fc.assert(
    fc.property(weightLists, (weights) => {
      const shares = weights.map(() => 0);
      for (const [own, { threshold, alias }] of aliasColumns(weights).entries()) {
        shares[own] += threshold / SPAN / weights.length;
        shares[alias] += (SPAN - threshold) / SPAN / weights.length;
      }
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (const [i, weight] of weights.entries()) {
        assert.ok(
          Math.abs(shares[i] - weight / sum) <= (weights.length + 1) / SPAN,
          `${shares[i]} for ${weight} of ${sum}`,
        );
        if (weight === 0) assert.is(shares[i], 0);
      }
    }),
  );
});

test('evenly spaced draws are shared out almost exactly', () => {
  fc.assert(
    fc.property(weightLists, (weights) => {
      const picked = counts(weights, (draw) => Math.floor((draw * SPAN) / DRAWS));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      for (const [i, weight] of weights.entries()) {
        assert.ok(
          Math.abs(picked[i] - (weight / sum) * DRAWS) <= 2 * weights.length,
          `${picked[i]} for ${weight} of ${sum}`,
        );
      }
    }),
    { numRuns: 40 },
  );
});

test('random draws pass a chi-square test', () => {
  const weights = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];
  let state = 42;
  const picked = counts(weights, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 0;
  });
  const chiSquare = weights.reduce((total, weight, i) => {
    const expected = (weight / 231) * DRAWS;
    return total + (picked[i] - expected) ** 2 / expected;
  }, 0);
  assert.ok(chiSquare < 27.88, `${chiSquare}: nine degrees of freedom give 27.88 once in a thousand`);
});

test('the last random number picks from the last column', () => {
  const [, last] = counts([1, 1], () => SPAN - 1);
  assert.is(last, DRAWS);
});

test.run();
