// Follows a log for good: every version once, in order, whatever happens to the store meanwhile. Backend-independent.
import { setTimeout as delay } from 'node:timers/promises';
import type { State } from '@sluice/version';
import { rebuild, type TrustingLog, takeEntry } from './catch-up.ts';
import type { FollowEvent } from './follow-event.ts';
import type { Watcher } from './log-backend.ts';
import type { Head } from './store.ts';
import { isStoreFault, type StoreFault, storeFault } from './store-fault.ts';

export interface FollowOptions {
  /**
   * How long a log that lost versions we have may stay so before its older state is taken: a config service that still has
   * them brings them back within this time, and nobody sees a route flap.
   */
  readonly behindGraceMs: number;
  /** How long one wait for news lasts; between two of them the head is compared. */
  readonly waitMs: number;
  /** First and longest pause after a failure. */
  readonly minPauseMs: number;
  readonly maxPauseMs: number;
}

export const FOLLOW_DEFAULTS: FollowOptions = {
  behindGraceMs: 3_000,
  waitMs: 1_000,
  minPauseMs: 50,
  maxPauseMs: 1_000,
};

export async function* follow(
  log: TrustingLog,
  from: State | null,
  signal: AbortSignal,
  options: FollowOptions = FOLLOW_DEFAULTS,
): AsyncGenerator<FollowEvent, void, undefined> {
  const follower = new Follower(log, from, signal, options);
  try {
    while (!signal.aborted && !follower.ended) yield* follower.turn();
  } finally {
    follower.close();
  }
}

class Follower {
  readonly #log: TrustingLog;
  readonly #signal: AbortSignal;
  readonly #options: FollowOptions;
  readonly #stop = () => this.close();
  #watcher: Watcher | undefined;
  #state: State | null;
  #synced = false;
  #away = false;
  #pauseMs: number;
  #behindSince: number | undefined;
  /** The store was closed under it. */
  ended = false;

  constructor(log: TrustingLog, from: State | null, signal: AbortSignal, options: FollowOptions) {
    this.#log = log;
    this.#state = from;
    this.#signal = signal;
    this.#options = options;
    this.#pauseMs = options.minPauseMs;
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#stop);
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** One step: compare heads, or wait for news. Turns every failure into an event and a pause. */
  async *turn(): AsyncGenerator<FollowEvent, void, undefined> {
    try {
      this.#watcher ??= this.#log.backend.watch();
      if (this.#synced) yield* this.#listen(this.#watcher);
      else yield* this.#sync(this.#watcher);
    } catch (error) {
      if (this.#signal.aborted) return;
      this.#synced = false;
      yield* this.#fail(isStoreFault(error) ? error : storeFault('away', String(error), error));
    }
  }

  async *#fail(fault: StoreFault): AsyncGenerator<FollowEvent, void, undefined> {
    this.ended = fault.code === 'closed';
    if (fault.code === 'away') {
      this.#watcher?.close();
      this.#watcher = undefined;
    }
    if (!this.ended && !this.#away) {
      this.#away = true;
      yield { type: 'away', fault };
    }
    if (this.ended) return;
    await delay(this.#pauseMs, undefined, { signal: this.#signal }).catch(() => {});
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.maxPauseMs);
  }

  /** Compares heads, and reads what is missing. */
  async *#sync(watcher: Watcher): AsyncGenerator<FollowEvent, void, undefined> {
    const head = await watcher.head();
    const state = this.#state;
    if (state === null) yield* this.#restart(head, 'first');
    else if (head.version < state.version || (head.version === state.version && head.digest !== state.digest)) {
      if (!this.#hasWaited(head)) throw lost(head, state);
      yield* this.#restart(head, 'rewritten');
    } else if (head.version > state.version) yield* this.#read(head);
    // The head alone says little: it is back when entries can be read as well.
    if (this.#away) yield* this.#take(await watcher.wait(this.#state!.version, 0));
    this.#synced = true;
    this.#behindSince = undefined;
    this.#pauseMs = this.#options.minPauseMs;
    if (this.#away) {
      this.#away = false;
      yield { type: 'back' };
    }
  }

  /** An empty log is never taken for the truth by one who has more; another lost one is, after the grace time. */
  #hasWaited(head: Head): boolean {
    this.#behindSince ??= performance.now();
    return head.version > 0 && performance.now() - this.#behindSince >= this.#options.behindGraceMs;
  }

  async *#read(head: Head): AsyncGenerator<FollowEvent, void, undefined> {
    while (this.#state!.version < head.version) {
      const batch = await this.#watcher!.wait(this.#state!.version, 0);
      const first = batch.length === 0 ? undefined : takeEntry(this.#state!, batch[0], this.#log.trusted);
      if (first === undefined || !first.ok) {
        const rewritten = first?.reason === 'rewritten';
        if (rewritten && !this.#hasWaited(head)) throw lost(head, this.#state!);
        return yield* this.#restart(head, rewritten ? 'rewritten' : 'trimmed');
      }
      yield* this.#take(batch);
    }
  }

  async *#restart(head: Head, reason: 'first' | 'trimmed' | 'rewritten'): AsyncGenerator<FollowEvent, void, undefined> {
    const state = await rebuild(this.#log, head.version);
    if (state === null)
      throw storeFault('damaged', `version ${head.version} cannot be put together: its entries are gone`);
    if (state.digest !== head.digest) throw storeFault('damaged', `version ${head.version} is not what the head says`);
    this.#state = state;
    yield { type: 'state', state, reason };
  }

  async *#listen(watcher: Watcher): AsyncGenerator<FollowEvent, void, undefined> {
    const batch = await watcher.wait(this.#state!.version, this.#options.waitMs);
    if (batch.length === 0) this.#synced = false;
    else yield* this.#take(batch);
  }

  async *#take(batch: readonly unknown[]): AsyncGenerator<FollowEvent, void, undefined> {
    for (const stored of batch) {
      const next = takeEntry(this.#state!, stored, this.#log.trusted);
      if (!next.ok) throw next.fault;
      this.#state = next.state;
      yield { type: 'entry', entry: next.entry, state: next.state };
    }
  }
}

function lost(head: Head, state: State): StoreFault {
  if (head.version === 0)
    return storeFault('empty', `the store has no version, version ${state.version} stays in force`);
  return storeFault(
    'behind',
    `the store's version ${head.version} does not lead to version ${state.version}, which stays in force`,
  );
}
