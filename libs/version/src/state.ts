// The state at one version: all resources by key, where each came from, and a digest of the whole. Immutable: a change
// makes a new state that shares what did not change, so nobody ever sees a half-applied one.
import { createHash } from 'node:crypto';
import { digestOf, keyOf, type Resource, type ResourceKey } from '@sluice/resource';
import type { Dropped } from './dropped.ts';
import type { Change, EntryKind, Origin } from './entry.ts';
import { MAX_SUBMISSIONS } from './limits.ts';
import { type Rollout, type RolloutMove, type RolloutStart, rolloutAfter } from './rollout.ts';
import type { Attestation } from './signature.ts';

/** A resource in a state. */
export interface Holding {
  readonly key: ResourceKey;
  readonly resource: Resource;
  /** SHA-256 of the resource's canonical JSON. */
  readonly digest: string;
  /** The version that first brought it: what came first goes first. */
  readonly creation: number;
  /** The version that last put it, and that version's author. */
  readonly touched: number;
  readonly author: string;
  /** The set it belongs to, empty for none. */
  readonly set: string;
}

/** What is remembered of the entry that made a state. */
export interface LastChange {
  readonly kind: EntryKind;
  readonly author: string;
  readonly message: string;
  readonly timeMs: number;
  /** As in the entry: of the state, not of the change alone. */
  readonly dropped?: Dropped;
}

/** A submission that became a version. */
export interface Admitted {
  readonly submission: string;
  readonly version: number;
  readonly digest: string;
}

type Bucket = ReadonlyMap<ResourceKey, Holding>;

export interface State {
  /** 0 for the empty state before the first version. */
  readonly version: number;
  /** 64 hexadecimal digits over every key, resource, creation and set. */
  readonly digest: string;
  /** Number of resources. */
  readonly size: number;
  /** The entry that made it; null before the first. */
  readonly last: LastChange | null;
  /** The newest submissions, oldest first. */
  readonly submissions: readonly Admitted[];
  /** The word of who admitted it; null where it is not signed. */
  readonly attestation: Attestation | null;
  /** The roll-out that runs, null for none. */
  readonly rollout: Rollout | null;
  readonly buckets: readonly Bucket[];
  readonly bucketDigests: readonly string[];
  readonly groupDigests: readonly string[];
}

/** 32 groups of 32 buckets: with 50,000 resources a bucket has about 50, so a change hashes a few KB. */
const GROUPS = 32;
const BUCKETS = GROUPS * GROUPS;

/** An entry's part that makes the next state. */
export interface Step {
  readonly kind: EntryKind;
  readonly version: number;
  readonly change: Change;
  readonly author: string;
  readonly message: string;
  readonly timeMs: number;
  readonly submission: string;
  readonly set: string;
  readonly origins?: Readonly<Record<ResourceKey, Origin>>;
  readonly dropped?: Dropped;
  readonly attestation?: Attestation;
  readonly rollout?: RolloutStart;
  readonly move?: RolloutMove;
}

export const EMPTY_STATE: State = emptyState();

function emptyState(): State {
  const groupDigests = Array.from({ length: GROUPS }, () => sha256('\n'.repeat(GROUPS - 1)));
  return {
    version: 0,
    digest: sha256(groupDigests.join('\n')),
    size: 0,
    last: null,
    submissions: [],
    attestation: null,
    rollout: null,
    buckets: Array.from({ length: BUCKETS }, () => new Map()),
    bucketDigests: Array.from({ length: BUCKETS }, () => ''),
    groupDigests,
  };
}

export function holdingOf(state: State, key: ResourceKey): Holding | undefined {
  return state.buckets[bucketOf(key)]!.get(key);
}

/** All resources with their origins, in no particular order. */
export function* holdingsOf(state: State): Generator<Holding> {
  for (const bucket of state.buckets) yield* bucket.values();
}

/** All resources, in no particular order. */
export function resourcesOf(state: State): Resource[] {
  const resources: Resource[] = [];
  for (const bucket of state.buckets) for (const holding of bucket.values()) resources.push(holding.resource);
  return resources;
}

/** The version that first brought a resource, as libs/route's options want it; 0 for an unknown key. */
export function creationOf(state: State): (key: ResourceKey) => number {
  return (key) => holdingOf(state, key)?.creation ?? 0;
}

