// The log as processes see it, over any backend.
import { decodeEntry, type Entry, type EntryHead, entryHead, type State, type TrustedKeys } from '@sluice/version';
import { catchUp, rebuild, type TrustingLog } from './catch-up.ts';
import { FOLLOW_DEFAULTS, type FollowOptions, follow } from './follow.ts';
import type { LogBackend, StoredEntry } from './log-backend.ts';
import { packState } from './packed-state.ts';
import type { Appended, VersionLog } from './store.ts';
import { storeFault } from './store-fault.ts';

export interface LogOptions {
  /** Versions that stay readable one by one; more may be kept, up to the checkpoint before the oldest of them. */
  readonly retainVersions: number;
  readonly replayEntries: number;
  /** Whose signatures count; without it, signed or not. */
  readonly trusted: TrustedKeys | undefined;
  readonly follow?: Partial<FollowOptions>;
}

export function createLog(backend: LogBackend, options: LogOptions): VersionLog {
  const log: TrustingLog = { backend, trusted: options.trusted ?? null };
  /** One at a time: two at once would pack the same resources twice. */
  let writing: Promise<unknown> = Promise.resolve();

  function writeCheckpoint(state: State): Promise<void> {
    const written = writing.then(async () => {
      await backend.writeCheckpoint(state.version, await packState(state));
      const oldest = state.version - options.retainVersions;
      const base = (await backend.checkpoints()).findLast((version) => version <= oldest);
      if (base !== undefined) await backend.trim(base);
    });
    writing = written.catch(() => {});
    return written;
  }

  async function append(entry: Entry, before?: State): Promise<Appended> {
    const first = await backend.append(entry, options.replayEntries);
    if (first !== 'checkpoint-due') return first;
    // The one that is being written may do.
    await writing;
    const second = await backend.append(entry, options.replayEntries);
    if (second !== 'checkpoint-due') return second;
    const state = before ?? (await rebuild(log, entry.version - 1));
    if (state !== null) await writeCheckpoint(state);
    const third = await backend.append(entry, options.replayEntries);
    if (third !== 'checkpoint-due') return third;
    throw storeFault('damaged', `version ${entry.version - 1} cannot be put together for the checkpoint that is due`);
  }

  return {
    head: () => backend.head(),
    append,
    entries: async (after, limit) => (await backend.entries(after, limit)).map(readEntry),
    history: async (before, limit) => (await backend.entriesBack(before, limit)).map(readHead),
    async stateAt(version) {
      return rebuild(log, version === 'head' ? (await backend.head()).version : version);
    },
    catchUp: (from) => catchUp(log, from),
    writeCheckpoint,
    newestCheckpoint: async () => (await backend.checkpoints()).at(-1) ?? 0,
    restore: async (state) => backend.restore({ version: state.version, digest: state.digest }, await packState(state)),
    follow: (from, signal) => follow(log, from, signal, { ...FOLLOW_DEFAULTS, ...options.follow }),
  };
}

function readEntry(stored: StoredEntry): Entry {
  const decoded = decodeEntry(stored);
  if (decoded.ok) return decoded.value;
  throw storeFault('damaged', decoded.message);
}

function readHead(stored: StoredEntry): EntryHead {
  return entryHead(readEntry(stored));
}
