// A primary, replicas and Sentinels for tests: real processes on ports of the kernel's choosing, with the users of
// deploy/redis/users.acl. Everything is stopped by its pid.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepts, findProgram, findRedis, freePort, RealProcess, TestRedis, until } from '@sluice/testkit';
import { Redis } from 'ioredis';
import { type Users, writeUsers } from './users.test-kit.ts';

export const MASTER = 'sluice-main';

/** Sentinels think a server dead after so long; as little as does not misfire on a busy machine. */
const DOWN_AFTER_MS = 1_500;

const SENTINELS = 3;

export function lacksSentinel(): string | null {
  if (findRedis() === null) return 'redis-server';
  return findProgram('redis-sentinel', 'valkey-sentinel') === null ? 'redis-sentinel' : null;
}

export class TestSentinels {
  readonly users: Users;
  readonly servers: TestRedis[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-sentinel-'));
  readonly #sentinels: { readonly port: number; readonly process: RealProcess }[] = [];
  readonly #clients = new Map<number, Redis>();

  constructor() {
    this.users = writeUsers(this.#folder);
  }

  /** The store's URL for a role. */
  url(user: 'publisher' | 'config-service' | 'acceptor', master = MASTER): string {
    const hosts = this.#sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `redis+sentinel://${user}:${this.users.password(user)}@${hosts}/${master}`;
  }

  async start(): Promise<void> {
    const path = findRedis()!;
    for (let index = 0; index < 2; index++) {
      const port = await freePort();
      const replica = { masteruser: 'replica', masterauth: this.users.password('replica') };
      const of: Record<string, string> = index === 0 ? {} : { replicaof: `127.0.0.1 ${this.servers[0]!.port}` };
      const quick = { appendfsync: 'everysec', 'repl-diskless-sync-delay': '0', 'repl-ping-replica-period': '1' };
      const server = new TestRedis(path, port, { aclfile: this.users.path, ...replica, ...quick, ...of });
      this.servers.push(server);
      await server.start();
    }
    await this.untilReplicated();
    for (let index = 0; index < SENTINELS; index++) await this.#startSentinel(index);
    await until(async () => (await this.#known()) === SENTINELS - 1, 'Sentinels that know each other and the replica');
  }

  async #startSentinel(index: number): Promise<void> {
    const port = await freePort();
    const folder = mkdtempSync(join(this.#folder, `${index}-`));
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor ${MASTER} 127.0.0.1 ${this.servers[0]!.port} 2`,
      `sentinel auth-user ${MASTER} sentinel`,
      `sentinel auth-pass ${MASTER} ${this.users.password('sentinel')}`,
      `sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${MASTER} 6000`,
    ];
    const path = join(folder, 'sentinel.conf');
    writeFileSync(path, `${lines.join('\n')}\n`);
    const program = findProgram('redis-sentinel', 'valkey-sentinel')!;
    const process = new RealProcess(`sentinel-${index}`, program, { args: [path] });
    this.#sentinels.push({ port, process });
    await until(() => accepts('127.0.0.1', port), 'an answer of a Sentinel');
  }

  /** As operator, of one server. */
  client(server: TestRedis): Redis {
    let client = this.#clients.get(server.port);
    if (client === undefined) {
      const password = this.users.password('operator');
      client = new Redis(server.port, '127.0.0.1', { username: 'operator', password, retryStrategy: () => 50 });
      client.on('error', () => {});
      this.#clients.set(server.port, client);
    }
    return client;
  }

  async untilReplicated(server = this.servers[1]!): Promise<void> {
    const replica = this.client(server);
    await until(async () => (await replica.info('replication')).includes('master_link_status:up'), 'a replica in step');
  }

  /** What the first Sentinel takes for the primary. */
  async primary(): Promise<TestRedis> {
    const found = (await this.#ask('GET-MASTER-ADDR-BY-NAME', MASTER)) as readonly string[];
    return this.servers.find(({ port }) => port === Number(found[1]))!;
  }

  other(server: TestRedis): TestRedis {
    return this.servers.find((each) => each !== server)!;
  }

  async untilPrimary(server: TestRedis): Promise<void> {
    await until(async () => (await this.primary()) === server, 'a failover');
    await until(async () => (await this.client(server).info('replication')).includes('role:master'), 'a new primary');
  }

  /** The dead one comes back as a replica; the Sentinels would see to it too, some ten seconds later. */
  async bringBack(dead: TestRedis): Promise<void> {
    await dead.start();
    await this.client(dead).replicaof('127.0.0.1', this.other(dead).port);
    await this.untilReplicated(dead);
  }

  /** Kills the primary so that what `work` writes there reaches nobody else, and waits for the other one to take over. */
  async loseWrites(work: () => Promise<void>): Promise<TestRedis> {
    const primary = await this.primary();
    const replica = this.other(primary);
    // Stopped, and its connection cut: else what is on its way would still be read after.
    process.kill(replica.pid, 'SIGSTOP');
    await this.client(primary).call('CLIENT', 'KILL', 'TYPE', 'replica');
    await work();
    await primary.stop('SIGKILL');
    process.kill(replica.pid, 'SIGCONT');
    await this.untilPrimary(replica);
    return primary;
  }

  /** The fewest other Sentinels that any of them knows, if each knows the replica and that it answers. */
  async #known(): Promise<number> {
    const counts = await Promise.all(
      this.#sentinels.map(async (_, index) => {
        const sentinels = (await this.#ask('SENTINELS', MASTER, index)) as unknown[];
        const replicas = JSON.stringify(await this.#ask('REPLICAS', MASTER, index));
        return /"flags","slave"/.test(replicas) && /"master-link-status","ok"/.test(replicas) ? sentinels.length : 0;
      }),
    );
    return Math.min(...counts);
  }

  async #ask(command: string, name: string, index = 0): Promise<unknown> {
    const client = new Redis(this.#sentinels[index]!.port, '127.0.0.1', { retryStrategy: () => null, protocol: 2 });
    try {
      return await client.call('SENTINEL', command, name);
    } finally {
      client.disconnect();
    }
  }

  /** Stops the first Sentinel while `work` runs: connections to it are taken, and nothing is answered. */
  async whileSentinelHangs(work: () => Promise<void>): Promise<void> {
    const { pid } = this.#sentinels[0]!.process;
    process.kill(pid, 'SIGSTOP');
    try {
      await work();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }

  /** Kills a Sentinel for good; two of three remain, which is enough for a failover. */
  async killSentinel(): Promise<void> {
    await this.#sentinels.at(-1)!.process.end('SIGKILL');
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) client.disconnect();
    for (const { process } of this.#sentinels) await process.end('SIGKILL');
    for (const server of this.servers) await server.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
