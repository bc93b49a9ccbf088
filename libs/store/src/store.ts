// What a store of versions offers, whatever holds it: the log, admissions, and the acceptors' reports.
import type { Logger } from '@sluice/observe';
import type {
  AcceptorReport,
  Admission,
  Entry,
  EntryHead,
  Proposal,
  SigningKey,
  State,
  TrustedKeys,
} from '@sluice/version';
import type { FollowOptions } from './follow.ts';
import type { FollowEvent } from './follow-event.ts';
import type { StoreFault } from './store-fault.ts';

/** What a process wants of the store; decides which connections are opened and whether opening waits for an answer. */
export type StoreRole = 'publisher' | 'config-service' | 'acceptor';

export interface OpenOptions {
  readonly role: StoreRole;
  readonly logger?: Logger;
  /** It only asks: a store of one file is not made where there is none, which is a `no-file`. */
  readonly mustExist?: boolean;
  /** Tells the logger of the store's health when it changes; the default where there is a logger and it is no publisher. */
  readonly watchesHealth?: boolean;
  /** Versions kept readable, default 1,000; only who writes checkpoints acts on it. */
  readonly retainVersions?: number;
  /** Entries after the newest checkpoint that whoever starts has to read at most, default 200; only writers act on it. */
  readonly replayEntries?: number;
  /** Versions after which a checkpoint is written, default 100; where this process admits itself (a store of one file). */
  readonly checkpointEvery?: number;
  /** Whose signatures count on what is read; without it, signed or not. */
  readonly trusted?: TrustedKeys;
  /** Signs what this process admits itself (a store of one file). */
  readonly signer?: SigningKey;
  /** Times of following, for tests that cannot wait. */
  readonly follow?: Partial<FollowOptions>;
}

export interface Head {
  /** 0 with the empty state's digest before the first version. */
  readonly version: number;
  readonly digest: string;
}

/** How the store is doing. */
export interface StoreHealth {
  /** Why versions must not be trusted to it: `read-only`, `eviction`. */
  readonly fault: StoreFault | null;
  readonly warning: string | null;
  /** Memory (of Redis) or file size in use, and its limit where there is one. */
  readonly usedBytes: number;
  readonly limitBytes: number | null;
}

export interface Store {
  /** For people and logs: without user and password. */
  readonly name: string;
  readonly log: VersionLog;
  readonly admissions: Admissions;
  readonly reports: Reports;
  /** Rejects with a StoreFault while the store is away. */
  health(): Promise<StoreHealth>;
  /** Ends every connection; what is under way fails with `closed`. Safe to call twice. */
  close(): Promise<void>;
}

export type Appended = { readonly ok: true } | { readonly ok: false; readonly head: Head };

/** Methods reject with a StoreFault when the store is away. */
export interface VersionLog {
  head(): Promise<Head>;
  /**
   * Adds the entry if the head is the one it was made on (version - 1 and `previous`); else tells the head. Where it would be
   * one entry too many after the newest checkpoint, a checkpoint is written first: of `before`, the state that the entry was
   * made on, else of what the log gives.
   */
  append(entry: Entry, before?: State): Promise<Appended>;
  /** Entries after a version, ascending, at most `limit`; fewer where a batch would be too many bytes. */
  entries(after: number, limit: number): Promise<readonly Entry[]>;
  /** Entries without their resources before a version, descending, at most `limit`. */
  history(before: number, limit: number): Promise<readonly EntryHead[]>;
  /** The state at a version, null where it is no longer (or not yet) kept; `head` for the newest. */
  stateAt(version: number | 'head'): Promise<State | null>;
  /** The state brought up to the head, from the one given where that is possible. */
  catchUp(from: State | null): Promise<State>;
  /** Keeps the state as a checkpoint, and forgets what retention no longer asks for. */
  writeCheckpoint(state: State): Promise<void>;
  /** Version of the newest checkpoint, 0 if none. */
  newestCheckpoint(): Promise<number>;
  /** Makes a state the head of a log that lost everything; false where the log has a head. */
  restore(state: State): Promise<boolean>;
  /**
   * Every version after `from` for as long as the signal lasts; begins with a state where `from` is null or cannot be
   * continued. Never ends by itself, never throws.
   */
  follow(from: State | null, signal: AbortSignal): AsyncIterable<FollowEvent>;
}

/** How long a publisher waits for an answer. */
export interface SubmitOptions {
  readonly timeoutMs: number;
  /** Gives the waiting up, as the end of the time does: `interrupted`. */
  readonly signal?: AbortSignal;
}

/** Answers proposals one at a time. Throwing means: not now, try again. */
export type AdmissionDesk = (proposal: Proposal) => Promise<Admission>;

export interface Admissions {
  /** The answer of whoever serves admissions. Rejects with a StoreFault: `away`, `no-service`, `timeout`, `interrupted`. */
  submit(proposal: Proposal, options: SubmitOptions): Promise<Admission>;
  /** Takes proposals until closed; closing lets the running one end. */
  serve(desk: AdmissionDesk): Promise<{ close(): Promise<void> }>;
}

/** A report with the store's own time since it was said. */
export interface ReceivedReport extends AcceptorReport {
  /** Milliseconds since the store got it, by the store's clock. */
  readonly ageMs: number;
}

export interface Reports {
  put(report: AcceptorReport): Promise<void>;
  /** The last report of every acceptor, by id; those silent for a day are forgotten. */
  list(): Promise<readonly ReceivedReport[]>;
  /**
   * Rejects where none could be put now, though they can be read: a store that is full, or takes no writes for another reason.
   * Who is silent meanwhile need not be lost.
   */
  check(): Promise<void>;
  /** An acceptor that ended in good order takes its report away. */
  remove(id: string): Promise<void>;
}

export type Opened = { readonly ok: true; readonly value: Store } | { readonly ok: false; readonly fault: StoreFault };
