// A small Redis Cluster for tests: three primaries, and a replica of the one that owns our keys. Real processes on loopback,
// put together by redis-cli, stopped by their pids.
import { findProgram, findRedis, freePort, run, TestRedis, until } from '@sluice/testkit';
import { Redis } from 'ioredis';
import { SLOT } from './cluster-layout.ts';
import { PREFIX } from './keys.ts';

const PRIMARIES = 3;

/** A node thinks another one dead after so long; a failover takes about twice that. */
const NODE_TIMEOUT_MS = 1_500;

/** A planned failover that takes longer is given up by the nodes: https://redis.io/docs/latest/commands/cluster-failover */
const FAILOVER_MS = 5_000;

export function lacksCluster(): string | null {
  if (findRedis() === null) return 'redis-server';
  return findProgram('redis-cli') === null ? 'redis-cli' : null;
}

interface ClusterNode {
  readonly server: TestRedis;
  readonly client: Redis;
}

export class TestCluster {
  readonly nodes: ClusterNode[] = [];

  /** `replica`: the owner of our keys gets one. */
  async start({ replica = false } = {}): Promise<void> {
    for (let index = 0; index < PRIMARIES; index++) await this.#startNode();
    await this.#cli('--cluster', 'create', ...this.nodes.map(({ server }) => here(server.port)), '--cluster-yes');
    if (replica) await this.#addReplica();
    await until(async () => (await Promise.all(this.nodes.map(isWhole))).every(Boolean), 'a whole cluster');
  }

  get url(): string {
    return `redis+cluster://${this.nodes.map(({ server }) => here(server.port)).join(',')}`;
  }

  /** The one that has our keys now. */
  async owner(): Promise<ClusterNode> {
    return until(async () => {
      for (const { client } of this.nodes.filter(({ server }) => server.pid !== 0)) {
        const rows = (await client.cluster('SLOTS').catch(() => [])) as [number, number, [string, number]][];
        const port = rows.find(([first, last]) => SLOT >= first && SLOT <= last)?.[2][1];
        const found = this.nodes.find(({ server }) => server.port === port);
        if (found !== undefined && found.server.pid !== 0) return found;
      }
      return null;
    }, 'an owner of our keys');
  }

  /** Replication does not wait: after this a failover loses nothing of what was written before. */
  async untilInStep(): Promise<void> {
    const { client } = await this.owner();
    await client.set(`${PREFIX}:test`, 'in step');
    if ((await client.wait(1, 10_000)) === 0) throw new Error('no replica is in step');
  }

  /** Starts a dead node again, which becomes a replica of the owner, and waits until it has what the owner has. */
  async bringBack({ server, client }: ClusterNode): Promise<void> {
    await server.start();
    await until(
      async () => (await client.info().catch(() => '')).includes('master_link_status:up'),
      'a replica in step again',
    );
  }

  /** A planned failover: the replica takes over with all that the owner has, and nobody's connection is cut. */
  async swapOwner(): Promise<void> {
    const { client } = await this.owner();
    const id = String(await client.cluster('MYID'));
    // The owner hears of a replica by the gossip of the nodes, some time after that one has begun to copy it.
    const replica = await until(async () => {
      const rows = (await client.cluster('REPLICAS', id)) as string[];
      return this.nodes.find(({ server }) => rows.some((row) => row.includes(`:${server.port}@`)));
    }, 'a replica that the owner knows');
    const isOwner = async () => (await this.owner()) === replica;
    // The two give up where they do not come to terms in time, and nobody asks them again.
    await until(async () => {
      await replica.client.cluster('FAILOVER').catch(() => {});
      return until(isOwner, 'another owner', FAILOVER_MS).catch(() => false);
    }, 'a planned failover');
  }

  /** Moves the slot of our keys to another primary while everything runs. */
  async moveSlot(): Promise<void> {
    const from = await this.owner();
    const primaries = this.nodes.slice(0, PRIMARIES);
    const to = primaries.find((node) => node !== from)!;
    const [source, target] = await Promise.all([from, to].map(({ client }) => client.cluster('MYID')));
    await to.client.cluster('SETSLOT', SLOT, 'IMPORTING', source!);
    await from.client.cluster('SETSLOT', SLOT, 'MIGRATING', target!);
    for (;;) {
      const keys = (await from.client.cluster('GETKEYSINSLOT', SLOT, 5)) as string[];
      if (keys.length === 0) break;
      await from.client.call('MIGRATE', '127.0.0.1', to.server.port, '', 0, 5_000, 'KEYS', ...keys);
    }
    for (const { client } of [to, from, ...primaries]) await client.cluster('SETSLOT', SLOT, 'NODE', target!);
  }

  async #startNode(): Promise<ClusterNode> {
    const port = await freePort();
    const cluster = { 'cluster-enabled': 'yes', 'cluster-port': String(await freePort()) };
    const quick = { 'cluster-node-timeout': String(NODE_TIMEOUT_MS), 'repl-diskless-sync-delay': '0' };
    const server = new TestRedis(findRedis()!, port, { ...cluster, ...quick, appendfsync: 'everysec' });
    const client = new Redis(port, '127.0.0.1', {
      lazyConnect: true,
      retryStrategy: () => 50,
      maxRetriesPerRequest: 0,
    });
    client.on('error', () => {});
    const node = { server, client };
    this.nodes.push(node);
    await server.start();
    return node;
  }

  async #addReplica(): Promise<void> {
    const { server, client } = await this.owner();
    const of = String(await client.cluster('MYID'));
    const replica = await this.#startNode();
    const ends = [here(replica.server.port), here(server.port)];
    await until(
      () =>
        this.#cli('--cluster', 'add-node', ...ends, '--cluster-slave', '--cluster-master-id', of).catch(() => false),
      'a replica',
    );
    await until(async () => (await replica.client.info()).includes('master_link_status:up'), 'a replica in step');
  }

  async #cli(...args: readonly string[]): Promise<true> {
    const { code, stdout, stderr } = await run(findProgram('redis-cli')!, { args });
    if (code !== 0) throw new Error(`redis-cli ${args.join(' ')}: ${stdout}${stderr}`);
    return true;
  }

  async stop(): Promise<void> {
    for (const { client, server } of this.nodes) {
      client.disconnect();
      await server.remove();
    }
  }
}

function here(port: number): string {
  return `127.0.0.1:${port}`;
}

async function isWhole({ client }: ClusterNode): Promise<boolean> {
  return String(await client.cluster('INFO')).includes('cluster_state:ok');
}
