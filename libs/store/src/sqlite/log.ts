// The log in a SQLite file. Followers look for news often: the query takes a few microseconds, and there is no server to wake them.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { EMPTY_STATE } from '@sluice/version';
import { BATCH_ENTRIES } from '../catch-up.ts';
import type { LogBackend, StoredEntry, Watcher } from '../log-backend.ts';
import type { Head } from '../store.ts';
import { SqliteFile } from './file.ts';

/** Between two looks for news: adds half of it to the time from publish to commit, and costs some 2 % of a core (waking up, mostly). */
const LOOK_MS = 10;

export function sqliteLog(file: SqliteFile): LogBackend {
  return {
    head: async () => file.use(readHead),
    async append(entry, replayEntries) {
      const text = JSON.stringify(entry);
      return file.change((database) => {
        const head = readHead(database);
        if (head.version !== entry.version - 1 || head.digest !== entry.previous) return { ok: false, head };
        database.prepare('DELETE FROM checkpoints WHERE version >= ?').run(entry.version);
        const newest = database.prepare('SELECT max(version) AS version FROM checkpoints').get();
        if (entry.version - Number(newest?.version ?? 0) > replayEntries) return 'checkpoint-due';
        // Above the head stands only what was put there past every check.
        database.prepare('DELETE FROM entries WHERE version >= ?').run(entry.version);
        database.prepare('INSERT INTO entries (version, entry) VALUES (?, ?)').run(entry.version, text);
        writeHead(database, entry);
        return { ok: true };
      });
    },
    entries: async (after, limit) => file.use((database) => readEntries(database, after, limit)),
    entriesBack: async (before, limit) =>
      file.use((database) => {
        const query = 'SELECT entry FROM entries WHERE version < ? ORDER BY version DESC LIMIT ?';
        return database.prepare(query).all(before, limit).map(parse);
      }),
    checkpoints: async () =>
      file.use((database) => {
        const rows = database.prepare('SELECT version FROM checkpoints ORDER BY version').all();
        return rows.map(({ version }) => Number(version));
      }),
    checkpoint: async (version) =>
      file.use((database) => {
        const row = database.prepare('SELECT packed FROM checkpoints WHERE version = ?').get(version);
        return row === undefined ? null : (row.packed as Uint8Array);
      }),
    async writeCheckpoint(version, packed) {
      file.change((database) => writeCheckpoint(database, version, packed));
    },
    async trim(upTo) {
      file.change((database) => {
        database.prepare('DELETE FROM checkpoints WHERE version < ?').run(upTo);
        database.prepare('DELETE FROM entries WHERE version <= ?').run(upTo);
      });
    },
    restore: async (head, packed) =>
      file.change((database) => {
        if (readHead(database).version !== 0) return false;
        database.exec('DELETE FROM entries');
        writeCheckpoint(database, head.version, packed);
        writeHead(database, head);
        return true;
      }),
    watch: () => sqliteWatcher(new SqliteFile(file.path, 'NORMAL', file.mustExist), file.closed),
  };
}

/** Ends with the store that it belongs to. */
function sqliteWatcher(file: SqliteFile, storeClosed: AbortSignal): Watcher {
  const close = () => file.close();
  storeClosed.throwIfAborted();
  storeClosed.addEventListener('abort', close, { once: true });
  return {
    head: async () => file.use(readHead),
    async wait(after, waitMs) {
      for (const end = performance.now() + waitMs; ; ) {
        const news = file.use((database) => readEntries(database, after, BATCH_ENTRIES));
        if (news.length > 0 || performance.now() >= end) return news;
        // A signal to end it early would cost as much as the look; whoever closes waits for no more than one.
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    close() {
      storeClosed.removeEventListener('abort', close);
      file.close();
    },
  };
}

/** Of each database the one query that is asked again and again, prepared. */
const entriesAfter = new WeakMap<DatabaseSync, StatementSync>();

function readEntries(database: DatabaseSync, after: number, limit: number): StoredEntry[] {
  let query = entriesAfter.get(database);
  if (query === undefined) {
    query = database.prepare('SELECT entry FROM entries WHERE version > ? ORDER BY version LIMIT ?');
    entriesAfter.set(database, query);
  }
  return query.all(after, limit).map(parse);
}

function readHead(database: DatabaseSync): Head {
  const row = database.prepare('SELECT version, digest FROM head').get();
  return row === undefined
    ? { version: 0, digest: EMPTY_STATE.digest }
    : { version: Number(row.version), digest: String(row.digest) };
}

function writeHead(database: DatabaseSync, { version, digest }: Head): void {
  database.prepare('INSERT OR REPLACE INTO head (only, version, digest) VALUES (1, ?, ?)').run(version, digest);
}

function writeCheckpoint(database: DatabaseSync, version: number, packed: Uint8Array): void {
  database.prepare('INSERT OR REPLACE INTO checkpoints (version, packed) VALUES (?, ?)').run(version, packed);
}

function parse(row: Record<string, unknown>): StoredEntry {
  try {
    return JSON.parse(String(row.entry)) as StoredEntry;
  } catch {
    return undefined;
  }
}
