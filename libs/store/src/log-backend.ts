// What the versioned log needs of whatever stores it. Knows bytes and order, not what an entry means.
import type { Entry } from '@sluice/version';
import type { Appended, Head } from './store.ts';

/** Or a checkpoint is due first: the newest lies too far back for one entry more. */
export type StoredAppend = Appended | 'checkpoint-due';

/** Stored JSON as it was read; nothing of it is checked yet. */
export type StoredEntry = unknown;

export interface StoredCheckpoint {
  readonly version: number;
  /** As `packState` made it. */
  readonly packed: Uint8Array;
}

/** Methods reject with a StoreFault when the store is away. */
export interface LogBackend {
  head(): Promise<Head>;
  /**
   * In one step: compares the head, adds the entry, and forgets checkpoints that claim its version or a later one, which
   * are of a past that was lost. Does nothing where there would be more than `replayEntries` after the newest checkpoint.
   */
  append(entry: Entry, replayEntries: number): Promise<StoredAppend>;
  /** Ascending, versions above `after`. */
  entries(after: number, limit: number): Promise<readonly StoredEntry[]>;
  /** Descending, versions below `before`. */
  entriesBack(before: number, limit: number): Promise<readonly StoredEntry[]>;
  /** Versions of all checkpoints, ascending. */
  checkpoints(): Promise<readonly number[]>;
  checkpoint(version: number): Promise<Uint8Array | null>;
  writeCheckpoint(version: number, packed: Uint8Array): Promise<void>;
  /** Forgets entries up to a version, that one included, and checkpoints below it. */
  trim(upTo: number): Promise<void>;
  /** Makes a state the head of a log that has lost everything; false if it has a head again. */
  restore(head: Head, packed: Uint8Array): Promise<boolean>;
  /** A watcher with a connection of its own. */
  watch(): Watcher;
}

export interface Watcher {
  head(): Promise<Head>;
  /** Entries above a version as soon as there are any, none if there are none for so long. */
  wait(after: number, waitMs: number): Promise<readonly StoredEntry[]>;
  close(): void;
}
