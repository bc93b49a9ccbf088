// Figures of `bench peers` as a report and as a table: medians, ranges, and the ratio to the better of the peers. Pure.
import { type Figure, workloads } from './bench-peers-workloads.ts';

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
    const latency = mine.some(({ p99Ms }) => p99Ms !== undefined)
      ? { p50Ms: each((some) => median(some, 'p50Ms')), p99Ms: each((some) => median(some, 'p99Ms')) }
      : {};
    const busy = mine.some(({ proxyBusy }) => proxyBusy !== undefined)
      ? { proxyBusy: each((some) => median(some, 'proxyBusy')), loadBusy: each((some) => median(some, 'loadBusy')) }
      : {};
    return [
      {
        ...workload,
        median: each((some) => median(some, 'value')),
        rounds: each((some) => some.map(({ value }) => value)),
        ...latency,
        ...busy,
      },
    ];
  });
  return { machine, workloads: told };
}

function median(some: readonly Taken[], of: 'value' | 'p50Ms' | 'p99Ms' | 'proxyBusy' | 'loadBusy'): number | null {
  const values = some.flatMap((one) => one[of] ?? []).sort((a, b) => a - b);
  if (values.length === 0) return null;
  const middle = values.length >> 1;
  return values.length % 2 === 1
    ? (values[middle] as number)
    : ((values[middle - 1] as number) + (values[middle] as number)) / 2;
}

export function table({ machine, workloads: told }: Report, proxies: readonly string[]): string {
  const ours = proxies.filter((proxy) => compared.includes(proxy));
  const ratios = (of: Each<number | null>, better: 'higher' | 'lower') => ours.map((proxy) => ratio(of, proxy, better));
  const rows = [
    ['workload', 'unit', ...proxies, ...ours.map((name) => `${name.slice('sluice-'.length)} / better peer`)],
  ];
  for (const one of told) {
    rows.push([one.name, one.unit, ...proxies.map((proxy) => cell(one, proxy)), ...ratios(one.median, one.better)]);
    const { p99Ms, proxyBusy, loadBusy } = one;
    if (p99Ms !== undefined)
      rows.push(['  p99', 'ms', ...proxies.map((proxy) => figure(p99Ms[proxy] ?? null)), ...ratios(p99Ms, 'lower')]);
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
  return `${machine}\nmedian (least-most) of the rounds\n\n${lines.join('\n')}\n`;
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

function ratio(median: Each<number | null>, proxy: string, better: 'higher' | 'lower'): string {
  const theirs = peers.flatMap((peer) => median[peer] ?? []);
  const ours = median[proxy] ?? null;
  if (ours === null || theirs.length === 0) return '-';
  const best = better === 'higher' ? Math.max(...theirs) : Math.min(...theirs);
  return (ours / best).toFixed(2);
}
