// The config service's side of the queue: takes proposals one at a time over all config services, and answers them.
import { setTimeout as delay } from 'node:timers/promises';
import type { Proposal } from '@sluice/version';
import type { Redis } from 'ioredis';
import type { AdmissionDesk } from '../store.ts';
import type { QueueConnections } from './admissions.ts';
import { sayIsThere } from './desk-word.ts';
import { PREFIX, QUEUE_NAME } from './keys.ts';

/** A config service that was killed holds its job for this long; then another takes it up. Renewed at half of it. */
const LOCK_MS = 3_000;

/** How often a config service looks for jobs whose holder is gone. */
const STALLED_CHECK_MS = 1_000;

/** A job that takes a config service with it so many times is given up. */
const MAX_STALLED = 5;

/** After an error of the store the queue is looked at again so soon. */
const RETRY_MS = 500;

/** Nobody reads BullMQ's events; each holds an answer, and they must not fill the memory. */
const EVENTS_KEPT = 100;

/**
 * After a new connection nothing is admitted for so long where there were other config services: the store may have lost a
 * version that one of them admitted, and it brings that back within this time, for which followers wait too.
 */
const SETTLE_MS = 3_000;

/** Another config service that has said nothing for so long has nothing to bring back. */
const OTHERS_MS = 60_000;

/**
 * BullMQ waits without an end for its blocking connection to close, where that is just waiting to connect again. After the
 * running job it gets so long.
 */
const CLOSE_MS = 2_000;

/** For the names of those that serve in one process. */
let desks = 0;

export interface Serving {
  close(atOnce: boolean): Promise<void>;
}

/** Rejects with what BullMQ was refused at its start; later such errors go to `failed`, and are tried again. */
export async function serve(connections: QueueConnections, desk: AdmissionDesk): Promise<Serving> {
  const client = connections.connect('config-service-queue');
  const copies = copiesOf(client);
  const endAll = () => {
    for (const each of [client, ...copies]) cut(each);
  };
  try {
    return await serveOn(client, endAll, connections, desk);
  } catch (error) {
    endAll();
    throw connections.faultOf(error);
  }
}

/** Ends a connection in whatever state it is; BullMQ, which may wait for it, is told by an error and goes on closing. */
function cut(client: Redis): void {
  if (client.status === 'end') return;
  client.disconnect();
  client.status = 'end';
  client.emit('error', new Error('Connection is closed.'));
}

/** The connections that BullMQ makes of ours, as it makes them. */
function copiesOf(client: Redis): ReadonlySet<Redis> {
  const copies = new Set<Redis>();
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override) => {
    const copy = duplicate(override);
    copy.on('error', () => {});
    copies.add(copy);
    return copy;
  };
  return copies;
}

/** Rejects while the store is away: then the proposal comes again. */
async function untilSettled(connections: QueueConnections, othersMs: number, signal: AbortSignal): Promise<void> {
  await connections.run((client) => client.time());
  if (performance.now() - othersMs > OTHERS_MS) return;
  const leftMs = connections.reconnectedMs() + SETTLE_MS - performance.now();
  if (leftMs > 0) await delay(leftMs, undefined, { signal });
}

async function serveOn(
  client: Redis,
  endAll: () => void,
  connections: QueueConnections,
  desk: AdmissionDesk,
): Promise<Serving> {
  const { Queue, Worker } = await import('bullmq');
  const failed = (error: Error) => connections.failed(error);
  // Our own check of the version, and of the eviction policy, has gone before: BullMQ's would write to the console.
  const base = { connection: client, prefix: PREFIX, skipVersionCheck: true };
  const queue = new Queue(QUEUE_NAME, { ...base, streams: { events: { maxLen: EVENTS_KEPT } } });
  queue.on('error', failed);
  await queue.setGlobalConcurrency(1);
  let running: Promise<unknown> = Promise.resolve();
  let othersMs = -OTHERS_MS;
  const ending = new AbortController();
  const settled = () => untilSettled(connections, othersMs, ending.signal);
  const answer = (job: { readonly data: unknown }) => {
    const admission = settled().then(() => desk(job.data as Proposal));
    running = admission.catch(() => {});
    return admission;
  };
  const worker = new Worker(QUEUE_NAME, answer, {
    ...base,
    concurrency: 1,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MAX_STALLED,
    runRetryDelay: RETRY_MS,
  });
  worker.on('error', failed);
  // The answer is kept for doubled submissions; what was proposed, which may be megabytes, is in the log.
  worker.on('completed', (job) => void job.updateData({}).catch(() => {}));
  await worker.waitUntilReady();
  const heard = (desks: number) => {
    if (desks > 1) othersMs = performance.now();
  };
  const words = sayIsThere(
    connections.run,
    `${process.pid}-${performance.timeOrigin}-${++desks}`,
    ending.signal,
    heard,
  );
  return {
    async close(atOnce) {
      ending.abort();
      await words;
      const closed = worker
        .close(atOnce)
        .then(() => queue.close())
        .catch(() => {});
      const late = new AbortController();
      const given = (atOnce ? Promise.resolve() : running).then(() => delay(CLOSE_MS, null, { signal: late.signal }));
      await Promise.race([closed, given.catch(() => {})]);
      late.abort();
      endAll();
    },
  };
}
