// The publisher's side of the queue: puts a proposal there and waits for its answer, through losses of connection and of
// the newest writes. All of it on one connection that fails at once while the store is away, so that its deadline holds.
import { setTimeout as delay } from 'node:timers/promises';
import type { Admission, Proposal } from '@sluice/version';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { isStoreFault, type StoreFault, type StoreFaultCode, storeFault } from '../store-fault.ts';
import type { QueueConnections } from './admissions.ts';
import { isDeskThere } from './desk-word.ts';
import { PREFIX, QUEUE_NAME } from './keys.ts';

/** A desk that throws (its store is away, a failover is under way) is asked again so often, so long apart. */
const ATTEMPTS = 20;
const ATTEMPT_PAUSE_MS = 300;

/** Answers are kept for doubled submissions: an hour, at most so many. A proposal that nobody could decide keeps its bytes. */
const KEEP_ANSWERS = { age: 3_600, count: 1_000 };
const KEEP_FAILED = { age: 3_600, count: 20 };

/** What BullMQ's keys of the queue begin with. */
const JOBS = `${PREFIX}:${QUEUE_NAME}`;

/** How long an answer may take before it is asked whether anybody is there to give one. */
const PATIENCE_MS = 2_000;

/** The answer is looked for at once and then ever less often: an admission takes some milliseconds, or a while. */
const MIN_LOOK_MS = 2;
const MAX_LOOK_MS = 25;

/**
 * KEYS: the queue's waiting list, the job. ARGV: its id. 1 where it waited, nobody had ever begun with it, and now nobody
 * will. BullMQ's own removal takes away jobs in whatever state that nobody has locked, decided ones too. `ats` counts the
 * beginnings (prepareJobForProcessing.lua).
 */
const WITHDRAW = `-- take a proposal back that nobody has begun with
if redis.call('HGET', KEYS[2], 'ats') then return 0 end
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
redis.call('DEL', KEYS[2])
return 1
`;

/** What is not wrong with the store, but the end of waiting for its answer. */
const ANSWERS: ReadonlySet<StoreFaultCode> = new Set(['no-service', 'undecided', 'closed']);

/** Pause after a look that the store did not answer. */
const AWAY_PAUSE_MS = 250;

/**
 * Rejects with `no-service`, `timeout`, `interrupted`, and what is wrong with the store: at once where it was so from the start. Once something
 * may have been put there it goes on until the deadline or the signal, so that nobody is told of a failure which is admitted after all.
 */
export async function submit(
  connections: QueueConnections,
  proposal: Proposal,
  deadline: number,
  signal?: AbortSignal,
): Promise<Admission> {
  const { fault } = await connections.health();
  if (fault !== null) throw fault;
  const submission = new Submission(connections, proposal, deadline, signal);
  try {
    return await submission.answer();
  } finally {
    submission.close();
  }
}

type Look = { readonly type: 'waiting' | 'missing' } | { readonly type: 'answer'; readonly admission: Admission };

class Submission {
  readonly #connections: QueueConnections;
  readonly #proposal: Proposal;
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  #queue: { readonly client: Redis; readonly queue: Queue } | undefined;

  constructor(connections: QueueConnections, proposal: Proposal, deadline: number, signal: AbortSignal | undefined) {
    this.#connections = connections;
    this.#proposal = proposal;
    this.#deadline = deadline;
    this.#signal = signal;
  }

