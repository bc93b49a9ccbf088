// Decides about proposals on the newest state of a log, whoever keeps that state. The only writer of entries there is.
import {
  type Admission,
  admit,
  type Candidate,
  type Entry,
  type Judge,
  LOST_AFTER_MS,
  mayBeLost,
  type Proposal,
  type Serving,
  type SigningKey,
  type State,
  type TrustedKeys,
} from '@sluice/version';
import type { ReceivedReport } from './store.ts';

/** Two writers seldom meet, so one lost race is odd already; so many say that something else is wrong. */
const MAX_LOST_RACES = 100;

/** The steps between which a process may die. */
export type AdmissionStep = 'taken' | 'admitted' | 'appended';

export interface DeskOptions {
  /** The state at the head. */
  readonly current: () => Promise<State>;
  /** Adds an entry made on the current state; false if another came first. */
  readonly append: (entry: Entry, after: State) => Promise<boolean>;
  readonly stateAt: (version: number) => Promise<State | null>;
  readonly judge: () => Judge;
  /** Of the acceptors; asked for only where a roll-out begins or moves on, or the log is empty. */
  readonly reports: () => Promise<readonly ReceivedReport[]>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Whose proposals are taken; null: anybody's. */
  readonly publishers?: TrustedKeys | null;
  /** Signs what is admitted. */
  readonly signer?: SigningKey | null;
  readonly reached?: (step: AdmissionStep) => void;
}

/** `state` is the one after an admitted version, null where no version was made. */
export interface Decision {
  readonly admission: Admission;
  readonly state: State | null;
}

/** Rejects only for what is wrong with the store. */
export async function decide(options: DeskOptions, proposal: Proposal): Promise<Decision> {
  const { current, append, judge, now, publishers = null, signer = null, reached = () => {} } = options;
  reached('taken');
  const acceptors = await candidatesFor(options, proposal);
  for (let race = 0; race < MAX_LOST_RACES; race++) {
    const state = await current();
    const target = await rollbackTarget(options, proposal);
    const serving = mayBeLost(state, proposal) ? await servingNow(options) : [];
    const context = { timeMs: now(), judge: judge(), target, publishers, signer, acceptors, serving };
    const { admission, next } = admit(state, proposal, context);
    if (next === null) return { admission, state: null };
    reached('admitted');
    if (!(await append(next.entry, next.state))) continue;
    reached('appended');
    return { admission, state: next.state };
  }
  throw new Error(`the log moved ${MAX_LOST_RACES} times while the change was being admitted`);
}

async function servingNow({ reports }: DeskOptions): Promise<readonly Serving[]> {
  return (await reports()).filter(({ ageMs, state }) => ageMs <= LOST_AFTER_MS && state !== 'stopped');
}

/** Those that live and stay. */
async function candidatesFor({ reports }: DeskOptions, { wish }: Proposal): Promise<readonly Candidate[]> {
  const isStaged = wish?.type === 'promote' || (wish?.type === 'change' && wish.rollout !== undefined);
  if (!isStaged) return [];
  const live = (await reports()).filter(
    ({ ageMs, state }) => ageMs <= LOST_AFTER_MS && state !== 'draining' && state !== 'stopped',
  );
  return live.map(({ id, labels }) => ({ id, labels }));
}

async function rollbackTarget({ stateAt }: DeskOptions, { wish }: Proposal): Promise<State | null> {
  const to = wish?.type === 'rollback' ? wish.to : -1;
  return Number.isSafeInteger(to) && to >= 0 ? stateAt(to) : null;
}
