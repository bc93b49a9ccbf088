// `bench table`: what the compiled table costs and gives, from 10 to 100,000 routes over 200,000 endpoints.

import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import {
  clearFacts,
  createFacts,
  encodeTable,
  type Facts,
  match,
  openTable,
  type RouteTable,
  setHello,
  setSource,
} from '@sluice/route-table';
import { readCommandLine } from '@sluice/testkit';
import { median } from './bench-spread.ts';
import { benchKeys, benchPlan, ENDPOINTS, type Keys, KINDS, type Kind, type Popularity } from './bench-table-plans.ts';
import { measureSharing, type Sharing } from './bench-table-workers.ts';

const ROUTES = [10, 1000, 100_000] as const;
/** Connections that differ; more than any cache near a core holds entries of a table for. */
const KEYS = 65_536;
const WARM_UP_PASSES = 10;
const NO_PROTOCOLS: readonly string[] = [];

/** Workers, and whether they rest between bursts. Without rest, more of them than cores wait for a core and not for the table. */
const CREWS = [
  [1, true],
  [2, true],
  [4, true],
  [8, true],
  [availableParallelism(), false],
] as const;

/**
 * Look-ups that are timed as one: 0.1 ms, so that most are over before anything else takes the core. Their texts are read once before, for
 * a connection's name or address has just come in, and only the table is as far away as it is.
 */
const SLICE = 512;

interface Effort {
  readonly rounds: number;
  readonly swaps: number;
}
const FULL: Effort = { rounds: 20, swaps: 100 };
const QUICK: Effort = { rounds: 7, swaps: 30 };
/** Passes over all keys in a row; before them one more that is not timed, for a worker has one table in its caches and not three. */
const PASSES = 3;

interface Subject {
  readonly kind: Kind;
  readonly popularity: Popularity;
  readonly routes: number;
  readonly table: RouteTable;
  readonly keys: Keys;
  readonly encodeMs: number;
  readonly openMs: number;
  readonly tableBytes: number;
}

interface Row extends Omit<Subject, 'table' | 'keys'> {
  /** From the connection's text to its route, on one core: median over all slices. */
  readonly lookupsPerSecond: number;
  readonly nanosecondsPerLookup: number;
  /** Of that, taking in the text alone: reading the address, folding and hashing the name. */
  readonly nanosecondsPerText: number;
  /** Time per look-up against that with the fewest routes of the kind. */
  readonly ratio: number;
  readonly garbageBytesPerLookup: number;
}

function prepare(kind: Kind, routes: number, popularity: Popularity): Subject {
  const plan = benchPlan(kind, routes);
  const start = performance.now();
  const buffer = encodeTable(plan);
  const encoded = performance.now();
  const opening = openTable(buffer);
  const opened = performance.now();
  if (!opening.ok) throw new Error(opening.reason);
  const keys = benchKeys(kind, routes, KEYS, popularity);
  const [encodeMs, openMs] = [encoded - start, opened - encoded];
  return { kind, popularity, routes, table: opening.table, keys, encodeMs, openMs, tableBytes: buffer.byteLength };
}

/** Takes in, or looks up, the keys of a slice; each kind has loops of its own, so that no call in them has several targets. */
type Loop = (table: RouteTable, keys: Keys, facts: Facts, from: number) => number;
const LOOPS: { readonly [kind in Kind]: { readonly text: Loop; readonly lookUp: Loop } } = {
  'sni exact': { text: takeNames, lookUp: serverNames },
  'sni wildcard': { text: takeNames, lookUp: serverNames },
  cidr: { text: takeSources, lookUp: sources },
  'cidr v6': { text: takeSources, lookUp: sources },
  'plain port': { text: () => 0, lookUp: listeners },
};

function takeNames(_table: RouteTable, keys: Keys, facts: Facts, from: number): number {
  for (let i = from; i < from + SLICE; i++) setHello(facts, keys[i] as string, NO_PROTOCOLS);
  return SLICE;
}

function takeSources(_table: RouteTable, keys: Keys, facts: Facts, from: number): number {
  for (let i = from; i < from + SLICE; i++) setSource(facts, keys[i] as string);
  return SLICE;
}

function serverNames(table: RouteTable, keys: Keys, facts: Facts, from: number): number {
  let found = 0;
  for (let i = from; i < from + SLICE; i++) {
    setHello(facts, keys[i] as string, NO_PROTOCOLS);
    if (match(table, 0, facts) >= 0) found++;
  }
  return found;
}

function sources(table: RouteTable, keys: Keys, facts: Facts, from: number): number {
  let found = 0;
  for (let i = from; i < from + SLICE; i++) {
    setSource(facts, keys[i] as string);
    if (match(table, 0, facts) >= 0) found++;
  }
  return found;
}

function listeners(table: RouteTable, keys: Keys, facts: Facts, from: number): number {
  let found = 0;
  for (let i = from; i < from + SLICE; i++) {
    if (match(table, keys[i] as number, facts) >= 0) found++;
  }
  return found;
}

