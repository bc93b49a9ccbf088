// Publishes one change after another to a fleet, and measures what comes of each: times, processor time, memory, pauses.
import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Resource } from '@sluice/resource';
import type { Store } from '@sluice/store';
import { type Fleet, findEvent, usage } from './bench-publish-fleet.ts';
import { change, gateways, service } from './bench-publish-resources.ts';

/** Services in one publish of the base. */
const BASE_CHUNK = 2_000;

/** An acceptor that has run for a while has its code compiled by V8, which takes each some 80 changes. */
const WARM_UP_CHANGES = 100;

/** More changes, while pauses are watched: to watch them costs time that must not be in the figures above. */
const PAUSE_CHANGES = 60;

/** Between two changes, so that each is measured alone. */
const REST_MS = 30;

/** Times are those that the processes tell: to look seldom leaves them the processor. */
const POLL_MS = 15;
const ANSWER_MS = 120_000;
const COMMIT_MS = 60_000;

/** For a signal to reach all threads of all processes. */
const SIGNAL_MS = 1_000;

/** The mix of changes repeats itself after so many. */
const CHANGES_CYCLE = 20;

export type Steps = Record<'decided' | 'answered' | 'compiled' | 'first' | 'median' | 'all', number[]>;

export interface Result {
  readonly fleet: string;
  readonly steps: { readonly [step in keyof Steps]: Spread };
  readonly byKind: Record<string, Spread>;
  readonly cpuMs: { readonly acceptor: number; readonly service: number; readonly redis: number };
  readonly residentMb: { readonly acceptor: number; readonly service: number };
  /** Longest pause of an event loop, by thread. */
  readonly pauses: Record<string, { readonly maxMs: number; readonly p99Ms: number }>;
  /** Of an entry of the log, as JSON. */
  readonly entryBytes: Spread;
  readonly load: number;
}

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

async function publish(store: Store, put: readonly Resource[], gone: readonly string[] = []): Promise<number> {
  const admission = await store.admissions.submit(
    {
      submission: randomUUID(),
      wish: { type: 'change', put, delete: gone as never, set: '', prune: false },
      author: 'bench',
      message: '',
      expectVersion: null,
      timeMs: Date.now(),
    },
    { timeoutMs: ANSWER_MS },
  );
  if (!admission.ok)
    throw new Error(`${admission.rejection.message}: ${JSON.stringify(admission.rejection.complaints[0])}`);
  return admission.version;
}

export async function publishBase(store: Store, services: number): Promise<number> {
  let version = 0;
  for (let first = 0; first < services; first += BASE_CHUNK) {
    const numbers = Array.from({ length: Math.min(BASE_CHUNK, services - first) }, (_, i) => first + i);
    version = await publish(store, [...(first === 0 ? gateways() : []), ...numbers.flatMap(service)]);
  }
  return version;
}

/** When each of the fleet committed a version, in milliseconds since the epoch. */
async function committed(fleet: Fleet, count: number, version: number): Promise<number[]> {
  const deadlineMs = performance.now() + COMMIT_MS;
  for (;;) {
    const times = fleet.acceptors.flatMap((each) =>
      each
        .events()
        .slice(fleet.acceptors.length === 1 ? -4 * count - 8 : -12)
        .filter(({ event, version: of }) => event === 'committed' && of === version)
        .map(({ time }) => (typeof time === 'number' ? time : Date.parse(String(time)))),
    );
    if (times.length >= count) return times.sort((a, b) => a - b);
    if (performance.now() > deadlineMs) throw new Error(`version ${version}: ${times.length} of ${count} committed`);
    await delay(POLL_MS);
  }
}

