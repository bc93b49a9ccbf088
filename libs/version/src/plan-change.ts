// From a wish to the change it makes on a state: what is already so is left out, and what cannot be is refused.
import {
  BoundedComplaints,
  boundComplaints,
  type Complaint,
  decodeResource,
  digestOf,
  keyOf,
  type Resource,
  type ResourceKey,
} from '@sluice/resource';
import type { Change, EntryKind, Origin } from './entry.ts';
import { MAX_CHANGE_RESOURCES, MAX_COMPLAINTS } from './limits.ts';
import type { Rejection, RejectionReason, Wish } from './proposal.ts';
import type { RolloutMove } from './rollout.ts';
import { holdingOf, holdingsOf, type State } from './state.ts';

export interface PlannedChange {
  readonly kind: EntryKind;
  readonly change: Change;
  readonly set: string;
  readonly restores?: number;
  readonly origins?: Readonly<Record<ResourceKey, Origin>>;
  /** What it does to a roll-out that runs. */
  readonly move?: RolloutMove;
  /** Warnings and notices about the resources themselves. */
  readonly complaints: readonly Complaint[];
}

export type Planned =
  | { readonly ok: true; readonly value: PlannedChange }
  | { readonly ok: false; readonly rejection: Rejection };

export function reject(reason: RejectionReason, message: string, complaints: readonly Complaint[] = []): Rejection {
  return { reason, message, complaints: boundComplaints(complaints, MAX_COMPLAINTS) };
}

/** `target` is the state to roll back to, null where the log no longer has it. */
export function planChange(
  state: State,
  wish: Extract<Wish, { type: 'change' | 'rollback' }>,
  target: State | null,
): Planned {
  return wish.type === 'change' ? planPublish(state, wish) : planRollback(state, wish.to, target);
}

function planPublish(state: State, wish: Extract<Wish, { type: 'change' }>): Planned {
  if (wish.put.length + wish.delete.length > MAX_CHANGE_RESOURCES) {
    return { ok: false, rejection: reject('too-large', `more than ${MAX_CHANGE_RESOURCES} resources in one change`) };
  }
  const decoded = decodePut(wish.put);
  if (!decoded.ok) return decoded;
  const { resources, complaints } = decoded;
  const foreign = [...resources.keys()].filter((key) => isForeign(state, key, wish.set));
  if (foreign.length > 0) {
    const owner = holdingOf(state, foreign[0]!)!.set;
    const message = `${some(foreign)} of set "${owner}": publish with that set, or delete there first`;
    return { ok: false, rejection: reject('foreign-set', message) };
  }
  const unknown = wish.delete.filter((key) => holdingOf(state, key) === undefined);
  if (unknown.length > 0) {
    return { ok: false, rejection: reject('unknown-resource', `nothing to delete: ${some(unknown)} not there`) };
  }
  const remove = new Set(wish.delete.filter((key) => !resources.has(key)));
  if (wish.prune) {
    for (const { key, set } of holdingsOf(state)) if (set === wish.set && !resources.has(key)) remove.add(key);
  }
  const put = [...resources.values()].filter((resource) => isNew(state, resource, wish.set));
  return {
    ok: true,
    value: { kind: 'publish', change: { put, delete: [...remove].sort() }, set: wish.set, complaints },
  };
}

function decodePut(
  put: readonly unknown[],
):
  | { ok: true; resources: Map<ResourceKey, Resource>; complaints: readonly Complaint[] }
  | { ok: false; rejection: Rejection } {
  const resources = new Map<ResourceKey, Resource>();
  const complaints = new BoundedComplaints<Complaint>(MAX_COMPLAINTS);
  let failed = false;
  for (const json of put) {
    const decoded = decodeResource(json);
    for (const complaint of decoded.complaints) complaints.push(complaint);
    if (decoded.ok) resources.set(keyOf(decoded.value), decoded.value);
    else failed = true;
  }
  if (failed) return { ok: false, rejection: reject('invalid', invalidMessage(complaints.errors), complaints.list()) };
  if (resources.size < put.length) {
    return { ok: false, rejection: reject('malformed', 'a resource stands twice in the change') };
  }
  return { ok: true, resources, complaints: complaints.list() };
}

export function invalidMessage(errors: number): string {
  return `${errors} ${errors === 1 ? 'error' : 'errors'} in the resources`;
}

/** A set takes over what belongs to none, and never what belongs to another; a change without a set leaves the set as it is. */
function isForeign(state: State, key: ResourceKey, set: string): boolean {
  const owner = holdingOf(state, key)?.set ?? '';
  return owner !== '' && set !== '' && owner !== set;
}

function isNew(state: State, resource: Resource, set: string): boolean {
  const held = holdingOf(state, keyOf(resource));
  return held === undefined || held.digest !== digestOf(resource) || (set !== '' && held.set !== set);
}

function planRollback(state: State, to: number, target: State | null): Planned {
  if (target === null) {
    const message = to > state.version ? `version ${to} is not there yet` : `version ${to} is no longer kept`;
    return { ok: false, rejection: reject('unknown-version', message) };
  }
  const put: Resource[] = [];
  const origins: [ResourceKey, Origin][] = [];
  for (const wanted of holdingsOf(target)) {
    const held = holdingOf(state, wanted.key);
    const { digest, creation, set } = wanted;
    if (held !== undefined && held.digest === digest && held.creation === creation && held.set === set) continue;
    put.push(wanted.resource);
    origins.push([wanted.key, { creation, set }]);
  }
  const remove: ResourceKey[] = [];
  for (const { key } of holdingsOf(state)) if (holdingOf(target, key) === undefined) remove.push(key);
  return {
    ok: true,
    value: {
      kind: 'rollback',
      change: { put, delete: remove.sort() },
      set: '',
      restores: to,
      origins: Object.fromEntries(origins),
      complaints: [],
    },
  };
}

/** At most this many names in a message. */
const SHOWN_KEYS = 5;

function some(keys: readonly ResourceKey[]): string {
  const shown = keys.slice(0, SHOWN_KEYS).join(', ');
  const rest = keys.length - SHOWN_KEYS;
  return `${shown}${rest > 0 ? ` and ${rest} more` : ''} ${keys.length === 1 ? 'is' : 'are'}`;
}
