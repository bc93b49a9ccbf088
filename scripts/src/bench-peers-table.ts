// Figures of `bench peers` as a report and as a table: medians, ranges, and the ratio to the better of the peers. Pure.
import { type Figure, workloads } from './bench-peers-workloads.ts';
import { median, spread } from './bench-spread.ts';

export interface Taken extends Figure {
  readonly proxy: string;
  readonly round: number;
}

type Each<T> = Record<string, T>;

export interface Told {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** null where a proxy was not measured, or has no such figure (`direct` uses no processor time as a proxy). */
  readonly median: Each<number | null>;
  readonly rounds: Each<readonly number[]>;
  readonly p50Ms?: Each<number | null>;
  readonly p99Ms?: Each<number | null>;
  readonly p99MsRounds?: Each<readonly number[]>;
  /** How busy the proxy's core and the load's were, 0..1. */
  readonly proxyBusy?: Each<number | null>;
  readonly loadBusy?: Each<number | null>;
}

export interface Report {
  readonly machine: string;
  readonly workloads: readonly Told[];
}

/** The product is compared with the better of these. */
const peers = ['haproxy', 'nginx'];
const compared = ['sluice-linux', 'sluice-two-cores', 'sluice-two-workers'];

export function report(machine: string, taken: readonly Taken[], proxies: readonly string[]): Report {
  const told = workloads.flatMap((workload): Told[] => {
    const mine = taken.filter(({ workload: name }) => name === workload.name);
    if (mine.length === 0) return [];
    const each = <T>(of: (some: readonly Taken[]) => T): Each<T> =>
      Object.fromEntries(proxies.map((proxy) => [proxy, of(mine.filter((one) => one.proxy === proxy))]));
    const middle = (of: Column) => each((some) => middleOf(all(some, of)));
    const latency = mine.some(({ p99Ms }) => p99Ms !== undefined)
      ? { p50Ms: middle('p50Ms'), p99Ms: middle('p99Ms'), p99MsRounds: each((some) => all(some, 'p99Ms')) }
      : {};
    const busy = mine.some(({ proxyBusy }) => proxyBusy !== undefined)
      ? { proxyBusy: middle('proxyBusy'), loadBusy: middle('loadBusy') }
      : {};
    return [{ ...workload, median: middle('value'), rounds: each((some) => all(some, 'value')), ...latency, ...busy }];
  });
  return { machine, workloads: told };
}

type Column = 'value' | 'p50Ms' | 'p99Ms' | 'proxyBusy' | 'loadBusy';

/** In the order of the rounds. */
function all(some: readonly Taken[], of: Column): number[] {
  return some.flatMap((one) => one[of] ?? []);
}

function middleOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}

export function table({ machine, workloads: told }: Report, proxies: readonly string[]): string {
  const ours = proxies.filter((proxy) => compared.includes(proxy));
  const ratios = (rounds: Each<readonly number[]>, better: 'higher' | 'lower') =>
    ours.map((proxy) => ratio(rounds, proxy, better));
  const rows = [
    ['workload', 'unit', ...proxies, ...ours.map((name) => `${name.slice('sluice-'.length)} / better peer`)],
  ];
  for (const one of told) {
    rows.push([one.name, one.unit, ...proxies.map((proxy) => cell(one, proxy)), ...ratios(one.rounds, one.better)]);
    const { p99Ms, p99MsRounds, proxyBusy, loadBusy } = one;
    if (p99Ms !== undefined && p99MsRounds !== undefined) {
      const figures = proxies.map((proxy) => figure(p99Ms[proxy] ?? null));
      rows.push(['  p99', 'ms', ...figures, ...ratios(p99MsRounds, 'lower')]);
    }
    if (proxyBusy !== undefined && loadBusy !== undefined)
      rows.push([
        '  cores busy',
        "% proxy's, load's",
        ...proxies.map((proxy) => both(proxyBusy[proxy], loadBusy[proxy])),
        ...ours.map(() => ''),
      ]);
  }
  const widths = (rows[0] as string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  const lines = rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd(),
  );
  return `${machine}\nmedian (least-most) of the rounds; ratios: median over the rounds, and where it lies with 95 %\n\n${lines.join('\n')}\n`;
}

function cell(one: Told, proxy: string): string {
  const values = one.rounds[proxy] ?? [];
  if (values.length === 0) return '-';
  return `${figure(one.median[proxy] ?? null)} (${figure(Math.min(...values))}-${figure(Math.max(...values))})`;
}

function both(proxy: number | null | undefined, load: number | null | undefined): string {
  return [proxy, load].map((share) => figure(share == null ? null : Math.round(share * 100))).join(', ');
}

function figure(value: number | null): string {
  if (value === null) return '-';
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/**
 * To the peer whose median is the better one. Of each round the ratio is taken by itself, for a machine may be half as fast
 * a minute later; then their median, and where it lies with 95 %.
 */
function ratio(rounds: Each<readonly number[]>, proxy: string, better: 'higher' | 'lower'): string {
  const ours = rounds[proxy] ?? [];
  const [theirs] = peers
    .map((peer) => rounds[peer] ?? [])
    .filter((values) => values.length > 0 && values.length === ours.length)
    .sort((a, b) => (better === 'higher' ? median(b) - median(a) : median(a) - median(b)));
  if (ours.length === 0 || theirs === undefined) return '-';
  const { low, median: middle, high } = spread(ours.map((value, round) => value / (theirs[round] as number)));
  return `${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}
