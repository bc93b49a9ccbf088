// prom-client's metrics of the process itself, with event loop lag of our own: its histogram wakes the thread each 10 ms for
// good, about 1 % of a core with nothing to do, and counts those 10 ms as lag.
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Lag, LoopLag } from './loop-lag.ts';

/** The histogram cannot be left out: it is given so long an interval, in milliseconds, that it never wakes (12 days). */
const neverMs = 2 ** 30;

/** prom-client's name after `nodejs_eventloop_lag_`, what it is, and how it is read. */
const LAG: readonly (readonly [string, string, (lag: Lag) => number])[] = [
  ['min', 'least', ({ min }) => min],
  ['max', 'greatest', ({ max }) => max],
  ['mean', 'mean', ({ mean }) => mean],
  ['stddev', 'standard deviation of the', ({ stddev }) => stddev],
  ['p50', '50th percentile of the', (lag) => lag.percentile(50)],
  ['p90', '90th percentile of the', (lag) => lag.percentile(90)],
  ['p99', '99th percentile of the', (lag) => lag.percentile(99)],
];

export function collectProcessMetrics(registry: Registry, lag: LoopLag): void {
  collectDefaultMetrics({ register: registry, prefix: 'sluice_', eventLoopMonitoringPrecision: neverMs });
  // Read together before the first is told. What was last seen stays where nothing was since.
  const readAll = () =>
    lag.take((seen) => {
      if (seen.count > 0) for (const [i, [, , read]] of LAG.entries()) gauges[i]?.set(read(seen) / 1e9);
    });
  const gauges = LAG.map(([name, what], i) => {
    const full = `sluice_nodejs_eventloop_lag_${name}_seconds`;
    registry.removeSingleMetric(full);
    const help = `${what} lateness of the event loop since the last scrape`;
    return new Gauge({ name: full, help, registers: [registry], ...(i === 0 ? { collect: readAll } : {}) });
  });
}
