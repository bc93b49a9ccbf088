// A version that is being rolled out in stages: where it stands is part of the state, so the log alone says which acceptor
// serves what. Pure: nobody is watched or asked here.
import type { EntryKind } from './entry.ts';
import type { LimitedFigure, RolloutPlan } from './rollout-plan.ts';
import type { State } from './state.ts';

/** Ids of the acceptors that take the version; `all` also means those that start later. */
export type Chosen = readonly string[] | 'all';

/** What became of connections, summed. */
export interface Tally {
  readonly connections: number;
  readonly connectFailures: number;
  readonly noRoute: number;
  readonly earlyResets: number;
}

/**
 * Why a roll-out ended by itself: a figure beyond its limit, or what an acceptor of the stage did. refused: a NACK; late: not
 * committed, or not there, for too long; lost: it says nothing any more.
 */
export interface Breach {
  readonly acceptor: string;
  readonly figure: LimitedFigure | 'refused' | 'quarantined' | 'lost' | 'late';
  /** Percent or count, as the figure is; null where it is none. */
  readonly value: number | null;
  readonly limit: number | null;
  /** One sentence that names acceptor and figure. */
  readonly message: string;
}

/** Of the entry that begins one. */
export interface RolloutStart extends RolloutPlan {
  readonly chosen: Chosen;
}

/** Of an entry that moves one on, or ends it. */
export interface RolloutMove {
  /** The version that began it. */
  readonly of: number;
  /** Index of the stage that is reached; as many as there are stages: it is complete. Of an abort: where it stood. */
  readonly stage: number;
  readonly chosen: Chosen;
  /** What the acceptors on the version before counted meanwhile, for stages that leave none on it. */
  readonly reference: Tally | null;
  /** Of an abort that nobody asked for. */
  readonly breach: Breach | null;
}

/** Where a roll-out stands. */
export interface Rollout extends RolloutPlan {
  readonly of: number;
  readonly stage: number;
  readonly chosen: Chosen;
  readonly reference: Tally | null;
  /** When the stage was reached: milliseconds since 1970 by the admitting process's clock. */
  readonly sinceMs: number;
  /** What everybody serves who is not chosen. */
  readonly before: State;
}

/** What of an entry matters to a roll-out. */
interface RolloutStep {
  readonly kind: EntryKind;
  readonly version: number;
  readonly timeMs: number;
  readonly rollout?: RolloutStart;
  readonly move?: RolloutMove;
}

/** The roll-out that runs after an entry; null for none. */
export function rolloutAfter(state: State, { kind, version, timeMs, rollout, move }: RolloutStep): Rollout | null {
  if (kind === 'publish' && rollout !== undefined) {
    const { stages, bakeMs, abortOn, chosen } = rollout;
    return { of: version, stages, bakeMs, abortOn, stage: 0, chosen, reference: null, sinceMs: timeMs, before: state };
  }
  const running = state.rollout;
  if (kind === 'renewal' || running === null) return running;
  if (kind !== 'promote' || move === undefined || move.stage >= running.stages.length) return null;
  const { stage, chosen, reference } = move;
  return { ...running, stage, chosen, reference, sinceMs: timeMs };
}

export function isChosen(chosen: Chosen, acceptor: string): boolean {
  return chosen === 'all' || chosen.includes(acceptor);
}

/** What an acceptor is to serve when the log says this: the newest state, or the one before a roll-out it has no part in yet. */
export function stateFor(acceptor: string, state: State): State {
  const { rollout } = state;
  return rollout === null || isChosen(rollout.chosen, acceptor) ? state : rollout.before;
}
