// The seam between sessions and sockets. What stands above knows no descriptor, what stands below knows no route.
// Types only: an engine implements them, the acceptor uses them, and conformance.ts holds every engine to them.

import type { Socket } from 'node:net';
import type { Secured, TlsContext } from './tls.ts';

/** One end of a session: a small integer, good from `accepted` or `dial` until the engine was told to close it. */
export type End = number;

/** What an engine is called in settings, logs and metrics. */
export type EngineName = 'node' | 'linux' | 'fake';

/** Where a listener is opened. */
export interface ListenAt {
  /** The acceptor's own number of the listener; comes back with each connection. 0..65535. */
  readonly listener: number;
  /** IPv4, IPv6, or `unix:///path` / `unix://@abstract` (then port 0). */
  readonly address: string;
  /** 1..65535, or 0 for a port of the system's choosing. */
  readonly port: number;
  /** Connections the system may hold before they are accepted; it caps this at net.core.somaxconn. */
  readonly backlog: number;
  /** Let other processes listen on the same address and port, each taking a share (SO_REUSEPORT, socket(7)). */
  readonly reusePort: boolean;
}

export interface Listening {
  readonly listener: number;
  readonly address: string;
  /** The port in use, where ListenAt asked for 0. */
  readonly port: number;
  /**
   * Takes what waits to be accepted, and then no more; connections already handed over are not touched. Resolves when the
   * address is free again.
   */
  close(): Promise<void>;
}

/** Why a listener could not be opened, or an endpoint not reached. `code` is stable; the message is for people. */
export interface EngineError {
  readonly code:
    | 'address-in-use'
    | 'address-not-available'
    | 'permission'
    | 'refused'
    | 'unreachable'
    | 'timeout'
    | 'reset'
    | 'descriptors'
    | 'aborted'
    | 'unsupported'
    | 'tls'
    | 'other';
  readonly message: string;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: EngineError };

/** What goes to a worker thread so that it can open its half; opaque above the seam. Posted with `transfer`. */
export interface Ticket {
  readonly message: unknown;
  readonly transfer: readonly unknown[];
}

/** The accepting half, in the acceptor's main thread: listens, and hands each connection to one worker. */
export interface AcceptingEngine {
  readonly name: EngineName;
  listen(at: ListenAt): Promise<Result<Listening>>;
  /** Opens a place for a worker (0..workers-1); its ticket is used once. */
  seat(worker: number): Ticket;
  /** The worker holds what it needs to decide connections: they may come to it from here on. Once for each seat. */
  serves(worker: number): void;
  /** The worker's thread has ended; what it still held and nobody else owns is closed. */
  unseat(worker: number): void;
  /** Ends every listener and place. */
  close(): Promise<void>;
}

export interface AcceptingOptions {
  /** Which worker takes the next connection of this listener; -1 resets it. Called once for each connection. */
  readonly place: (listener: number) => number;
  /** There is one worker only: nothing is to be chosen, so it may take connections itself, and `place` is not asked. */
  readonly lone: boolean;
  /** Something went wrong that no caller waits for, such as accept(2) out of descriptors. */
  readonly onFault: (error: EngineError) => void;
}

/** An address in text; '' and 0 where the system tells none (unix sockets). */
export interface Address {
  readonly address: string;
  readonly port: number;
}

