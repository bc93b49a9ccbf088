// What a publisher asks for, and what the answer is. Both travel as JSON between processes.
import type { Complaint, ResourceKey } from '@sluice/resource';
import type { Breach, Tally } from './rollout.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import type { Signature } from './signature.ts';

/** put and delete resources, bring an earlier version's state again, or move a roll-out (`of`: the version) on or end it. */
export type Wish =
  | {
      readonly type: 'change';
      /** Resources in normal form; checked again by whoever admits. */
      readonly put: readonly unknown[];
      readonly delete: readonly ResourceKey[];
      /** The set the put resources belong to, empty for none. */
      readonly set: string;
      /** Also delete what belongs to the set and is not put. */
      readonly prune: boolean;
      /** In stages; without it, everywhere at once. */
      readonly rollout?: RolloutPlan;
    }
  | { readonly type: 'rollback'; readonly to: number }
  /** To the stage with this index; as many as there are stages: to the end. */
  | { readonly type: 'promote'; readonly of: number; readonly stage: number; readonly reference: Tally | null }
  | { readonly type: 'abort'; readonly of: number; readonly breach: Breach | null };

export interface Proposal {
  /** Chosen by the publisher: proposing the same id again gives the first answer, and no second version. */
  readonly submission: string;
  readonly wish: Wish;
  readonly author: string;
  readonly message: string;
  /** Refuse unless this is the newest version; null = whatever it is. */
  readonly expectVersion: number | null;
  /** When it was made, by the publisher's clock; a signed one is good for a limited time. */
  readonly timeMs: number;
  readonly signature?: Signature;
}

/**
 * invalid: the resources are wrong, see the complaints; conflict: the head is not the expected one; unknown-resource: a key
 * to delete is not there; untrusted: not signed by a key that may publish, or altered, or too old; foreign-set: a resource belongs to another set; unknown-version: none such to roll back to;
 * lost: the log is empty, but acceptors serve versions of it; rollout: one runs, or the one meant does not, or there is no acceptor for it; too-large: beyond a bound; malformed: not a proposal.
 */
export type RejectionReason =
  | 'invalid'
  | 'conflict'
  | 'lost'
  | 'unknown-resource'
  | 'foreign-set'
  | 'untrusted'
  | 'unknown-version'
  | 'rollout'
  | 'too-large'
  | 'malformed';

/** Who moved the head. */
export interface Conflict {
  readonly expected: number;
  readonly head: number;
  readonly author: string;
  readonly message: string;
  readonly timeMs: number;
}

export interface Rejection {
  readonly reason: RejectionReason;
  /** One sentence, lower case. */
  readonly message: string;
  /** At most MAX_COMPLAINTS errors, and as many others; a last one counts the rest. */
  readonly complaints: readonly Complaint[];
  readonly conflict?: Conflict;
}

/** The answer to a proposal. `complaints` of an admitted one are warnings and notices. */
export type Admission =
  | {
      readonly ok: true;
      /** unchanged: the state was so already, no version was made. */
      readonly outcome: 'admitted' | 'unchanged';
      readonly version: number;
      readonly digest: string;
      readonly complaints: readonly Complaint[];
    }
  | { readonly ok: false; readonly rejection: Rejection };
