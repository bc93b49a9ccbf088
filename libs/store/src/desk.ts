// Decides about proposals on the newest state of a log, whoever keeps that state. The only writer of entries there is.
import {
  type Admission,
  admit,
  type Entry,
  type Judge,
  type Proposal,
  type SigningKey,
  type State,
  type TrustedKeys,
} from '@sluice/version';

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
  for (let race = 0; race < MAX_LOST_RACES; race++) {
    const state = await current();
    const target = await rollbackTarget(options, proposal);
    const { admission, next } = admit(state, proposal, { timeMs: now(), judge: judge(), target, publishers, signer });
    if (next === null) return { admission, state: null };
    reached('admitted');
    if (!(await append(next.entry, next.state))) continue;
    reached('appended');
    return { admission, state: next.state };
  }
  throw new Error(`the log moved ${MAX_LOST_RACES} times while the change was being admitted`);
}

async function rollbackTarget({ stateAt }: DeskOptions, { wish }: Proposal): Promise<State | null> {
  const to = wish?.type === 'rollback' ? wish.to : -1;
  return Number.isSafeInteger(to) && to >= 0 ? stateAt(to) : null;
}
