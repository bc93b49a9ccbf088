// Brings a state up to the head of a log: by the entries in between where that is possible, else from a checkpoint.
import {
  applyEntry,
  decodeEntry,
  distrustOfEntry,
  distrustOfState,
  EMPTY_STATE,
  type Entry,
  type State,
  type TrustedKeys,
} from '@sluice/version';
import type { LogBackend, StoredEntry } from './log-backend.ts';
import { unpackState } from './packed-state.ts';
import { type StoreFault, storeFault } from './store-fault.ts';

/** Entries asked for at once: a few round trips for a far follower, a few hundred KB of usual entries. */
export const BATCH_ENTRIES = 64;

/** A log, and whose signatures count on it; null: signed or not. */
export interface TrustingLog {
  readonly backend: LogBackend;
  readonly trusted: TrustedKeys | null;
}

/** The next state, or why an entry does not lead there: it is wrong in itself, not signed as it must be, or of another past. */
export type NextState =
  | { readonly ok: true; readonly entry: Entry; readonly state: State }
  | { readonly ok: false; readonly reason: 'damaged' | 'gap' | 'rewritten' | 'untrusted'; readonly fault: StoreFault };

export function takeEntry(state: State, stored: StoredEntry, trusted: TrustedKeys | null): NextState {
  const decoded = decodeEntry(stored);
  if (!decoded.ok) return { ok: false, reason: 'damaged', fault: storeFault('damaged', decoded.message) };
  const applied = applyEntry(state, decoded.value);
  if (applied.ok) {
    const distrust = trusted === null ? undefined : distrustOfEntry(decoded.value, applied.state, trusted);
    if (distrust !== undefined) return { ok: false, reason: 'untrusted', fault: storeFault('untrusted', distrust) };
    return { ok: true, entry: decoded.value, state: applied.state };
  }
  if (applied.reason === 'digest')
    return { ok: false, reason: 'damaged', fault: storeFault('damaged', applied.message) };
  return { ok: false, reason: applied.reason, fault: storeFault('behind', applied.message) };
}

/**
 * The state at `version` of the log, from a checkpoint and the entries after it; null if it is not kept. Only the signature
 * of the last one counts: it vouches for the whole state, however it was put together.
 */
export async function rebuild({ backend, trusted }: TrustingLog, version: number): Promise<State | null> {
  const checkpoints = (await backend.checkpoints()).filter((each) => each <= version);
  let fault: StoreFault | undefined;
  for (const start of [...checkpoints.reverse(), 0]) {
    const from = await openCheckpoint(backend, start);
    if ('code' in from) {
      fault ??= from;
      continue;
    }
    const replayed = await replay(backend, from, version);
    if (!('code' in replayed)) {
      const distrust = trusted === null ? undefined : distrustOfState(replayed, trusted);
      if (distrust === undefined) return replayed;
      fault ??= storeFault('untrusted', distrust);
    } else if (replayed.code === 'damaged') fault ??= replayed;
  }
  if (fault !== undefined) throw fault;
  return null;
}

async function openCheckpoint(backend: LogBackend, version: number): Promise<State | StoreFault> {
  if (version === 0) return EMPTY_STATE;
  const packed = await backend.checkpoint(version);
  if (packed === null) return storeFault('behind', `checkpoint ${version} is gone`);
  const read = await unpackState(packed);
  if (!read.ok) return storeFault('damaged', `checkpoint ${version}: ${read.message}`);
  if (read.state.version === version) return read.state;
  return storeFault('damaged', `checkpoint ${version} holds version ${read.state.version}`);
}

async function replay(backend: LogBackend, from: State, version: number): Promise<State | StoreFault> {
  let state = from;
  while (state.version < version) {
    const batch = await backend.entries(state.version, Math.min(BATCH_ENTRIES, version - state.version));
    if (batch.length === 0) return storeFault('behind', `version ${state.version + 1} is not in the log`);
    for (const stored of batch) {
      const next = takeEntry(state, stored, null);
      if (!next.ok) return next.fault;
      state = next.state;
    }
  }
  return state;
}

/** The newest state; reads only what is new where `from` is a state of this very log. */
export async function catchUp(log: TrustingLog, from: State | null): Promise<State> {
  const { backend, trusted } = log;
  const head = await backend.head();
  if (from !== null && head.version >= from.version) {
    const state = await replay(backend, from, head.version);
    const isRight = !('code' in state) && state.digest === head.digest;
    if (isRight && (trusted === null || distrustOfState(state, trusted) === undefined)) return state;
  }
  const state = await rebuild(log, head.version);
  if (state === null)
    throw storeFault('damaged', `version ${head.version} cannot be put together: its entries are gone`);
  if (state.digest !== head.digest) throw storeFault('damaged', `version ${head.version} is not what the head says`);
  return state;
}
