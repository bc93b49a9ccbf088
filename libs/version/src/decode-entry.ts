// Reads an entry back from stored JSON: nothing that a store returns is believed, down to each resource's schema.
import { decodeResource, type Resource, type ResourceKey } from '@sluice/resource';
import { isDropped } from './dropped.ts';
import type { Change, Entry, EntryHead, EntryKind, Origin } from './entry.ts';
import { isRolloutMove, isRolloutStart } from './rollout-form.ts';

export type DecodedEntry =
  | { readonly ok: true; readonly value: Entry }
  | { readonly ok: false; readonly message: string };

/** Checks shape and resources; that the digest is right shows only when it is applied. */
export function decodeEntry(json: unknown): DecodedEntry {
  const record = asRecord(json);
  if (record === undefined) return fail('an entry is not an object');
  const wrong = FIELDS.find(([field, type]) => typeof record[field] !== type);
  if (wrong !== undefined) return fail(`an entry's ${wrong[0]} is not a ${wrong[1]}`);
  const { version, kind, restores, timeMs } = record;
  if (!isVersion(version) || version === 0) return fail(`an entry's version is ${String(version)}`);
  if (!isTime(timeMs)) return fail(`version ${version} is of time ${String(timeMs)}`);
  if (!KINDS.has(kind as EntryKind)) return fail(`version ${version} is of unknown kind ${String(kind)}`);
  if (restores !== undefined && !isVersion(restores)) return fail(`version ${version} restores ${String(restores)}`);
  const change = decodeChange(record.change);
  if (typeof change === 'string') return fail(`version ${version}: ${change}`);
  if (!isSignature(record.publisher) || !isAttestation(record.attestation))
    return fail(`version ${version} has no proper signatures`);
  if (record.dropped !== undefined && !isDropped(record.dropped)) return fail(`version ${version} has a wrong count`);
  if (record.rollout !== undefined && !isRolloutStart(record.rollout))
    return fail(`version ${version} has wrong stages`);
  const isMove = kind === 'promote' || kind === 'abort';
  if (isMove !== (record.move !== undefined) || (isMove && !isRolloutMove(record.move)))
    return fail(`version ${version} moves a roll-out wrongly`);
  if (record.origins !== undefined && !isOrigins(record.origins)) return fail(`version ${version} has wrong origins`);
  return { ok: true, value: { ...(record as unknown as Entry), change } };
}

/** The entry without its resources; for lists, so the change is read by its keys only. */
export function entryHead(entry: Entry): EntryHead {
  const { change, origins: _origins, ...rest } = entry;
  const put = change.put.map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`);
  return { ...rest, put, delete: change.delete };
}

const KINDS: ReadonlySet<EntryKind> = new Set(['publish', 'rollback', 'renewal', 'promote', 'abort']);

const FIELDS = [
  ['author', 'string'],
  ['message', 'string'],
  ['timeMs', 'number'],
  ['digest', 'string'],
  ['previous', 'string'],
  ['submission', 'string'],
  ['set', 'string'],
] as const;

function decodeChange(json: unknown): Change | string {
  const record = asRecord(json);
  if (record === undefined || !Array.isArray(record.put) || !isTexts(record.delete))
    return 'its change has no put or delete';
  const put: Resource[] = [];
  for (const each of record.put) {
    const decoded = decodeResource(each);
    if (!decoded.ok) return `a resource cannot be read: ${decoded.complaints[0]?.message ?? 'no reason'}`;
    put.push(decoded.value);
  }
  return { put, delete: record.delete as readonly ResourceKey[] };
}

function isOrigins(json: unknown): json is Readonly<Record<ResourceKey, Origin>> {
  const record = asRecord(json);
  return (
    record !== undefined &&
    Object.values(record).every((each) => {
      const origin = asRecord(each);
      return origin !== undefined && isVersion(origin.creation) && typeof origin.set === 'string';
    })
  );
}

function isSignature(json: unknown): boolean {
  const record = asRecord(json);
  return json === undefined || (typeof record?.key === 'string' && typeof record.signature === 'string');
}

function isAttestation(json: unknown): boolean {
  const { entry, previous } = asRecord(json) ?? {};
  return json === undefined || (isSignature(json) && typeof entry === 'string' && typeof previous === 'string');
}

function asRecord(json: unknown): Record<string, unknown> | undefined {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Record<string, unknown>)
    : undefined;
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A date can be made of it: https://tc39.es/ecma262/#sec-time-values-and-time-range */
function isTime(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) <= 8.64e15;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function fail(message: string): DecodedEntry {
  return { ok: false, message };
}
