// The log as processes see it, over any backend.
import { decodeEntry, type Entry, type EntryHead, entryHead, type TrustedKeys } from '@sluice/version';
import { catchUp, rebuild, type TrustingLog } from './catch-up.ts';
import { FOLLOW_DEFAULTS, type FollowOptions, follow } from './follow.ts';
import type { LogBackend, StoredEntry } from './log-backend.ts';
import { packState } from './packed-state.ts';
import type { VersionLog } from './store.ts';
import { storeFault } from './store-fault.ts';

export interface LogOptions {
  /** Versions that stay readable one by one; more may be kept, up to the checkpoint before the oldest of them. */
  readonly retainVersions: number;
  /** Whose signatures count; without it, signed or not. */
  readonly trusted: TrustedKeys | undefined;
  readonly follow?: Partial<FollowOptions>;
}

export const DEFAULT_RETAIN_VERSIONS = 1_000;

export function createLog(backend: LogBackend, options: LogOptions): VersionLog {
  const log: TrustingLog = { backend, trusted: options.trusted ?? null };
  return {
    head: () => backend.head(),
    append: (entry) => backend.append(entry),
    entries: async (after, limit) => (await backend.entries(after, limit)).map(readEntry),
    history: async (before, limit) => (await backend.entriesBack(before, limit)).map(readHead),
    async stateAt(version) {
      return rebuild(log, version === 'head' ? (await backend.head()).version : version);
    },
    catchUp: (from) => catchUp(log, from),
    async writeCheckpoint(state) {
      await backend.writeCheckpoint(state.version, await packState(state));
      const oldest = state.version - options.retainVersions;
      const base = (await backend.checkpoints()).findLast((version) => version <= oldest);
      if (base !== undefined) await backend.trim(base);
    },
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
