// What the conformance cases share: an engine with both halves in this thread, real peers, and waiting for conditions.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type {
  AcceptingEngine,
  DialTo,
  End,
  EngineError,
  EngineKind,
  Listening,
  PeekEnd,
  PeekLimits,
  PeekVerdict,
  Relay,
  RelayLimits,
  RelayReport,
  Result,
  TlsEngine,
  WorkerEngine,
} from '../seam.ts';
import type { TlsContext, TlsTerms } from '../tls.ts';
import { tlsEngineFor } from '../tls-move.ts';

export const noLimits: RelayLimits = { idleMs: 0, halfCloseMs: 0, maxDurationMs: 0, closeMs: 0 };

/** An engine that ends TLS, for those that do not themselves. */
export interface TlsKind {
  readonly open: () => TlsEngine;
  readonly context: (terms: TlsTerms) => TlsContext;
}

export interface Taken {
  readonly end: End;
  readonly listener: number;
}

/** Both halves of an engine, with what was accepted as a queue that can be awaited. */
export class Rig {
  readonly accepting: AcceptingEngine;
  readonly worker: WorkerEngine;
  readonly tls: TlsEngine;
  readonly context: (terms: TlsTerms) => TlsContext;
  readonly faults: EngineError[] = [];
  readonly #taken = new Queue<Taken>();
  readonly #cleanups: (() => void)[] = [];
  /** What `place` answers: 0 = the one worker, -1 = refuse. */
  placement = 0;

  /** Without `tls` it is for suites that end none. */
  constructor(kind: EngineKind, tls?: TlsKind) {
    this.accepting = kind.openAccepting({
      place: () => this.placement,
      lone: false,
      onFault: (fault) => void this.faults.push(fault),
    });
    const ticket = this.accepting.seat(0);
    this.worker = kind.openWorker(ticket.message, {
      accepted: (end, listener) => this.#taken.put({ end, listener }),
      mayTake: () => this.placement >= 0,
      onFault: (fault) => void this.faults.push(fault),
    });
    this.accepting.serves(0);
    this.tls = tls === undefined ? (this.worker as TlsEngine) : tlsEngineFor(this.worker, tls.open);
    this.context = tls?.context ?? (() => ({ engine: 'node' }));
  }

  async listen(listener = 7, address = '127.0.0.1'): Promise<Listening> {
    const result = await this.accepting.listen({ listener, address, port: 0, backlog: 128, reusePort: false });
    if (!result.ok) throw new Error(result.error.message);
    return result.value;
  }

  taken(): Promise<Taken> {
    return this.#taken.take();
  }

  /** A client of a listener, connected (or already refused). */
  async client(at: Listening): Promise<Peer> {
    const socket = connect({ host: at.address, port: at.port, allowHalfOpen: true, noDelay: true });
    const peer = this.peer(socket);
    await peer.until(() => !socket.connecting);
    return peer;
  }

  /** An endpoint that gives each connection to the test. `path` makes it a unix socket. */
  async endpoint(path?: string): Promise<Endpoint> {
    const endpoint = new Endpoint((socket) => this.peer(socket));
    await endpoint.open(path);
    this.#cleanups.push(() => endpoint.server.close());
    return endpoint;
  }

  dial(to: Partial<DialTo>): Promise<Result<End>> {
    return new Promise((resolve) => {
      this.worker.dial({ address: '127.0.0.1', port: 0, timeoutMs: 5_000, keepalive: null, ...to }, resolve);
    });
  }

  peek(end: End, limits: PeekLimits, look: (bytes: Uint8Array, ended: boolean) => PeekVerdict): Promise<PeekEnd> {
    return new Promise((resolve) => this.worker.peek(end, limits, look, resolve));
  }

  relay(
    downstream: End,
    upstream: End,
    limits: Partial<RelayLimits> = {},
  ): { relay: Relay; report: Promise<RelayReport> } {
    let relay!: Relay;
    const report = new Promise<RelayReport>((resolve) => {
      relay = this.worker.relay(downstream, upstream, { ...noLimits, ...limits }, resolve);
    });
    return { relay, report };
  }

  /** Client and endpoint joined by a relay: the usual start of a case. */
  async joined(limits: Partial<RelayLimits> = {}) {
    const at = await this.listen();
    const endpoint = await this.endpoint();
    const client = await this.client(at);
    const { end } = await this.taken();
    const dialed = await this.dial({ port: endpoint.port });
    if (!dialed.ok) throw new Error(dialed.error.message);
    const upstream = await endpoint.next();
    return { client, upstream, ...this.relay(end, dialed.value, limits) };
  }

  /** Dials an endpoint on one engine, and joins an end of it to that. */
  async joinTo(engine: WorkerEngine, end: End, endpoint: Endpoint, limits: Partial<RelayLimits> = {}) {
    const dialed = await new Promise<Result<End>>((resolve) => {
      engine.dial({ address: '127.0.0.1', port: endpoint.port, timeoutMs: 5_000, keepalive: null }, resolve);
    });
    if (!dialed.ok) throw new Error(dialed.error.message);
    const upstream = await endpoint.next();
    const { promise: report, resolve } = Promise.withResolvers<RelayReport>();
    const relay = engine.relay(end, dialed.value, { ...noLimits, ...limits }, resolve);
    return { upstream, relay, report };
  }

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups) cleanup();
    this.worker.stop();
    if (this.tls !== this.worker) this.tls.stop();
    await this.accepting.close();
  }

  peer(socket: Socket): Peer {
    this.#cleanups.push(() => socket.destroy());
    return new Peer(socket);
  }
}

/** A socket of the test's own, with what it received and how it ended as things to wait for. */
export class Peer {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  ended = false;
  errno = '';
  closed = false;
  #wake = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.socket = socket;
    const changed = () => {
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    };
    socket.on('connect', changed);
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      changed();
    });
    socket.on('end', () => {
      this.ended = true;
      changed();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.errno = error.code ?? 'unknown';
      changed();
    });
    socket.on('close', () => {
      this.closed = true;
      changed();
    });
  }

  get length(): number {
    return this.#length;
  }

  received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  async until(condition: (peer: Peer) => boolean): Promise<void> {
    while (!condition(this)) await this.#wake.promise;
  }

  async text(length: number): Promise<string> {
    await this.until((peer) => peer.length >= length || peer.ended || peer.closed);
    return this.received().toString();
  }
}

export class Endpoint {
  readonly server: Server;
  readonly #arrived = new Queue<Peer>();

  constructor(wrap: (socket: Socket) => Peer) {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#arrived.put(wrap(socket)));
  }

  async open(path?: string): Promise<void> {
    if (path === undefined) this.server.listen(0, '127.0.0.1');
    else this.server.listen(path);
    await once(this.server, 'listening');
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  next(): Promise<Peer> {
    return this.#arrived.take();
  }
}

class Queue<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  put(item: T): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(item);
    else this.#items.push(item);
  }

  take(): Promise<T> {
    const item = this.#items.shift();
    return item === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(item);
  }
}

/** Waits for a condition of the engine itself, turn by turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
