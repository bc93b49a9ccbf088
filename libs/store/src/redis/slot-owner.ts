// Finds the node of a Redis Cluster that owns our keys. All of them share one hash tag, so one node has them all, and a plain
// connection to it does: scripts, blocking reads, BullMQ, the clock and INFO are then that node's own.
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis';

/** CRC16 of `sluice`, the hash tag of every key, modulo 16384: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags */
export const SLOT = 59;

/** One node that does not answer must not use up the time in which another one would. */
const ASK_TIMEOUT_MS = 1_000;

/** Between two looks for the owner: while a slot moves, or a failover is under way, nobody is served faster by haste. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1_000;

export interface Node {
  readonly host: string;
  readonly port: number;
}

/** For `Connector` of ioredis. */
export function slotOwnerConnector(seeds: readonly Node[]): new (options: unknown) => AbstractConnector {
  return class extends SlotOwnerConnector {
    constructor(options: unknown) {
      super(options as RedisOptions, seeds);
    }
  };
}

class SlotOwnerConnector extends AbstractConnector {
  readonly #options: RedisOptions;
  readonly #seeds: readonly Node[];
  #known: readonly Node[] = [];
  #lookedMs = -MAX_PAUSE_MS;

  constructor(options: RedisOptions, seeds: readonly Node[]) {
    super(options.disconnectTimeout ?? ASK_TIMEOUT_MS);
    this.#options = options;
    this.#seeds = seeds;
  }

  /** A node that has just been made a replica is left again. */
  override check(info: { readonly role?: string }): boolean {
    return info.role === undefined || info.role === 'master';
  }

  /** Looks for as long as it takes; an end comes from `disconnect`. A client that does not connect again wants one look. */
  override async connect(tell: (type: string, error: Error) => void): Promise<Socket> {
    this.connecting = true;
    const early = MIN_PAUSE_MS - (performance.now() - this.#lookedMs);
    if (early > 0) await delay(early);
    for (let pauseMs = MIN_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      this.#lookedMs = performance.now();
      const owner = await this.#find();
      if (!this.connecting) throw new Error('Connection is closed.');
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
    return stream;
  }

  async #find(): Promise<Node | Error> {
    let last: Error = new Error('no node of the cluster is known');
    for (const node of unique([...this.#known, ...this.#seeds])) {
      try {
        const { owner, nodes } = await ask(node, this.#options);
        this.#known = nodes;
        if (owner !== null) return owner;
        last = new Error(`CLUSTERDOWN slot ${SLOT}, where all keys are, has no owner`);
      } catch (error) {
        last = error instanceof Error ? error : new Error(String(error));
      }
      if (!this.connecting) break;
    }
    return last;
  }
}

interface Layout {
  readonly owner: Node | null;
  /** Primaries and replicas of all slots. */
  readonly nodes: readonly Node[];
}

async function ask(node: Node, options: RedisOptions): Promise<Layout> {
  const { username, password, tls } = options;
  const client = new Redis({
    ...node,
    ...{ username, password, ...(tls === undefined ? {} : { tls }) },
    ...{ lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null, maxRetriesPerRequest: 0 },
    ...{
      connectTimeout: ASK_TIMEOUT_MS,
      commandTimeout: ASK_TIMEOUT_MS,
      connectionName: 'sluice-cluster',
      disableClientInfo: true,
    },
  });
  let reason: Error | undefined;
  client.on('error', (error) => {
    reason = error;
  });
  try {
    await client.connect();
    return readLayout(await client.cluster('SLOTS'), node.host);
  } catch (error) {
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}

/** https://redis.io/docs/latest/commands/cluster-slots: rows of first slot, last slot, primary, replicas. */
export function readLayout(slots: unknown, asked: string): Layout {
  let owner: Node | null = null;
  const nodes: Node[] = [];
  for (const row of Array.isArray(slots) ? slots : []) {
    const [first, last, ...holders] = row as [number, number, ...[string | null, number][]];
    // A node that does not know its own address leaves it out: it is the one that was asked.
    const held = holders.map(([host, port]) => ({ host: host || asked, port }));
    nodes.push(...held);
    if (SLOT >= first && SLOT <= last) owner = held[0] ?? null;
  }
  return { owner, nodes: unique(nodes) };
}

function unique(nodes: readonly Node[]): Node[] {
  return [...new Map(nodes.map((node) => [`${node.host} ${node.port}`, node])).values()];
}
