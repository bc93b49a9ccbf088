import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { report, type Taken, table } from './bench-peers-table.ts';
import { spread } from './bench-spread.ts';

const test = suite('figures of bench peers');
const proxies = ['sluice-linux', 'haproxy', 'nginx'];

test('the ratio is of one round with another, to the peer with the better median', () => {
  // The machine is half as fast in every other round: of the medians alone the ratio would be 0.5.
  const told = report(
    'machine',
    taken({ 'sluice-linux': [50, 100, 50], haproxy: [50, 100, 100], nginx: [9, 9, 9] }),
    proxies,
  );
  assert.match(row(told, 'keepalive-64'), /1\.00 \(0\.50 to 1\.00\)$/);
});

test('of latencies the lower is the better one, and JSON has those of each round', () => {
  const told = report('machine', taken({ 'sluice-linux': [1, 1, 1], haproxy: [1, 1, 1], nginx: [2, 2, 2] }), proxies);
  assert.match(row(told, 'p99'), /2\.00 \(2\.00 to 2\.00\)$/);
  assert.equal(told.workloads[0]?.p99MsRounds?.['nginx'], [0.5, 0.5, 0.5]);
});

test('no peer, no ratio', () => {
  const told = report('machine', taken({ 'sluice-linux': [1, 2] }), ['sluice-linux']);
  assert.match(row(told, 'keepalive-64', ['sluice-linux']), / -$/);
});

test('a spread holds the middle, and leaves out more of the ends the more values there are', () => {
  assert.equal(spread([3]), { low: 3, median: 3, high: 3 });
  assert.equal(spread([4, 1, 3, 2]), { low: 1, median: 2.5, high: 4 });
  const { low, median, high } = spread(Array.from({ length: 101 }, (_, i) => i));
  assert.is(median, 50);
  // The 41st and the 62nd of 101, rounded outwards (binomial, n = 101, p = 1/2).
  assert.equal([low, high], [40, 61]);
});

/** Latencies are one through the rate. */
function taken(rates: Readonly<Record<string, readonly number[]>>): Taken[] {
  return Object.entries(rates).flatMap(([proxy, values]) =>
    values.map((value, round) => ({ proxy, round, workload: 'keepalive-64', value, p99Ms: 1 / value })),
  );
}

function row(told: ReturnType<typeof report>, name: string, columns = proxies): string {
  return (
    table(told, columns)
      .split('\n')
      .find((line) => line.trim().startsWith(name)) ?? ''
  );
}

test.run();
