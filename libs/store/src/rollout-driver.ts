// Moves a roll-out from stage to stage, or takes it back, as the acceptors' reports say. Where it stands is in the log, so any
// number of drivers may run and any may die: whoever comes next goes on, and what two want at once is admitted once.
import {
  type Admission,
  judgeRollout,
  LOST_AFTER_MS,
  MAX_MESSAGE_LENGTH,
  type Proposal,
  type Rollout,
  type RolloutDecision,
  type State,
  type Tally,
  tallyOf,
} from '@sluice/version';
import type { ReceivedReport, Reports } from './store.ts';

export interface RolloutDriverOptions {
  /** The state at the head. */
  readonly current: () => Promise<State>;
  readonly reports: Pick<Reports, 'list' | 'check'>;
  readonly propose: (proposal: Proposal) => Promise<Admission>;
  /** Who it is in the history. */
  readonly author: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: () => number;
}

/** A stage being watched. */
interface Watch {
  readonly stage: string;
  readonly sinceMs: number;
  readonly baseline: ReadonlyMap<string, Tally>;
}

/** What was found, and what the log's answer was if something was to be done. */
export interface RolloutTurn {
  readonly rollout: Rollout;
  readonly decision: RolloutDecision;
  readonly admission: Admission | null;
}

export class RolloutDriver {
  readonly #options: RolloutDriverOptions;
  #watch: Watch | null = null;
  /** Who lived at the last look, and those of them whose report the store has lost since. */
  #living: readonly string[] = [];
  #missing: readonly string[] = [];

  constructor(options: RolloutDriverOptions) {
    this.#options = options;
  }

  /**
   * Looks once and does what is due; null where no roll-out runs. Rejects while the store is away or takes no reports, and then
   * watches anew: nobody is lost for what could not be said.
   */
  async turn(): Promise<RolloutTurn | null> {
    try {
      return await this.#turn();
    } catch (error) {
      this.#watch = null;
      throw error;
    }
  }

  async #turn(): Promise<RolloutTurn | null> {
    const { current, reports: received, propose, clock } = this.#options;
    const state = await current();
    const { rollout } = state;
    if (rollout === null) {
      this.#watch = null;
      this.#living = [];
      this.#missing = [];
      return null;
    }
    await received.check();
    const reports = await received.list();
    this.#look(reports);
    const { sinceMs, baseline } = this.#watching(state, rollout, reports);
    const { version: head, digest } = state;
    const [watchedMs, missing] = [clock() - sinceMs, this.#missing];
    const decision = judgeRollout(rollout, { reports, head, digest, watchedMs, baseline, missing });
    if (decision.type === 'wait') return { rollout, decision, admission: null };
    return { rollout, decision, admission: await propose(this.#proposal(state, rollout, decision)) };
  }

  /** Reports that are gone from one look to the next were lost by the store: those that wrote them are given time to do so again. */
  #look(reports: readonly ReceivedReport[]): void {
    const there = new Set(reports.map(({ id }) => id));
    const gone = this.#living.filter((id) => !there.has(id));
    if (gone.length > 0 && this.#watch !== null) this.#watch = { ...this.#watch, sinceMs: this.#options.clock() };
    this.#missing = [...this.#missing.filter((id) => !there.has(id)), ...gone];
    const stays = ({ ageMs, state }: ReceivedReport) =>
      ageMs <= LOST_AFTER_MS && state !== 'draining' && state !== 'stopped';
    this.#living = reports.filter(stays).map(({ id }) => id);
  }

  #watching(state: State, rollout: Rollout, reports: readonly ReceivedReport[]): Watch {
    const stage = `${rollout.of} ${state.version} ${state.digest}`;
    if (this.#watch?.stage === stage) return this.#watch;
    const live = reports.filter(({ ageMs }) => ageMs <= LOST_AFTER_MS);
    const baseline = new Map(
      live.map(({ id, version, figures }) => [id, tallyOf(figures, (each) => each === version)] as const),
    );
    this.#watch = { stage, sinceMs: this.#options.clock(), baseline };
    return this.#watch;
  }

  /**
   * The same submission from whoever makes it, and only on the version that was looked at: a signature that was renewed
   * meanwhile leaves the digest as it was, and the answer to a submission is given again.
   */
  #proposal(state: State, { of }: Rollout, decision: Exclude<RolloutDecision, { type: 'wait' }>): Proposal {
    const { author, now } = this.#options;
    const about = `rollout-${of}-${state.version}-${state.digest.slice(0, 12)}`;
    const common = { author, expectVersion: state.version, timeMs: now() };
    if (decision.type === 'promote') {
      const { stage, reference, reason } = decision;
      const wish = { type: 'promote', of, stage, reference } as const;
      return { ...common, submission: `${about}-to-${stage}`, wish, message: reason };
    }
    const { breach } = decision;
    const message = breach.message.slice(0, MAX_MESSAGE_LENGTH);
    return { ...common, submission: `${about}-abort`, wish: { type: 'abort', of, breach }, message };
  }
}
