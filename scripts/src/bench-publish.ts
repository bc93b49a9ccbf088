// `bench publish`: how long a change of one resource among many takes from its publish to its commit in every worker, with
// real processes: a Redis, a config service and N acceptors, or N followers that compile, in one process.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Resource } from '@sluice/resource';
import { openStore, type Store } from '@sluice/store';
import { Fleet, findEvent, usage } from './bench-publish-fleet.ts';
import { change, gateways, service } from './bench-publish-resources.ts';

const RESOURCES_PER_SERVICE = 5;
/** Services in one publish of the base. */
const BASE_CHUNK = 2_000;
const WARM_UP_CHANGES = 20;
/** Between two changes, so that each is measured alone. */
const REST_MS = 30;
/** Times are those that the processes tell: to look seldom leaves them the processor. */
const POLL_MS = 15;
const ANSWER_MS = 120_000;
const COMMIT_MS = 60_000;
const MACHINE = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`;

type Steps = Record<'decided' | 'answered' | 'compiled' | 'first' | 'median' | 'all', number[]>;

interface Result {
  readonly fleet: string;
  readonly steps: { readonly [step in keyof Steps]: Spread };
  readonly byKind: Record<string, Spread>;
  readonly cpuMs: { readonly acceptor: number; readonly service: number; readonly redis: number };
  readonly residentMb: { readonly acceptor: number; readonly service: number };
  /** Longest pause of an event loop, by thread. */
  readonly pauses: Record<string, { readonly maxMs: number; readonly p99Ms: number }>;
  readonly load: number;
}

interface Spread {
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

async function publishBase(store: Store, services: number): Promise<number> {
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
    for (const each of fleet.acceptors) {
      const compiled = findEvent(each, 'compiled', version) ?? findEvent(each, 'committed', version);
      if (typeof compiled?.ms === 'number') steps.compiled.push(compiled.ms);
    }
    await delay(REST_MS);
  }
  return { steps, byKind };
}

async function measureFleet(
  fleet: Fleet,
  store: Store,
  {
    name,
    count,
    changes,
    from,
    services,
  }: { name: string; count: number; changes: number; from: number; services: number },
): Promise<Result> {
  const numbers = (first: number, length: number) => Array.from({ length }, (_, i) => first + i);
  await measure(fleet, store, count, numbers(from, WARM_UP_CHANGES), services);
  const others = { service: fleet.service, redis: fleet.redis };
  const before = [...fleet.acceptors, ...Object.values(others)].map(usage);
  for (const each of fleet.acceptors) if (name.includes('acceptor')) each.child.kill('SIGUSR2');
  await delay(500);
  const { steps, byKind } = await measure(fleet, store, count, numbers(from + WARM_UP_CHANGES, changes), services);
  for (const each of fleet.acceptors) if (name.includes('acceptor')) each.child.kill('SIGUSR2');
  await delay(1000);
  const after = [...fleet.acceptors, ...Object.values(others)].map(usage);
  const spent = after.map(({ cpuMs }, i) => (cpuMs - before[i]!.cpuMs) / changes);
  const [serviceMs, redisMs] = spent.slice(-2);
  const own = spent.slice(0, -2);
  const pauses: Result['pauses'] = {};
  for (const told of fleet.acceptors.flatMap((each) => each.events().filter(({ event }) => event === 'pauses'))) {
    const { thread, maxMs, p99Ms } = told as { thread: string; maxMs: number; p99Ms: number };
    const known = pauses[thread] ?? { maxMs: 0, p99Ms: 0 };
    pauses[thread] = { maxMs: Math.max(known.maxMs, maxMs), p99Ms: Math.max(known.p99Ms, p99Ms) };
  }
  return {
    fleet: name,
    steps: Object.fromEntries(Object.entries(steps).map(([step, times]) => [step, spread(times)])) as Result['steps'],
    byKind: Object.fromEntries([...byKind].map(([what, times]) => [what, spread(times)])),
    cpuMs: { acceptor: own.reduce((sum, ms) => sum + ms, 0) / count, service: serviceMs!, redis: redisMs! },
    residentMb: { acceptor: after[0]!.residentMb, service: after.at(-2)!.residentMb },
    pauses,
    load: loadavg()[0]!,
  };
}

function spread(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN };
}

const STEPS: Readonly<Record<keyof Steps, string>> = {
  decided: 'decided and appended, in the config service',
  answered: 'publisher answered',
  compiled: 'table made, in one acceptor',
  first: 'committed by the first',
  median: 'committed by half of them',
  all: 'committed in every worker of all',
};

function print({ fleet, steps, byKind, cpuMs, residentMb, pauses, load }: Result): void {
  const ms = (value: number) => value.toFixed(1).padStart(8);
  const row = (what: string, { p50, p99, max }: Spread) => `  ${what.padEnd(44)}${ms(p50)}${ms(p99)}${ms(max)}`;
  console.log(
    `\n${fleet}, load ${load.toFixed(1)}\n  ${'ms'.padEnd(44)}${'p50'.padStart(8)}${'p99'.padStart(8)}${'max'.padStart(8)}`,
  );
  for (const [step, what] of Object.entries(STEPS)) console.log(row(what, steps[step as keyof Steps]));
  for (const [what, times] of Object.entries(byKind)) console.log(row(`  all, ${what}`, times));
  console.log(
    `  processor ms a change: acceptor ${cpuMs.acceptor.toFixed(1)}, config service ${cpuMs.service.toFixed(1)}, Redis ${cpuMs.redis.toFixed(1)}`,
  );
  console.log(
    `  resident MB: acceptor ${residentMb.acceptor.toFixed(0)}, config service ${residentMb.service.toFixed(0)}`,
  );
  for (const [thread, { maxMs, p99Ms }] of Object.entries(pauses))
    console.log(`  longest pause of ${thread} threads: ${maxMs.toFixed(1)} ms (p99 ${p99Ms.toFixed(1)} ms)`);
}

const { values } = parseArgs({
  options: {
    resources: { type: 'string', default: '50000' },
    acceptors: { type: 'string', default: '1,5,20' },
    followers: { type: 'string', default: '20' },
    changes: { type: 'string' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const services = Math.max(20, Math.floor(Number(values.quick ? 5000 : values.resources) / RESOURCES_PER_SERVICE));
const changes = Number(values.changes ?? (values.quick ? 40 : 200));
const counts = (values.quick && values.acceptors === '1,5,20' ? '1,3' : values.acceptors)
  .split(',')
  .map(Number)
  .filter(Boolean);
const followers = Number(values.followers);
console.log(
  `publish: changes of one resource among ${services * RESOURCES_PER_SERVICE + gateways().length}, ${changes} a row; ${MACHINE}`,
);

const fleet = await Fleet.start();
const results: Result[] = [];
try {
  const opened = await openStore(fleet.redis.url, { role: 'publisher' });
  if (!opened.ok) throw opened.fault;
  const store = opened.value;
  const baseMs = performance.now();
  let version = await publishBase(store, services);
  console.log(`base published in ${((performance.now() - baseMs) / 1000).toFixed(1)} s`);
  let from = 0;
  const run = async (name: string, count: number) => {
    const result = await measureFleet(fleet, store, { name, count, changes, from, services });
    results.push(result);
    print(result);
    from += 20 * Math.ceil((WARM_UP_CHANGES + changes) / 20);
    version = (await store.log.head()).version;
    await fleet.endAcceptors();
  };
  for (const count of counts) {
    await fleet.startAcceptors(count, version);
    await run(count === 1 ? '1 acceptor' : `${count} acceptors`, count);
  }
  if (followers > 0) {
    await fleet.startFollowers(followers);
    await run(`${followers} followers that compile, in one process`, followers);
  }
  await store.close();
} finally {
  await fleet.close();
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ machine: MACHINE, results }, null, 2)}\n`);
