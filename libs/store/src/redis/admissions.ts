// Admissions through a BullMQ queue: each proposal is a job that one config service at a time answers. A rejection is the
// result of a job; a job fails only where nobody could decide.
import { setTimeout as delay } from 'node:timers/promises';
import type { Admission, Proposal } from '@sluice/version';
import type { Redis } from 'ioredis';
import type { AdmissionDesk, Admissions } from '../store.ts';
import { storeFault } from '../store-fault.ts';
import { redisFault } from './fault.ts';
import { DESKS_KEY, PREFIX, QUEUE_NAME } from './keys.ts';
import type { Run } from './log.ts';

/** A config service that was killed holds its job for this long; then another takes it up. Renewed at half of it. */
const LOCK_MS = 3_000;

/** How often a config service looks for jobs whose holder is gone. */
const STALLED_CHECK_MS = 1_000;

/** A job that takes a config service with it so many times is given up. */
const MAX_STALLED = 5;

/** A desk that throws (its store is away) is asked again so often, so long apart. */
const ATTEMPTS = 5;
const ATTEMPT_PAUSE_MS = 300;

/** Answers are kept for doubled submissions: an hour, at most so many. */
const KEEP = { age: 3_600, count: 1_000 };

/** Each config service says so often that it is there; it counts as gone after three silences. */
const DESK_WORD_MS = 1_000;
const DESK_SILENCE_MS = 3_500;

/** How long an answer may take before it is asked whether anybody is there to give one. */
const PATIENCE_MS = 2_000;

/** An answer is waited for in such pieces: an event lost with a connection costs no more than one. */
const WAIT_PIECE_MS = 1_000;

export interface QueueConnections {
  readonly run: Run;
  /** A new connection for BullMQ; closed by whoever asked for it. */
  readonly connect: (name: string) => Redis;
  /** For messages. */
  readonly where: string;
}

/** `end` stops serving at once, as the end of a process does: a running job is taken up by another. */
export function redisAdmissions(connections: QueueConnections): { admissions: Admissions; end(): Promise<void> } {
  const servings = new Set<Serving>();
  return {
    admissions: {
      submit: (proposal, { timeoutMs }) => submit(connections, proposal, performance.now() + timeoutMs),
      async serve(desk) {
        const serving = await serve(connections, desk);
        servings.add(serving);
        return {
          close: async () => {
            await serving.close(false);
            servings.delete(serving);
          },
        };
      },
    },
    async end() {
      await Promise.all([...servings].map((serving) => serving.close(true)));
    },
  };
}

interface Serving {
  close(atOnce: boolean): Promise<void>;
}

async function submit(connections: QueueConnections, proposal: Proposal, deadline: number): Promise<Admission> {
  const { Queue, QueueEvents } = await import('bullmq');
  // Asked first on a connection that fails at once: BullMQ's own would wait for Redis without an end.
  await connections.run((client) => client.exists(DESKS_KEY));
  const clients = [connections.connect('publisher-queue'), connections.connect('publisher-events')] as const;
  const queue = new Queue(QUEUE_NAME, { connection: clients[0], prefix: PREFIX });
  const events = new QueueEvents(QUEUE_NAME, { connection: clients[1], prefix: PREFIX });
  queue.on('error', () => {});
  events.on('error', () => {});
  try {
    const job = await queue.add('proposal', proposal, {
      jobId: proposal.submission,
      attempts: ATTEMPTS,
      backoff: { type: 'fixed', delay: ATTEMPT_PAUSE_MS },
      removeOnComplete: KEEP,
      removeOnFail: KEEP,
    });
    const patience = performance.now() + PATIENCE_MS;
    while (performance.now() < deadline) {
      const answer = await waitForAnswer(job, events, Math.min(WAIT_PIECE_MS, deadline - performance.now()));
      if (answer !== undefined) return answer;
      if (performance.now() > patience && !(await isDeskThere(connections.run)) && (await withdraw(job))) {
        throw storeFault(
          'no-service',
          `no config service takes admissions on ${connections.where}; nothing was changed`,
        );
      }
    }
    const withdrawn = await withdraw(job);
    throw storeFault(
      'timeout',
      withdrawn ? 'no answer in time; nothing was changed' : 'no answer in time; it may still be admitted',
    );
  } catch (error) {
    throw redisFault(error, connections.where);
  } finally {
    await Promise.allSettled([queue.close(), events.close()]);
    for (const client of clients) client.disconnect();
  }
}

interface WaitingJob {
  waitUntilFinished(events: never, ttl: number): Promise<unknown>;
  remove(): Promise<void>;
}

async function waitForAnswer(job: WaitingJob, events: unknown, ms: number): Promise<Admission | undefined> {
  try {
    return (await job.waitUntilFinished(events as never, Math.max(1, Math.ceil(ms)))) as Admission;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes('timed out before finishing')) return undefined;
    throw storeFault('away', `the config service could not decide: ${message}`, error);
  }
}

/** True if nobody has begun with it, and now nobody will. */
async function withdraw(job: WaitingJob): Promise<boolean> {
  try {
    await job.remove();
    return true;
  } catch {
    return false;
  }
}

async function isDeskThere(run: Run): Promise<boolean> {
  const [seconds, micros] = await run((client) => client.time());
  const nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  return (await run((client) => client.zcount(DESKS_KEY, nowMs - DESK_SILENCE_MS, '+inf'))) > 0;
}

/** KEYS: desks. ARGV: name of the desk, milliseconds after which others are forgotten. */
const DESK_WORD = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
return 1
`;

async function serve(connections: QueueConnections, desk: AdmissionDesk): Promise<Serving> {
  const { Queue, Worker } = await import('bullmq');
  const client = connections.connect('config-service-queue');
  const queue = new Queue(QUEUE_NAME, { connection: client, prefix: PREFIX });
  queue.on('error', () => {});
  await queue.setGlobalConcurrency(1);
  const worker = new Worker(QUEUE_NAME, async (job) => desk(job.data as Proposal), {
    connection: client,
    prefix: PREFIX,
    concurrency: 1,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: MAX_STALLED,
  });
  worker.on('error', () => {});
  await worker.waitUntilReady();
  const name = `${process.pid}-${performance.timeOrigin}`;
  const ending = new AbortController();
  const words = sayIsThere(connections.run, name, ending.signal);
  return {
    async close(atOnce) {
      ending.abort();
      await words;
      await worker.close(atOnce);
      await queue.close();
      client.disconnect();
      await connections.run((commands) => commands.zrem(DESKS_KEY, name)).catch(() => {});
    },
  };
}

async function sayIsThere(run: Run, name: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // Away: the next word, a second later, is as good.
    await run((client) => client.eval(DESK_WORD, 1, DESKS_KEY, name, String(DESK_SILENCE_MS))).catch(() => {});
    await delay(DESK_WORD_MS, undefined, { signal }).catch(() => {});
  }
}
