// What passes between the acceptor's threads. Types only.
import type { MessagePort } from 'node:worker_threads';
import type { EngineName } from '@sluice/engine';
import type { RouteTable } from '@sluice/route-table';
import type { SessionSettings } from '@sluice/session';
import type { AcceptorReport, Dropped } from '@sluice/version';
import type { Quarantined } from './quarantine-file.ts';
import type { TlsList } from './tls-list.ts';

/** A compiled version, as the config thread makes it and every worker reads it. */
export interface CompiledVersion {
  readonly version: number;
  readonly digest: string;
  /** Views on shared memory: it passes between threads as it is. */
  readonly table: RouteTable;
  /** SlotBook's for that table. */
  readonly slots: SharedArrayBuffer;
  /** What its routes end TLS with. It holds private keys: not to be shown or logged. */
  readonly tls: TlsList;
}

/** Main thread -> worker, at its start. */
export interface WorkerTask {
  readonly worker: number;
  readonly acceptorId: string;
  readonly engine: EngineName;
  readonly ticket: unknown;
  readonly control: MessagePort;
  /** One Int32: the turn in force, see `Prepare.turn`. */
  readonly turns: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly figures: SharedArrayBuffer;
  readonly live: SharedArrayBuffer;
  readonly settings: SessionSettings;
  /** Sessions of all workers together; 0 = no limit. A lone worker that takes connections itself keeps to it. */
  readonly maxSessions: number;
  readonly logLevel: string;
}

/** A version to be held ready. `turn` counts the acceptor's own commits; storing it in `turns` is the switch. */
export interface Prepare {
  readonly type: 'prepare';
  readonly turn: number;
  readonly compiled: CompiledVersion;
  /** Index in the table of each of the acceptor's listener numbers; -1 where the version has none. */
  readonly listeners: readonly number[];
}

export type ToWorker =
  | Prepare
  /** `turns` was switched to this turn: connections that waited for it are decided, older turns dropped. */
  | { readonly type: 'committed'; readonly turn: number }
  /** A prepared turn will not be committed. */
  | { readonly type: 'abandoned'; readonly turn: number }
  | { readonly type: 'list'; readonly request: number; readonly limit: number }
  /** Ends the sessions chosen. */
  | {
      readonly type: 'end';
      readonly request: number;
      readonly select: SessionSelector;
      readonly how: 'close' | 'reset';
    }
  /** What was logged is to be written: the worker is about to be ended. */
  | { readonly type: 'flush'; readonly request: number }
  /** Test hook: throws outside of any session. */
  | { readonly type: 'throw' };

export type FromWorker =
  | { readonly type: 'ready' }
  /** `error`: why this worker cannot hold the version; '' = it does. */
  | { readonly type: 'prepared'; readonly turn: number; readonly error: string }
  | { readonly type: 'committed'; readonly turn: number }
  | { readonly type: 'sessions'; readonly request: number; readonly sessions: readonly SessionRow[] }
  | { readonly type: 'ended'; readonly request: number; readonly count: number }
  | { readonly type: 'flushed'; readonly request: number };

/** Fields ANDed; an empty selector chooses every session. */
export interface SessionSelector {
  readonly listener?: string;
  readonly route?: string;
  readonly cluster?: string;
  readonly endpoint?: string;
  readonly version?: number;
}

/** A session as `/sessions` shows it. */
export interface SessionRow {
  readonly worker: number;
  readonly id: number;
  readonly version: number;
  readonly engine: EngineName;
  /** Version of TLS that is ended here; '' = none. */
  readonly tls: string;
  readonly listener: string;
  readonly route: string;
  readonly cluster: string;
  readonly endpoint: string;
  readonly source: string;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly ageMs: number;
}

/** What the config thread is started with. */
export interface ConfigTask {
  readonly store: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly stateDir: string;
  /** As SLUICE_TRUSTED_KEYS has them; '' = versions need no signature. */
  readonly trustedKeys: string;
  readonly live: SharedArrayBuffer;
  /** What the acceptor serves, or may go back to, the newest first: not empty where an earlier config thread died. */
  readonly held: readonly CompiledVersion[];
  readonly logLevel: string;
  readonly acceptorId: string;
}

/** A server of this acceptor's gateways that has no listener. */
export interface IdleReason {
  readonly gateway: string;
  readonly port: number;
  readonly code: string;
  readonly reason: string;
}

export type FromConfig =
  /** First of all: what crashed this acceptor's workers before it was started again. */
  | { readonly type: 'quarantined'; readonly quarantined: readonly Quarantined[] }
  | {
      readonly type: 'compiled';
      readonly compiled: CompiledVersion;
      readonly source: 'store' | 'disk';
      readonly idle: readonly IdleReason[];
      /** What the version leaves out, as it was judged at admission. */
      readonly dropped: Dropped;
      /** When the version was admitted, by the admitting process's clock; 0 = unknown. */
      readonly admittedMs: number;
      /** The quarantined version in whose place it comes: what `find-before` found. */
      readonly insteadOf?: Quarantined;
    }
  /** A version that cannot even be compiled: as a refused prepare. */
  | { readonly type: 'uncompiled'; readonly version: number; readonly error: string }
  | { readonly type: 'away'; readonly code: string; readonly message: string }
  | { readonly type: 'back' };

export type ToConfig =
  /** The answer to `compiled`: only now comes the next. */
  | { readonly type: 'took'; readonly version: number; readonly committed: boolean }
  /** A version is not to be served, and there is none in this process to go back to: one is to be found in the log. */
  | { readonly type: 'find-before'; readonly bad: Quarantined; readonly quarantined: readonly Quarantined[] }
  /** What was found is in force. */
  | { readonly type: 'condemned'; readonly quarantined: readonly Quarantined[] }
  /** A committed version is taken back for good; the one before it is the last good. */
  | { readonly type: 'took-back'; readonly quarantined: readonly Quarantined[] }
  | { readonly type: 'report'; readonly report: AcceptorReport }
  /** Ends, once this last report is with the store (or cannot be). */
  | { readonly type: 'close'; readonly report: AcceptorReport };