/** Nanoseconds for each key, one figure a slice, appended. */
function timeSlices({ kind, table, keys }: Subject, facts: Facts, textTimes: number[], times: number[]): void {
  const { text, lookUp } = LOOPS[kind];
  clearFacts(facts);
  for (let from = 0; from < keys.length; from += SLICE) {
    text(table, keys, facts, from);
    const start = process.hrtime.bigint();
    text(table, keys, facts, from);
    const taken = process.hrtime.bigint();
    const found = lookUp(table, keys, facts, from);
    times.push(Number(process.hrtime.bigint() - taken) / SLICE);
    textTimes.push(Number(taken - start) / SLICE);
    if (found !== SLICE) throw new Error(`${kind}: ${found} of ${SLICE} found`);
  }
}

/** The least growth of the heap over several passes: a collection in between could only hide growth, the least over none. */
function garbagePerLookup({ kind, table, keys }: Subject, facts: Facts): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const before = process.memoryUsage().heapUsed;
    for (let from = 0; from < keys.length; from += SLICE) LOOPS[kind].lookUp(table, keys, facts, from);
    least = Math.min(least, Math.abs(process.memoryUsage().heapUsed - before));
  }
  return least / keys.length;
}

/** Sizes take turns, so that a slow moment of the machine meets all of them. */
function measureKind(kind: Kind, popularity: Popularity, { rounds }: Effort): Row[] {
  const facts = createFacts();
  const subjects = ROUTES.map((routes) => prepare(kind, routes, popularity));
  const times = subjects.map((): number[] => []);
  const textTimes = subjects.map((): number[] => []);
  for (let round = -WARM_UP_PASSES; round < rounds; round++) {
    for (const [i, subject] of subjects.entries()) {
      timeSlices(subject, facts, [], []);
      if (round >= 0) for (let pass = 0; pass < PASSES; pass++) timeSlices(subject, facts, textTimes[i], times[i]);
    }
  }
  const [medians, textMedians] = [times.map(median), textTimes.map(median)];
  return subjects.map(({ table: _table, keys: _keys, ...subject }, i) => ({
    ...subject,
    lookupsPerSecond: 1e9 / medians[i],
    nanosecondsPerLookup: medians[i],
    nanosecondsPerText: textMedians[i],
    ratio: medians[i] / medians[0],
    garbageBytesPerLookup: garbagePerLookup(subjects[i], facts),
  }));
}

async function measureShared({ swaps }: Effort): Promise<(Sharing & { routes: number; tableBytes: number })[]> {
  const results: (Sharing & { routes: number; tableBytes: number })[] = [];
  for (const routes of [ROUTES[0], ROUTES[2]]) {
    const [one, other] = [encodeTable(benchPlan('sni exact', routes)), encodeTable(benchPlan('sni exact', routes))];
    const keys = (benchKeys('sni exact', routes, KEYS) as string[]).slice(0, 4096);
    for (const [workers, pauses] of CREWS) {
      const sharing = await measureSharing([one, other], keys, workers, pauses, swaps);
      results.push({ routes, tableBytes: one.byteLength, ...sharing });
    }
  }
  return results;
}

function print(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  console.log(`\n${title}\n${[heads, ...rows].map(line).join('\n')}`);
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

const help = `Usage: ./scripts/bench table [--quick] [--json FILE]

  --quick        fewer and shorter rounds
  --json FILE    write all figures there
`;
const { values: options } = readCommandLine(help, { json: { type: 'string' }, quick: { type: 'boolean' } });
const effort = options.quick ? QUICK : FULL;
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`;
console.log(`route table, ${grouped(ENDPOINTS)} endpoints; ${machine}`);

const popularities = [
  ['even', KINDS, 'every route as often as any other'],
  ['zipf', KINDS.slice(0, -1), "routes as popular as sites are (Zipf's law)"],
] as const;
const lookups: Row[] = [];
for (const [popularity, kinds, told] of popularities) {
  const rows = kinds.flatMap((kind) => measureKind(kind, popularity, effort));
  lookups.push(...rows);
  print(
    `look-ups on one core, from the text of a server name or address to the route; ${told}`,
    ['kind', 'routes', 'encode ms', 'check ms', 'table MB', 'look-ups/s', 'ns', 'of it text', 'x base', 'garbage B'],
    rows.map((row) => [
      row.kind,
      grouped(row.routes),
      row.encodeMs.toFixed(0),
      row.openMs.toFixed(1),
      (row.tableBytes / 1e6).toFixed(1),
      grouped(row.lookupsPerSecond),
      row.nanosecondsPerLookup.toFixed(1),
      row.nanosecondsPerText.toFixed(1),
      row.ratio.toFixed(2),
      row.garbageBytesPerLookup.toFixed(3),
    ]),
  );
}

const sharing = await measureShared(effort);
print(
  'one buffer in worker threads; swap = from the store until all have looked up in the new table, own = less their waits for a core',
  ['workers', 'load', 'routes', 'table MB', 'heap bytes a worker', 'attach ms', 'swap ms median', 'worst', 'own worst'],
  sharing.map((row) => [
    String(row.workers),
    row.pauses ? 'bursts' : 'all the time',
    grouped(row.routes),
    (row.tableBytes / 1e6).toFixed(1),
    grouped(row.heapBytesPerWorker),
    row.attachMs.toFixed(2),
    row.swapMedianMs.toFixed(3),
    row.swapWorstMs.toFixed(3),
    row.ownWorstMs.toFixed(3),
  ]),
);

if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ machine, endpoints: ENDPOINTS, lookups, sharing }, undefined, 2)}\n`);
}