/** The two addresses of an end, in text; '' and 0 where the system tells none (unix sockets). */
export interface EndAddresses {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export interface DialTo {
  /** IPv4, IPv6 or `unix:///path` / `unix://@abstract`. Names are resolved above the seam. */
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly keepalive: Keepalive | null;
}

/** Fields of 0 leave the system's own value (tcp(7): TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL). */
export interface Keepalive {
  readonly probes: number;
  readonly timeSeconds: number;
  readonly intervalSeconds: number;
}

/** 0 in any of them: no limit. */
export interface RelayLimits {
  /** No byte either way for so long. */
  readonly idleMs: number;
  /** One side has ended, and the other sends nothing for so long. */
  readonly halfCloseMs: number;
  readonly maxDurationMs: number;
  /** From an ordered close, until what was already taken is accepted; what is left then is reset. */
  readonly closeMs: number;
}

/** How an end came to its close. `open`: it was still open when the session ended for another reason. */
export type EndOutcome = 'end' | 'reset' | 'timeout' | 'ordered' | 'open';

export type RelayCause =
  | 'closed'
  | 'downstream-reset'
  | 'upstream-reset'
  | 'idle-timeout'
  | 'half-close-timeout'
  | 'max-duration'
  | 'ordered';

export interface RelayReport {
  readonly cause: RelayCause;
  readonly downstream: EndOutcome;
  readonly upstream: EndOutcome;
  /** Payload read from the client and written to the endpoint. */
  readonly bytesUp: number;
  /** Payload read from the endpoint and written to the client. */
  readonly bytesDown: number;
}

/** A running relay. */
export interface Relay {
  readonly bytesUp: number;
  readonly bytesDown: number;
  /**
   * Ends it before its time: `close` sends what was already taken, within `closeMs`; `reset` does not, and cuts a close
   * short that still waits for a reader. Reported as `ordered` once both ends are closed.
   */
  end(how: 'close' | 'reset'): void;
}

/** What a look at the first bytes found: enough, or more needed. */
export type PeekVerdict = 'enough' | 'more';

/** How a peek ended. `full`: the limit was reached and the look still wanted more. `closed`: the client left. */
export type PeekEnd = 'enough' | 'full' | 'closed' | 'timeout' | 'aborted';

export interface PeekLimits {
  /** Bytes shown at the most. */
  readonly bytes: number;
  /** For the whole peek, however many segments. */
  readonly deadlineMs: number;
}

/** The relaying half, one in each worker thread. No method throws for what a peer or the network does. */
export interface WorkerEngine {
  readonly name: EngineName;
  addresses(end: End): EndAddresses;
  /** The address of this side of it. */
  localAddress(end: End): Address;
  /**
   * Shows the bytes that have arrived, from the first not discarded, each time there are more; they are not consumed.
   * `bytes` is the engine's memory: good only during the call. `ended` is true when the client sends no more.
   */
  peek(
    end: End,
    limits: PeekLimits,
    look: (bytes: Uint8Array, ended: boolean) => PeekVerdict,
    done: (how: PeekEnd) => void,
  ): void;
  /** Drops the first `count` bytes of what peek showed (a PROXY header). Count at most what was shown. */
  discard(end: End, count: number): void;
  /** Queues bytes to be sent on an end before a relay's own (a PROXY header to an endpoint). At most 4096 bytes. */
  preface(end: End, bytes: Uint8Array): void;
  /** Connects; `done` is called once, never before dial returns. Returns a way to give up (then `done` says aborted). */
  dial(to: DialTo, done: (result: Result<End>) => void): () => void;
  /** Moves bytes both ways until both ends are closed; it closes them itself. `done` is called once. */
  relay(downstream: End, upstream: End, limits: RelayLimits, done: (report: RelayReport) => void): Relay;
  /** Closes an end that is in no relay: sends what is queued, then FIN. A peek under way ends as `aborted`. */
  close(end: End): void;
  /** Closes it with RST (SO_LINGER 0, socket(7)). */
  reset(end: End): void;
  /**
   * Gives an end that is in no peek or relay up as one of Node's sockets, paused, with every byte not discarded still to
   * be read: for what the engine does not do itself, such as ending TLS. From here the caller owns it.
   */
  detach(end: End): Socket;
  /** Ends held now, of both kinds, those in relays included. */
  held(): number;
  /** Gives up everything at once: relays are told as `ordered`, peeks and dials as `aborted`. */
  stop(): void;
}

/** The relaying half of an engine that ends TLS: for ends of its own, and those that another engine in its thread gave up. */
export interface TlsEngine extends WorkerEngine {
  /** Takes over what another engine's `detach` gave; its bytes are still to be read. */
  adopt(socket: Socket): End;
  /**
   * Ends TLS at an end that is in no peek or relay. From success on its bytes are the payload, in all of the seam: FIN is
   * close_notify and FIN; an end without close_notify is told as a reset. `done` is called once, never before secure
   * returns; with an error (`tls`: refused, by whom and why; `timeout`; `reset`: the client left) the end is closed
   * already, with an alert where there is one to send. A handshake that `close`, `reset` or `stop` meets ends as `aborted`.
   */
  secure(end: End, context: TlsContext, deadlineMs: number, done: (result: Result<Secured>) => void): void;
}

export interface WorkerEngineOptions {
  /** A connection was handed over; the session owns the end from here. */
  readonly accepted: (end: End, listener: number) => void;
  /** Of a lone worker that takes connections itself, asked once for each before `accepted`; false resets it. */
  readonly mayTake: () => boolean;
  /** As AcceptingOptions has it, where the worker takes connections itself. */
  readonly onFault: (error: EngineError) => void;
}

/** How an engine is built; each engine package exports one. */
export interface EngineKind {
  readonly name: EngineName;
  /** Whether this machine can run it; asked once at start. */
  supported(): Result<null>;
  openAccepting(options: AcceptingOptions): AcceptingEngine;
  openWorker(ticket: unknown, options: WorkerEngineOptions): WorkerEngine;
}
