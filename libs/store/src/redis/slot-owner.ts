// Connects to the node of a Redis Cluster that owns our keys. All of them share one hash tag, so one node has them all, and a
// plain connection to it does: scripts, blocking reads, BullMQ, the clock and INFO are then that node's own.
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, type RedisOptions } from 'ioredis';
import { ClusterNodes, isSame, type Node } from './cluster-layout.ts';

/** Between two looks for the owner: while a slot moves, or a failover is under way, nobody is served faster by haste. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1_000;

/** After so long without a byte the others are asked whether the node still owns our keys; and again after as long. */
const SILENCE_MS = 2_000;
const WATCH_EVERY_MS = 500;

/** How long a closed connection may take to go, where ioredis is not told. */
const GOING_MS = 1_000;

/** For `Connector` of ioredis. */
export function slotOwnerConnector(seeds: readonly Node[]): new (options: unknown) => AbstractConnector {
  const nodes = new ClusterNodes(seeds);
  return class extends SlotOwnerConnector {
    constructor(options: unknown) {
      super(options as RedisOptions, nodes);
    }
  };
}

class SlotOwnerConnector extends AbstractConnector {
  readonly #options: RedisOptions;
  readonly #nodes: ClusterNodes;
  #ending = new AbortController();
  #lookedMs = -MAX_PAUSE_MS;

  constructor(options: RedisOptions, nodes: ClusterNodes) {
    super(options.disconnectTimeout ?? GOING_MS);
    this.#options = options;
    this.#nodes = nodes;
  }

  /** A node that has just been made a replica is left again. */
  override check(info: { readonly role?: string }): boolean {
    return info.role === undefined || info.role === 'master';
  }

  override disconnect(): void {
    this.#ending.abort();
    super.disconnect();
  }

  /** Looks for as long as it takes; an end comes from `disconnect`. A client that does not connect again wants one look. */
  override async connect(tell: (type: string, error: Error) => void): Promise<Socket> {
    this.connecting = true;
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    const early = MIN_PAUSE_MS - (performance.now() - this.#lookedMs);
    if (early > 0) await delay(early);
    for (let pauseMs = MIN_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      this.#lookedMs = performance.now();
      const owner = await this.#nodes.findOwner(this.#options, signal);
      if (signal.aborted) throw new Error('Connection is closed.');
      if (!(owner instanceof Error)) return this.#open(owner);
      if (this.#options.retryStrategy?.(1) == null) throw owner;
      tell('error', owner);
      await delay(pauseMs);
    }
  }

  #open(owner: Node): Socket {
    const { tls, keepAlive } = this.#options;
    const where = { ...owner, ...(keepAlive === undefined ? {} : { keepAliveInitialDelay: keepAlive }) };
    const stream = tls ? connectTls(Object.assign({}, where, tls)) : connect(where);
    stream.once('error', (error: Error) => {
      this.firstError = error;
    });
    this.stream = stream;
    this.#watch(stream, owner);
    return stream;
  }

  /**
   * A node whose host is gone answers nothing and closes nothing. Nor does one that a blocking read waits on; so it is left
   * only where the others say that another node owns the keys now.
   */
  #watch(stream: Socket, owner: Node): void {
    let read = 0;
    let since = performance.now();
    let asking = false;
    const look = async () => {
      if (stream.bytesRead !== read) {
        read = stream.bytesRead;
        since = performance.now();
      }
      if (asking || performance.now() - since < SILENCE_MS) return;
      asking = true;
      const told = await this.#nodes.findOwner(this.#options, this.#ending.signal);
      asking = false;
      since = performance.now();
      const isElsewhere = !(told instanceof Error) && !isSame(told, owner);
      if (isElsewhere) stream.destroy(new Error(`${told.host}:${told.port} owns the keys now`));
    };
    const timer = setInterval(() => void look(), WATCH_EVERY_MS);
    timer.unref();
    stream.once('close', () => clearInterval(timer));
  }
}
