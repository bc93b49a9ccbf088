// What became of an acceptor's connections, for judging a roll-out: figures of versions, added and compared.
import type { VersionFigures } from './acceptor-report.ts';
import type { Tally } from './rollout.ts';
import { isRate, LIMITED_FIGURES, type LimitedFigure } from './rollout-plan.ts';

const NAMES = ['connections', 'connectFailures', 'noRoute', 'earlyResets'] as const;

export const NO_CONNECTIONS: Tally = { connections: 0, connectFailures: 0, noRoute: 0, earlyResets: 0 };

/** Sums the figures of the versions that fit. */
export function tallyOf(figures: readonly VersionFigures[], fits: (version: number) => boolean): Tally {
  return figures.filter(({ version }) => fits(version)).reduce(sum, NO_CONNECTIONS);
}

export function sum(a: Tally, b: Tally): Tally {
  return combine((name) => a[name] + b[name]);
}

/** What was counted since; all of it where the count began anew (the acceptor was started again). */
export function since(now: Tally, then: Tally): Tally {
  if (NAMES.some((name) => now[name] < then[name])) return now;
  return combine((name) => now[name] - then[name]);
}

/** Percent of the connections for a rate, 0 without any; else the count. */
export function figureValue(figure: LimitedFigure, tally: Tally): number {
  const count = tally[LIMITED_FIGURES[figure]];
  if (!isRate(figure)) return count;
  return tally.connections === 0 ? 0 : (100 * count) / tally.connections;
}

/** To at most two places, as people read it. */
export function valueText(figure: LimitedFigure, value: number): string {
  return `${Math.round(value * 100) / 100}${isRate(figure) ? '%' : ''}`;
}

function combine(each: (name: (typeof NAMES)[number]) => number): Tally {
  const [connections, connectFailures, noRoute, earlyResets] = NAMES.map(each) as [number, number, number, number];
  return { connections, connectFailures, noRoute, earlyResets };
}