/** The version a submission became, if the state remembers it. */
export function admittedOf(state: State, submission: string): Admitted | undefined {
  return state.submissions.findLast((admitted) => admitted.submission === submission);
}

/** The state after a step. Keys to delete that are not there are passed over: whoever admits has refused them. */
export function stepState(state: State, step: Step): State {
  const changes = new Map<number, [ResourceKey, Holding | undefined][]>();
  const note = (key: ResourceKey, holding: Holding | undefined) => {
    const bucket = bucketOf(key);
    const list = changes.get(bucket);
    if (list === undefined) changes.set(bucket, [[key, holding]]);
    else list.push([key, holding]);
  };
  for (const key of step.change.delete) note(key, undefined);
  for (const resource of step.change.put) note(keyOf(resource), holdingAfter(state, resource, step));
  const next = withChanges(state, changes);
  const { kind, author, message, timeMs, submission, version, dropped } = step;
  const admitted: Admitted = { submission, version, digest: next.digest };
  return {
    ...next,
    version,
    last: { kind, author, message, timeMs, ...(dropped === undefined ? {} : { dropped }) },
    submissions: [...state.submissions, admitted].slice(-MAX_SUBMISSIONS),
    attestation: step.attestation ?? null,
    rollout: rolloutAfter(state, step),
  };
}

/** A state as it was stored: trusts nothing, so the digest is made anew and is for the caller to compare. */
export function stateFrom(
  holdings: Iterable<Omit<Holding, 'key' | 'digest'>>,
  rest: Pick<State, 'version' | 'last' | 'submissions'> & Partial<Pick<State, 'attestation' | 'rollout'>>,
): State {
  const changes = new Map<number, [ResourceKey, Holding][]>();
  for (const stored of holdings) {
    const key = keyOf(stored.resource);
    const bucket = bucketOf(key);
    const holding: Holding = { ...stored, key, digest: digestOf(stored.resource) };
    const list = changes.get(bucket);
    if (list === undefined) changes.set(bucket, [[key, holding]]);
    else list.push([key, holding]);
  }
  const { version, last, submissions, attestation = null, rollout = null } = rest;
  return { ...withChanges(EMPTY_STATE, changes), version, last, submissions, attestation, rollout };
}

function holdingAfter(state: State, resource: Resource, step: Step): Holding {
  const key = keyOf(resource);
  const before = holdingOf(state, key);
  const origin = step.origins?.[key];
  return {
    key,
    resource,
    digest: digestOf(resource),
    creation: origin?.creation ?? before?.creation ?? step.version,
    touched: step.version,
    author: step.author,
    set: origin?.set ?? (step.set || (before?.set ?? '')),
  };
}

function withChanges(state: State, changes: ReadonlyMap<number, readonly [ResourceKey, Holding | undefined][]>): State {
  const buckets = [...state.buckets];
  const bucketDigests = [...state.bucketDigests];
  const groupDigests = [...state.groupDigests];
  const groups = new Set<number>();
  let { size } = state;
  for (const [index, list] of changes) {
    const bucket = new Map(buckets[index]);
    size -= bucket.size;
    for (const [key, holding] of list) {
      if (holding === undefined) bucket.delete(key);
      else bucket.set(key, holding);
    }
    size += bucket.size;
    buckets[index] = bucket;
    bucketDigests[index] = bucketDigest(bucket);
    groups.add(Math.floor(index / GROUPS));
  }
  for (const group of groups) {
    groupDigests[group] = sha256(bucketDigests.slice(group * GROUPS, (group + 1) * GROUPS).join('\n'));
  }
  return { ...state, size, buckets, bucketDigests, groupDigests, digest: sha256(groupDigests.join('\n')) };
}

/** Key, resource, creation and set of each; the last toucher is left out, so equal meaning has an equal digest. */
function bucketDigest(bucket: Bucket): string {
  if (bucket.size === 0) return '';
  const lines: string[] = [];
  for (const { key, digest, creation, set } of bucket.values()) lines.push(`${key}\t${digest}\t${creation}\t${set}\n`);
  return sha256(lines.sort().join(''));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** FNV-1a over UTF-16 code units: spreads keys that share long prefixes. */
function bucketOf(key: ResourceKey): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 16)) & (BUCKETS - 1);
}
