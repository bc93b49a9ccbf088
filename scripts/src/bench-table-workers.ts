// How a table is shared: real worker threads open the same buffers, look up, and follow the active slot.
// Run as a worker, this file is one of them.

import { readFileSync, readlinkSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { attachTable, createFacts, match, setHello } from '@sluice/route-table';

/** Words of the control region: which table is active, whether to stop, then how many workers have looked up in it. */
const ACTIVE = 0;
const STOP = 1;
const ARRIVED = 2;
const CONTROL_WORDS = 4;
/** Behind them for each worker, in nanoseconds: when it looked up in it, and how long it had waited for a core by then. */
const ARRIVAL_WORDS = 2;
/** A worker that does not answer within this is a failure of the bench. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Look-ups between two turns of a worker's event loop: a burst of connections. */
const TURN_LOOKUPS = 64;
/** How often a worker opens the tables to tell what that takes of its heap. */
const ATTACHMENTS = 9;
/** Between bursts, where workers are not to take every core: 5,000 bursts a second. */
const PAUSE_MS = 0.2;

interface WorkerInput {
  readonly tables: readonly SharedArrayBuffer[];
  readonly control: SharedArrayBuffer;
  readonly keys: readonly string[];
  readonly pauses: boolean;
  readonly worker: number;
}

export interface Sharing {
  readonly workers: number;
  /** Whether workers rest 0.2 ms between bursts, or never. */
  readonly pauses: boolean;
  /** Heap that opening the tables took in a worker (median over workers), bytes. */
  readonly heapBytesPerWorker: number;
  readonly attachMs: number;
  /** From the store until every worker has looked up in the new table: median and worst of `swaps`. */
  readonly swapMedianMs: number;
  readonly swapWorstMs: number;
  /** The longest of any worker, without the time in which it was ready and had no core (schedstats of proc(5)). */
  readonly ownWorstMs: number;
  readonly swaps: number;
}

/** Swaps between two tables (of server names) under `workers` threads that look up all the time, or in bursts. */
export async function measureSharing(
  tables: readonly [SharedArrayBuffer, SharedArrayBuffer],
  keys: readonly string[],
  workers: number,
  pauses: boolean,
  swaps: number,
): Promise<Sharing> {
  const control = new SharedArrayBuffer(CONTROL_WORDS * 4 + workers * ARRIVAL_WORDS * 8);
  const words = new Int32Array(control, 0, CONTROL_WORDS);
  const arrived = new BigInt64Array(control, CONTROL_WORDS * 4);
  const threads = Array.from({ length: workers }, (_, worker) => {
    const input: WorkerInput = { tables, control, keys, pauses, worker };
    return new Worker(new URL(import.meta.url), { workerData: input });
  });
  const opened = await Promise.all(threads.map(opening));
  await arrivals(words, workers);
  const times: number[] = [];
  let ownWorst = 0n;
  for (let swap = 0; swap < swaps; swap++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    Atomics.store(words, ARRIVED, 0);
    const waitsBefore = opened.map(({ thread }) => waitedNanoseconds(thread));
    const start = process.hrtime.bigint();
    Atomics.store(words, ACTIVE, 1 - Atomics.load(words, ACTIVE));
    await arrivals(words, workers);
    let last = 0n;
    for (let worker = 0; worker < workers; worker++) {
      const took = arrived[worker * ARRIVAL_WORDS] - start;
      const own = took - (arrived[worker * ARRIVAL_WORDS + 1] - waitsBefore[worker]);
      if (took > last) last = took;
      if (own > ownWorst) ownWorst = own;
    }
    times.push(Number(last) / 1e6);
  }
  Atomics.store(words, STOP, 1);
  await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once('exit', resolve))));
  times.sort((a, b) => a - b);
  return {
    workers,
    pauses,
    heapBytesPerWorker: opened.map(({ heapBytes }) => heapBytes).sort((a, b) => a - b)[workers >> 1],
    attachMs: Math.max(...opened.map(({ attachMs }) => attachMs)),
    swapMedianMs: times[times.length >> 1],
    swapWorstMs: times[times.length - 1],
    ownWorstMs: Number(ownWorst) / 1e6,
    swaps,
  };
}

interface Opened {
  readonly heapBytes: number;
  readonly attachMs: number;
  /** Of proc(5), as seen by every thread of the process. */
  readonly thread: string;
}

/** How long a thread has waited for a core since it began: the second field of its schedstat. */
function waitedNanoseconds(thread: string): bigint {
  return BigInt(readFileSync(`/proc/${thread}/schedstat`, 'latin1').split(' ')[1]);
}

function opening(thread: Worker): Promise<Opened> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
}

async function arrivals(words: Int32Array, workers: number): Promise<void> {
  for (let arrived = 0; (arrived = Atomics.load(words, ARRIVED)) < workers; ) {
    const waiting = Atomics.waitAsync(words, ARRIVED, arrived, ANSWER_TIMEOUT_MS);
    if (waiting.async && (await waiting.value) === 'timed-out')
      throw new Error('a worker did not look up in the new table');
  }
}

function work({ tables, control, keys, pauses, worker }: WorkerInput): void {
  const words = new Int32Array(control, 0, CONTROL_WORDS);
  const arrived = new BigInt64Array(control, CONTROL_WORDS * 4);
  const thread = readlinkSync('/proc/thread-self');
  const growths: number[] = [];
  // Again and again, for the first times run code that is not compiled, and a collection in between takes off what grew.
  for (let time = 0; time < ATTACHMENTS; time++) {
    const before = getHeapStatistics().used_heap_size;
    tables.map(attachTable);
    createFacts();
    growths.push(getHeapStatistics().used_heap_size - before);
  }
  const heapBytes = growths.sort((a, b) => a - b)[ATTACHMENTS >> 1];
  const start = performance.now();
  const opened = tables.map(attachTable);
  const facts = createFacts();
  const attachMs = performance.now() - start;
  parentPort!.postMessage({ heapBytes, attachMs, thread } satisfies Opened);
  let current = -1;
  let key = 0;
  let misses = 0;
  const turn = () => {
    for (let lookup = 0; lookup < TURN_LOOKUPS; lookup++) {
      const active = Atomics.load(words, ACTIVE);
      setHello(facts, keys[key], []);
      key = (key + 1) % keys.length;
      if (match(opened[active], 0, facts) < 0) misses++;
      if (active !== current) {
        current = active;
        arrived[worker * ARRIVAL_WORDS] = process.hrtime.bigint();
        arrived[worker * ARRIVAL_WORDS + 1] = waitedNanoseconds(thread);
        Atomics.add(words, ARRIVED, 1);
        Atomics.notify(words, ARRIVED);
      }
    }
    // Nothing notifies STOP: this is a rest that ends by itself.
    if (pauses) Atomics.wait(words, STOP, 0, PAUSE_MS);
    if (Atomics.load(words, STOP) === 0) setImmediate(turn);
    else if (misses > 0) throw new Error(`${misses} look-ups found no route`);
  };
  turn();
}

if (!isMainThread && workerData?.tables !== undefined) work(workerData as WorkerInput);