async function measure(fleet: Fleet, store: Store, count: number, numbers: readonly number[], services: number) {
  const steps: Steps = { decided: [], answered: [], compiled: [], first: [], median: [], all: [] };
  const byKind = new Map<string, number[]>();
  for (const n of numbers) {
    const { what, put, delete: gone } = change(n, services);
    const startMs = Date.now();
    const version = await publish(store, put, gone);
    steps.answered.push(Date.now() - startMs);
    const times = (await committed(fleet, count, version)).map((time) => time - startMs);
    steps.first.push(times[0]!);
    steps.median.push(times[times.length >> 1]!);
    steps.all.push(times.at(-1)!);
    if (!byKind.has(what)) byKind.set(what, []);
    byKind.get(what)!.push(times.at(-1)!);
    const decided = findEvent(fleet.service, 'admitted', version);
    if (decided !== undefined) steps.decided.push(Number(decided.durationMs));
    // Followers tell it; of acceptors it would take a log line more, which they do not write when they serve.
    const compiled = fleet.acceptors.map((each) => findEvent(each, 'committed', version)?.ms);
    steps.compiled.push(...compiled.filter((ms) => typeof ms === 'number'));
    await delay(REST_MS);
  }
  return { steps, byKind };
}

/** A fleet to be measured: so many acceptors, or followers in one process. */
export interface Run {
  readonly name: string;
  readonly count: number;
  /** Acceptors have threads whose pauses can be watched. */
  readonly areAcceptors: boolean;
  readonly changes: number;
  /** Number of the first change; the next run's is given with the result. */
  readonly from: number;
  readonly services: number;
}

export async function measureFleet(
  fleet: Fleet,
  store: Store,
  { name, count, areAcceptors, changes, from, services }: Run,
): Promise<{ readonly result: Result; readonly next: number }> {
  let next = from;
  const publishNext = (length: number) => {
    const numbers = Array.from({ length }, (_, i) => next + i);
    next += CHANGES_CYCLE * Math.ceil(length / CHANGES_CYCLE);
    return measure(fleet, store, count, numbers, services);
  };
  await publishNext(WARM_UP_CHANGES);
  const { version: before } = await store.log.head();
  const used = usageOf(fleet);
  const { steps, byKind } = await publishNext(changes);
  const use = usageOf(fleet);
  const entries = await store.log.entries(before, changes);
  const load = loadavg()[0]!;
  const pauses = areAcceptors ? await pausesWhile(fleet, () => publishNext(PAUSE_CHANGES)) : {};
  const spent = (of: keyof typeof use) => (use[of].cpuMs - used[of].cpuMs) / changes;
  const result: Result = {
    fleet: name,
    steps: Object.fromEntries(Object.entries(steps).map(([step, times]) => [step, spread(times)])) as Result['steps'],
    byKind: Object.fromEntries([...byKind].map(([what, times]) => [what, spread(times)])),
    cpuMs: { acceptor: spent('acceptors') / count, service: spent('service'), redis: spent('redis') },
    residentMb: { acceptor: use.acceptors.residentMb / count, service: use.service.residentMb },
    pauses,
    entryBytes: spread(entries.map((entry) => Buffer.byteLength(JSON.stringify(entry)))),
    load,
  };
  return { result, next };
}

/** Of all acceptors together. */
function usageOf(fleet: Fleet) {
  const each = fleet.acceptors.map(usage);
  const sum = (of: 'cpuMs' | 'residentMb') => each.reduce((total, one) => total + one[of], 0);
  const acceptors = { cpuMs: sum('cpuMs'), residentMb: sum('residentMb') };
  return { acceptors, service: usage(fleet.service), redis: usage(fleet.redis) };
}

async function pausesWhile(fleet: Fleet, work: () => Promise<unknown>): Promise<Result['pauses']> {
  const toggle = async () => {
    for (const { child } of fleet.acceptors) child.kill('SIGUSR2');
    await delay(SIGNAL_MS);
  };
  await toggle();
  await work();
  await toggle();
  const pauses: Record<string, { maxMs: number; p99Ms: number }> = {};
  for (const told of fleet.acceptors.flatMap((each) => each.events().filter(({ event }) => event === 'pauses'))) {
    const { thread, maxMs, p99Ms } = told as { thread: string; maxMs: number; p99Ms: number };
    const known = pauses[thread] ?? { maxMs: 0, p99Ms: 0 };
    pauses[thread] = { maxMs: Math.max(known.maxMs, maxMs), p99Ms: Math.max(known.p99Ms, p99Ms) };
  }
  return pauses;
}

function spread(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN };
}
