// One entry of the log: an admitted change and what the state is after it. Plain JSON data; the order is the log's.
import type { Resource, ResourceKey } from '@sluice/resource';
import type { Dropped } from './dropped.ts';
import type { RolloutMove, RolloutStart } from './rollout.ts';
import type { Attestation, Signature } from './signature.ts';

/** What an entry does to the state. A key stands in at most one of the two. */
export interface Change {
  readonly put: readonly Resource[];
  readonly delete: readonly ResourceKey[];
}

/**
 * publish: resources put or deleted; rollback: the state of an earlier version again; renewal: signed with a new key;
 * promote: the next stage of a roll-out, or its end; abort: the state before a roll-out again.
 */
export type EntryKind = 'publish' | 'rollback' | 'renewal' | 'promote' | 'abort';

/** Where a resource that comes back had come from. */
export interface Origin {
  /** Version that first brought it. */
  readonly creation: number;
  /** Name of the set it belongs to, empty for none. */
  readonly set: string;
}

export interface Entry {
  /** 1, 2, 3 ... without gaps. */
  readonly version: number;
  readonly kind: EntryKind;
  readonly change: Change;
  /** Who published it, as given by the publisher. */
  readonly author: string;
  readonly message: string;
  /** When it was admitted: milliseconds since 1970 by the admitting process's clock. */
  readonly timeMs: number;
  /** Digest of the whole state after it. */
  readonly digest: string;
  /** Digest of the whole state before it. */
  readonly previous: string;
  /** Id of the publish that asked for it: the same id never makes two versions. */
  readonly submission: string;
  /** The set its resources belong to, empty for none. */
  readonly set: string;
  /** The publisher's signature on the proposal, where it gave one. */
  readonly publisher?: Signature;
  /** The word of who admitted it, where it signs. */
  readonly attestation?: Attestation;
  /** What the state after it leaves out, or follows otherwise than written; absent where nothing. */
  readonly dropped?: Dropped;
  /** Of a publish that goes from stage to stage: how, and which acceptors come first. */
  readonly rollout?: RolloutStart;
  /** Of a promote or abort. */
  readonly move?: RolloutMove;
  /** Of a rollback or abort: the version whose state it brings again. */
  readonly restores?: number;
  /** Of a rollback or abort: origins of the resources that it puts. */
  readonly origins?: Readonly<Record<ResourceKey, Origin>>;
}

/** An entry without its change: what lists of versions show. */
export type EntryHead = Omit<Entry, 'change' | 'origins'> & {
  readonly put: readonly ResourceKey[];
  readonly delete: readonly ResourceKey[];
};