  async answer(): Promise<Admission> {
    let putAgain = true;
    let patience = performance.now() + PATIENCE_MS;
    let lookMs = MIN_LOOK_MS;
    let away: StoreFault | undefined;
    let mayBeThere = false;
    while (performance.now() < this.#deadline && !this.#signal?.aborted) {
      try {
        if (putAgain) await this.#put();
        mayBeThere = true;
        putAgain = false;
        const look = await this.#look();
        if (look.type === 'answer') return look.admission;
        away = undefined;
        // A failover lost the job; its id keeps it from being there twice.
        putAgain = look.type === 'missing';
        if (performance.now() > patience) {
          patience = performance.now() + PATIENCE_MS;
          mayBeThere = (await isDeskThere(this.#connections.run)) || !(await this.#withdraw());
          if (!mayBeThere) throw await this.#nobody();
        }
      } catch (error) {
        if (!isStoreFault(error) || ANSWERS.has(error.code)) throw error;
        // A connection that broke leaves it open whether it was put there; whatever else refuses it has not taken it.
        if (error.code !== 'away' && !mayBeThere) throw error;
        mayBeThere = true;
        away = error;
        lookMs = AWAY_PAUSE_MS;
      }
      const pauseMs = Math.max(1, Math.min(lookMs, this.#deadline - performance.now()));
      await delay(pauseMs, undefined, this.#signal && { signal: this.#signal }).catch(() => {});
      lookMs = away === undefined ? Math.min(lookMs * 2, MAX_LOOK_MS) : AWAY_PAUSE_MS;
    }
    return this.#givenUp(away);
  }

  /** No answer in time, or none that was waited for: taken back where nobody has begun with it. */
  async #givenUp(away: StoreFault | undefined): Promise<Admission> {
    const withdrawn = await this.#withdraw();
    const last = withdrawn ? null : await this.#look().catch(() => null);
    if (last?.type === 'answer') return last.admission;
    const outcome = withdrawn ? 'nothing was changed' : 'it may still be admitted';
    const why = away === undefined ? '' : `: ${away.message}`;
    if (this.#signal?.aborted) throw storeFault('interrupted', `interrupted before an answer; ${outcome}${why}`);
    throw storeFault('timeout', `no answer in time; ${outcome}${why}`);
  }

  /** In a store without memory nobody can say that he is there. */
  async #nobody(): Promise<StoreFault> {
    const { where, health } = this.#connections;
    const { usedBytes, limitBytes } = await health();
    if (limitBytes !== null && usedBytes >= limitBytes)
      return storeFault('full', `${where}: all the memory it may use (maxmemory) is in use; nothing was changed`);
    return storeFault('no-service', `no config service takes admissions on ${where}; nothing was changed`);
  }

  /** Of the same submission there is one job, however often it is put. */
  #put(): Promise<unknown> {
    return this.#withQueue((queue) =>
      queue.add('proposal', this.#proposal, {
        jobId: this.#proposal.submission,
        attempts: ATTEMPTS,
        backoff: { type: 'fixed', delay: ATTEMPT_PAUSE_MS },
        removeOnComplete: KEEP_ANSWERS,
        removeOnFail: KEEP_FAILED,
      }),
    );
  }

  /** The codes of BullMQ's isFinished script: 0 no, 1 completed, 2 failed, -1 there is no such job. */
  async #look(): Promise<Look> {
    const [code, value] = await this.#withQueue(
      (queue) => queue.getBackend().isFinished(this.#proposal.submission, true) as Promise<[number, string?]>,
    );
    if (code === 0) return { type: 'waiting' };
    if (code === -1) return { type: 'missing' };
    if (code === 1) return { type: 'answer', admission: JSON.parse(value ?? 'null') as Admission };
    throw storeFault('undecided', `the config service could not decide: ${value ?? 'it does not say why'}`);
  }

  /** True if nobody has begun with it, and now nobody will. */
  async #withdraw(): Promise<boolean> {
    const id = this.#proposal.submission;
    const removed = this.#connections.run((client) => client.eval(WITHDRAW, 2, `${JOBS}:wait`, `${JOBS}:${id}`, id));
    return (await removed.catch(() => 0)) === 1;
  }

  async #withQueue<T>(work: (queue: Queue) => Promise<T>): Promise<T> {
    const bullmq = await import('bullmq');
    return this.#connections.run((client) => {
      if (this.#queue?.client !== client) {
        this.close();
        // The version was looked at before, and the settings of the queue are its worker's.
        const settings = { prefix: PREFIX, skipVersionCheck: true, skipMetasUpdate: true };
        const queue = new bullmq.Queue(QUEUE_NAME, { ...settings, connection: client });
        queue.on('error', () => {});
        this.#queue = { client, queue };
      }
      return work(this.#queue.queue);
    });
  }

  /** The connection stays: it is the store's. */
  close(): void {
    void this.#queue?.queue.close().catch(() => {});
    this.#queue = undefined;
  }
}
