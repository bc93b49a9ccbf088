// What `bench publish` prints of a fleet: a row a step, and the goals.
import type { Result, Spread, Steps } from './bench-publish-measure.ts';

/** What a change may take to be committed in every worker of twenty acceptors, by its slowest hundredth. */
const COMMIT_GOAL_MS = 100;
const PAUSE_GOAL_MS = 20;

const STEPS: Readonly<Record<keyof Steps, string>> = {
  decided: 'decided and appended, in the config service',
  answered: 'publisher answered',
  compiled: 'table made, in one acceptor',
  first: 'committed by the first',
  median: 'committed by half of them',
  all: 'committed in every worker of all',
};

export function print({ fleet, steps, byKind, cpuMs, residentMb, pauses, entryBytes, load }: Result): void {
  const ms = (value: number) => (Number.isNaN(value) ? '-' : value.toFixed(1)).padStart(8);
  const row = (what: string, { p50, p99, max }: Spread) => `  ${what.padEnd(44)}${ms(p50)}${ms(p99)}${ms(max)}`;
  const verdict = (value: number, goal: number) => `goal ${goal} ms: ${value < goal ? 'reached' : 'not reached'}`;
  const lines = [
    `\n${fleet}, load ${load.toFixed(1)}`,
    `  ${'ms'.padEnd(44)}${'p50'.padStart(8)}${'p99'.padStart(8)}${'max'.padStart(8)}`,
    ...Object.entries(STEPS).map(([step, what]) => row(what, steps[step as keyof Steps])),
    ...Object.entries(byKind).map(([what, times]) => row(`  all, ${what}`, times)),
    `  p99 of all, ${verdict(steps.all.p99, COMMIT_GOAL_MS)}`,
    `  processor ms a change: each ${cpuMs.acceptor.toFixed(1)}, config service ${cpuMs.service.toFixed(1)}, Redis ${cpuMs.redis.toFixed(1)}`,
    `  resident MB: each ${residentMb.acceptor.toFixed(0)}, config service ${residentMb.service.toFixed(0)}`,
    `  bytes of an entry: ${entryBytes.p50} (p50), ${entryBytes.max} (largest)`,
    ...Object.entries(pauses).map(
      ([thread, { maxMs, p99Ms }]) =>
        `  longest pause of ${thread} threads: ${maxMs.toFixed(1)} ms (p99 ${p99Ms.toFixed(1)} ms), ${verdict(maxMs, PAUSE_GOAL_MS)}`,
    ),
  ];
  console.log(lines.join('\n'));
}
