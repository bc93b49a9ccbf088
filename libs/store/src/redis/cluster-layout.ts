// Asks the nodes of a Redis Cluster which of them owns the slot of our keys. Any of them may be dead, hang, or know only the past.
import { Redis, type RedisOptions } from 'ioredis';

/** CRC16 of `sluice`, the hash tag of every key, modulo 16384: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags */
export const SLOT = 59;

/** One node that does not answer must not use up the time in which another one would. */
const ASK_TIMEOUT_MS = 1_000;

/** While a node lets its answer wait for so long the next one is asked too: a dead one may take a connection and then say nothing. */
const NEXT_AFTER_MS = 250;

export interface Node {
  readonly host: string;
  readonly port: number;
}

interface Layout {
  readonly owner: Node | null;
  /** Primaries and replicas of all slots. */
  readonly nodes: readonly Node[];
}

/** What all the connections to one cluster know of it together: a new one need not begin with what another found dead. */
export class ClusterNodes {
  readonly #seeds: readonly Node[];
  #known: readonly Node[] = [];
  /** Who named the last owner, and that owner: they are asked last, for whoever looks again may have been misled by them. */
  #doubted: readonly Node[] = [];

  constructor(seeds: readonly Node[]) {
    this.#seeds = seeds;
  }

  /** The owner by the first node that names one, or why none does. No later than a second per node, and a quarter in most cases. */
  async findOwner(options: RedisOptions, signal: AbortSignal): Promise<Node | Error> {
    const nodes = unique([...this.#known, ...this.#seeds]);
    const order = [...without(nodes, this.#doubted), ...nodes.filter((each) => includes(this.#doubted, each))];
    const found = await firstAnswer(order, options, signal);
    if (found instanceof Error) return found;
    this.#known = found.nodes;
    this.#doubted = [found.teller, found.owner];
    return found.owner;
  }
}

interface Found {
  readonly owner: Node;
  readonly teller: Node;
  readonly nodes: readonly Node[];
}

function firstAnswer(order: readonly Node[], options: RedisOptions, signal: AbortSignal): Promise<Found | Error> {
  return new Promise((resolve) => {
    const ending = new AbortController();
    let next = 0;
    let asking = 0;
    let last = new Error('no node of the cluster is known');
    let timer: NodeJS.Timeout | undefined;
    const finish = (result: Found | Error) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      ending.abort();
      resolve(result);
    };
    const stop = () => finish(new Error('Connection is closed.'));
    const failed = (error: Error) => {
      last = error;
      asking--;
      askNext();
    };
    const askNext = () => {
      clearTimeout(timer);
      if (ending.signal.aborted) return;
      const teller = order[next++];
      if (teller === undefined) {
        if (asking === 0) finish(last);
        return;
      }
      asking++;
      timer = setTimeout(askNext, NEXT_AFTER_MS);
      ask(teller, options, ending.signal).then(({ owner, nodes }) => {
        if (owner !== null) finish({ owner, teller, nodes });
        else failed(new Error(`CLUSTERDOWN slot ${SLOT}, where all keys are, has no owner`));
      }, failed);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    else askNext();
  });
}

async function ask(node: Node, options: RedisOptions, signal: AbortSignal): Promise<Layout> {
  const { username, password, tls } = options;
  const client = new Redis({
    ...node,
    ...{ username, password, ...(tls === undefined ? {} : { tls }) },
    ...{ lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null, maxRetriesPerRequest: 0 },
    ...{ connectionName: 'sluice-cluster', disableClientInfo: true, disconnectTimeout: 0 },
  });
  let reason: Error | undefined;
  client.on('error', (error) => {
    reason = error;
  });
  const cut = () => client.disconnect();
  signal.addEventListener('abort', cut, { once: true });
  // Over all: a node that hangs takes the connection, and then answers neither the first command nor the last.
  const late = setTimeout(() => {
    reason = new Error(`connect ETIMEDOUT ${node.host}:${node.port}`);
    cut();
  }, ASK_TIMEOUT_MS);
  try {
    await client.connect();
    return readLayout(await client.cluster('SLOTS'), node.host);
  } catch (error) {
    throw reason ?? error;
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', cut);
    cut();
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

export function isSame(a: Node, b: Node): boolean {
  return a.host === b.host && a.port === b.port;
}

function includes(nodes: readonly Node[], node: Node): boolean {
  return nodes.some((each) => isSame(each, node));
}

function without(nodes: readonly Node[], left: readonly Node[]): Node[] {
  return nodes.filter((node) => !includes(left, node));
}

function unique(nodes: readonly Node[]): Node[] {
  return [...new Map(nodes.map((node) => [`${node.host} ${node.port}`, node])).values()];
}
