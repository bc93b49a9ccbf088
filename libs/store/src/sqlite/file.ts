// The database file of a store for one machine: opened once a process, and again where it was replaced under us.
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type StoreFault, type StoreFaultCode, storeFault } from '../store-fault.ts';

/** Form of the tables; a file of another is refused. */
const FORMAT = 1;

/** Writers hold the file for a millisecond or two; who waits longer has met one that hangs. */
const BUSY_MS = 5_000;

/** How often it is looked whether the file is still the one that was opened. */
const LOOK_MS = 500;

const TABLES = `
CREATE TABLE IF NOT EXISTS entries (version INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS head (only INTEGER PRIMARY KEY CHECK (only = 1), version INTEGER NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS checkpoints (version INTEGER PRIMARY KEY, packed BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS reports (id TEXT PRIMARY KEY, report TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;
`;

/** Primary result codes (SQLITE_PERM, READONLY, CORRUPT, FULL, CANTOPEN, NOTADB): https://www.sqlite.org/rescode.html */
const BY_RESULT: Readonly<Record<number, StoreFaultCode>> = {
  3: 'denied',
  8: 'denied',
  11: 'damaged',
  13: 'full',
  14: 'denied',
  26: 'damaged',
};

/** SQLITE_IOERR_SHMSIZE: the `-shm` file cannot grow, which is all that SQLite says of a full disk where it only reads. */
const SHM_CANNOT_GROW = 4874;

/** Of the system, before SQLite is asked. */
const BY_ERRNO: Readonly<Record<string, StoreFaultCode>> = {
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ENOSPC: 'full',
  EDQUOT: 'full',
};

export class SqliteFile {
  readonly path: string;
  readonly #synchronous: 'FULL' | 'NORMAL';
  readonly mustExist: boolean;
  #database: DatabaseSync | null = null;
  #inode = 0;
  #lookedMs = 0;
  readonly #closing = new AbortController();

  /**
   * FULL: a committed write survives a power failure. NORMAL: it may be lost, the file stays whole. `mustExist`: none is
   * made where there is none.
   */
  constructor(path: string, synchronous: 'FULL' | 'NORMAL', mustExist: boolean) {
    this.path = path;
    this.#synchronous = synchronous;
    this.mustExist = mustExist;
  }

  /** Does something with the database; throws a StoreFault. */
  use<T>(work: (database: DatabaseSync) => T): T {
    this.closed.throwIfAborted();
    try {
      this.#look();
      this.#database ??= this.#open();
      return work(this.#database);
    } catch (error) {
      throw this.#fault(error);
    }
  }

  /** In one transaction that nobody else's writes come between. */
  change<T>(work: (database: DatabaseSync) => T): T {
    return this.use((database) => {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work(database);
        database.exec('COMMIT');
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Aborted, with a fault, when this is closed. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  close(): void {
    this.#closing.abort(storeFault('closed', 'the store is closed'));
    this.#database?.close();
    this.#database = null;
  }

  #open(): DatabaseSync {
    if (this.mustExist && !existsSync(this.path)) throw storeFault('no-file', `there is no store at ${this.path}`);
    mkdirSync(dirname(this.path), { recursive: true });
    // It may hold private keys: its own user's alone, where SQLite would go by the umask.
    closeSync(openSync(this.path, 'a', 0o600));
    const database = new DatabaseSync(this.path, { timeout: BUSY_MS });
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${this.#synchronous};`);
    const format = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
    if (format !== 0 && format !== FORMAT) {
      database.close();
      throw storeFault('damaged', `${this.path} is of format ${format}, not ${FORMAT}`);
    }
    database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${FORMAT}; COMMIT;`);
    this.#inode = statSync(this.path).ino;
    return database;
  }

  /** A file that was removed or replaced is no longer the one others write to. */
  #look(): void {
    const nowMs = performance.now();
    if (this.#database === null || nowMs - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = nowMs;
    if (statSync(this.path, { throwIfNoEntry: false })?.ino === this.#inode) return;
    this.#database.close();
    this.#database = null;
  }

  #fault(error: unknown): StoreFault {
    if (error instanceof Error && error.name === 'StoreFault') return error as StoreFault;
    return storeFault(codeOf(error), `${this.path}: ${(error as Error).message}`, error);
  }
}

/** What is wrong with the file, by what the system or SQLite says. */
export function codeOf(error: unknown): StoreFaultCode {
  const { errcode, code = '' } = error as NodeJS.ErrnoException & { errcode?: number };
  if (errcode === undefined) return BY_ERRNO[code] ?? 'away';
  return errcode === SHM_CANNOT_GROW ? 'full' : (BY_RESULT[errcode & 0xff] ?? 'away');
}
