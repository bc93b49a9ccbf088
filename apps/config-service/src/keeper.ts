// Keeps the log in good order in the background: whole after a loss, a checkpoint every so often, judged for the labels in use.
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@sluice/observe';
import { isStoreFault, type Store } from '@sluice/store';
import {
  isRenewalDue,
  type Judge,
  judgeFor,
  labelSetsOf,
  renew,
  type SigningKey,
  type State,
  type TrustedKeys,
} from '@sluice/version';
import type { KnownLog } from './known-log.ts';

/** Below the time for which followers put up with a log that lost versions. */
const TURN_MS = 1_000;

export interface KeeperOptions {
  /** Versions between two checkpoints. */
  readonly checkpointEvery: number;
  readonly signer: SigningKey | null;
  readonly trusted: TrustedKeys | null;
}

export class Keeper {
  readonly #store: Store;
  readonly #known: KnownLog;
  readonly #logger: Logger;
  readonly #options: KeeperOptions;
  readonly #ending = new AbortController();
  #judge: Judge = judgeFor();
  #labels = JSON.stringify(labelSetsOf([]));
  #away = false;
  #checkpoint: number | null = null;
  /** Why the last one could not be written, told once; '' where it was. */
  #checkpointProblem = '';
  /** Whether the newest version's signature has been looked at before. */
  #hasLooked = false;
  #writing: Promise<void> | null = null;
  #turning: Promise<void> = Promise.resolve();

  constructor(store: Store, known: KnownLog, logger: Logger, options: KeeperOptions) {
    this.#store = store;
    this.#known = known;
    this.#logger = logger;
    this.#options = options;
  }

  /** Judges for the labels of the acceptors there are. */
  judge(): Judge {
    return this.#judge;
  }

  start(): void {
    this.#turning = this.#turnForever();
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#turning;
    await this.#writing;
  }

  /** Writes a checkpoint if it is time for one; a failure is told once, and tried again on the next turn. */
  checkpoint(state: State): void {
    if (this.#writing !== null || this.#checkpoint === null || state.version === 0) return;
    // Below the newest checkpoint: the log has been made anew.
    if (state.version >= this.#checkpoint && state.version - this.#checkpoint < this.#options.checkpointEvery) return;
    this.#writing = this.#store.log
      .writeCheckpoint(state)
      .then(() => {
        this.#checkpoint = state.version;
        this.#checkpointProblem = '';
        this.#logger.info({ event: 'checkpoint', version: state.version, resources: state.size });
      })
      .catch((error) => {
        const reason = String(error);
        if (reason !== this.#checkpointProblem)
          this.#logger.warn({ event: 'checkpoint-failed', version: state.version, reason });
        this.#checkpointProblem = reason;
      })
      .finally(() => {
        this.#writing = null;
      });
  }

  async #turnForever(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      await this.#turn();
      await delay(TURN_MS, undefined, { signal: this.#ending.signal }).catch(() => {});
    }
  }

  async #turn(): Promise<void> {
    try {
      const state = await this.#known.current();
      this.#checkpoint ??= await this.#store.log.newestCheckpoint();
      this.checkpoint(state);
      await this.#learnLabels();
      // A judge's first look at a large state takes its time, and the next publish should not have to wait for it.
      this.#judge(state);
      await this.#renewSignature(state);
      if (this.#away) this.#logger.info({ event: 'store-back', version: state.version });
      this.#away = false;
    } catch (error) {
      if (!isStoreFault(error)) this.#logger.error({ event: 'fault', err: error });
      else if (!this.#away) this.#logger.warn({ event: 'store-away', code: error.code, reason: error.message });
      this.#away = true;
    }
  }

  /** After a change of keys: what is trusted, but signed with another key than ours, is signed with ours. */
  async #renewSignature(state: State): Promise<void> {
    const { signer, trusted } = this.#options;
    if (signer === null || trusted === null) return;
    if (isRenewalDue(state, signer, !this.#hasLooked)) {
      const renewal = renew(state, signer, Date.now());
      if (!(await this.#known.append(renewal.entry, renewal.state))) return;
      this.#logger.info({ event: 'signature-renewed', version: renewal.state.version, key: signer.id });
    }
    this.#hasLooked = true;
  }

  async #learnLabels(): Promise<void> {
    const sets = labelSetsOf(await this.#store.reports.list());
    const labels = JSON.stringify(sets);
    if (labels === this.#labels) return;
    this.#labels = labels;
    this.#judge = judgeFor(sets);
  }
}
