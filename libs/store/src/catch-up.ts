// Brings a state up to the head of a log: by the entries in between where that is possible, else from a checkpoint.
import { applyEntry, decodeEntry, EMPTY_STATE, type Entry, type State } from '@sluice/version';
import type { LogBackend, StoredEntry } from './log-backend.ts';
import { unpackState } from './packed-state.ts';
import { type StoreFault, storeFault } from './store-fault.ts';

/** Entries asked for at once: a few round trips for a far follower, a few hundred KB of usual entries. */
export const BATCH_ENTRIES = 64;

/** The next state, or why an entry does not lead there: it is wrong in itself, or it belongs to another past. */
export type NextState =
  | { readonly ok: true; readonly entry: Entry; readonly state: State }
  | { readonly ok: false; readonly reason: 'damaged' | 'gap' | 'rewritten'; readonly fault: StoreFault };

export function takeEntry(state: State, stored: StoredEntry): NextState {
  const decoded = decodeEntry(stored);
  if (!decoded.ok) return { ok: false, reason: 'damaged', fault: storeFault('damaged', decoded.message) };
  const applied = applyEntry(state, decoded.value);
  if (applied.ok) return { ok: true, entry: decoded.value, state: applied.state };
  if (applied.reason === 'digest')
    return { ok: false, reason: 'damaged', fault: storeFault('damaged', applied.message) };
  return { ok: false, reason: applied.reason, fault: storeFault('behind', applied.message) };
}

/** The state at `version` of the log, from a checkpoint and the entries after it; null if it is not kept. */
export async function rebuild(backend: LogBackend, version: number): Promise<State | null> {
  const checkpoints = (await backend.checkpoints()).filter((each) => each <= version);
  let fault: StoreFault | undefined;
  for (const start of [...checkpoints.reverse(), 0]) {
    const from = await openCheckpoint(backend, start);
    if ('code' in from) {
      fault ??= from;
      continue;
    }
    const replayed = await replay(backend, from, version);
    if (!('code' in replayed)) return replayed;
    if (replayed.code === 'damaged') fault ??= replayed;
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
      const next = takeEntry(state, stored);
      if (!next.ok) return next.fault;
      state = next.state;
    }
  }
  return state;
}

/** The newest state; reads only what is new where `from` is a state of this very log. */
export async function catchUp(backend: LogBackend, from: State | null): Promise<State> {
  const head = await backend.head();
  if (from !== null && head.version >= from.version) {
    const state = await replay(backend, from, head.version);
    if (!('code' in state) && state.digest === head.digest) return state;
  }
  const state = await rebuild(backend, head.version);
  if (state === null)
    throw storeFault('damaged', `version ${head.version} cannot be put together: its entries are gone`);
  if (state.digest !== head.digest) throw storeFault('damaged', `version ${head.version} is not what the head says`);
  return state;
}
