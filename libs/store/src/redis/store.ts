// A store in Redis: its connections, each made when it is first needed, and made anew if it ended.
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { DEFAULT_REPLAY_ENTRIES, DEFAULT_RETAIN_VERSIONS } from '../log-settings.ts';
import type { Opened, OpenOptions, Store, StoreHealth } from '../store.ts';
import { storeFault } from '../store-fault.ts';
import { createLog } from '../versioned-log.ts';
import { parseRedisUrl, type RedisAddress } from './address.ts';
import { redisAdmissions } from './admissions.ts';
import { connected, connectForCommands, connectForQueue, connectForWaiting, isConnected } from './connection.ts';
import { isNotHere, redisFault } from './fault.ts';
import { redisHealth } from './health.ts';
import { watchHealth } from './health-watch.ts';
import { type Run, redisLog } from './log.ts';
import { redisReports } from './reports.ts';

/** A command that was not done because another server is the one to ask is sent again: a slot moves in a second or two. */
const ELSEWHERE_TRIES = 20;
const ELSEWHERE_PAUSE_MS = 150;

export async function openRedisStore(url: string, options: OpenOptions): Promise<Opened> {
  const address = parseRedisUrl(url);
  if ('code' in address) return { ok: false, fault: address };
  const store = new RedisStore(address, options);
  if (options.role !== 'publisher') return { ok: true, value: store };
  try {
    await store.ready();
    return { ok: true, value: store };
  } catch (error) {
    await store.close();
    return { ok: false, fault: redisFault(error, address) };
  }
}

class RedisStore implements Store {
  readonly name: string;
  readonly log: Store['log'];
  readonly reports: Store['reports'];
  readonly admissions: Store['admissions'];
  readonly #address: RedisAddress;
  readonly #options: OpenOptions;
  readonly #watchers = new Set<Redis>();
  readonly #endAdmissions: () => Promise<void>;
  readonly #endWatch: () => void;
  #client: Redis;
  #wasConnected = false;
  #reconnectedMs = -Infinity;
  #lastError = '';
  #lastComplaint = '';
  #closed = false;

  constructor(address: RedisAddress, options: OpenOptions) {
    this.name = address.name;
    this.#address = address;
    this.#options = options;
    this.#client = this.#connect();
    const run: Run = (command) => this.#run(command);
    const { retainVersions = DEFAULT_RETAIN_VERSIONS, replayEntries = DEFAULT_REPLAY_ENTRIES } = options;
    const { follow = {}, trusted } = options;
    this.log = createLog(
      redisLog(run, () => this.#watcher(options.role)),
      { retainVersions, replayEntries, follow, trusted },
    );
    this.reports = redisReports(run);
    const { admissions, end } = redisAdmissions({
      run,
      health: () => this.health(),
      reconnectedMs: () => this.#reconnectedMs,
      connect: (name) => connectForQueue(address, name),
      failed: (error) => this.#complain(error),
      faultOf: (error) => this.#fault(error),
      where: address.name,
    });
    this.admissions = admissions;
    this.#endAdmissions = end;
    const { watchesHealth = options.role !== 'publisher' } = options;
    const watched = watchesHealth && options.logger !== undefined;
    this.#endWatch = watched ? watchHealth(() => this.health(), options.logger, this.name) : () => {};
  }

  async ready(): Promise<void> {
    await connected(this.#client, this.#address, this.#options.role);
  }

  health(): Promise<StoreHealth> {
    return redisHealth((command) => this.#run(command), this.#address);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#endWatch();
    await this.#endAdmissions();
    this.#closed = true;
    for (const watcher of this.#watchers) watcher.disconnect();
    this.#client.disconnect();
  }

  #connect(): Redis {
    const { role, logger } = this.#options;
    const client = connectForCommands(this.#address, role, (error) => {
      const { message } = redisFault(error, this.#address);
      if (message !== this.#lastError) logger?.debug({ error: message }, 'no connection to the store');
      this.#lastError = message;
    });
    client.on('ready', () => {
      if (this.#wasConnected) this.#reconnectedMs = performance.now();
      this.#wasConnected = true;
    });
    return client;
  }

  /** While the store is away others say so; what it refuses to the queue is heard of nowhere else. */
  #complain(error: Error): void {
    const { code, message } = redisFault(error, this.#address);
    if (code === 'away' || message === this.#lastComplaint) return;
    this.#lastComplaint = message;
    this.#options.logger?.error({ event: 'store-fault', store: this.name, code }, message);
  }

  #watcher(role: string): { client: Redis; run: Run } {
    if (this.#closed) throw storeFault('closed', 'the store is closed');
    const client = connectForWaiting(this.#address, `${role}-follow`);
    this.#watchers.add(client);
    client.once('end', () => this.#watchers.delete(client));
    const run: Run = async (command) => {
      try {
        return await this.#runOn(client, command);
      } catch (error) {
        throw this.#fault(error);
      }
    };
    return { client, run };
  }

  async #run<T>(command: (client: Redis) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        if (this.#client.status === 'end' && !this.#closed) this.#client = this.#connect();
        return await this.#runOn(this.#client, command);
      } catch (error) {
        if (this.#address.kind === 'single' || !isNotHere(error) || tries >= ELSEWHERE_TRIES) throw this.#fault(error);
        await delay(ELSEWHERE_PAUSE_MS);
      }
    }
  }

  async #runOn<T>(client: Redis, command: (client: Redis) => Promise<T>): Promise<T> {
    if (this.#closed) throw storeFault('closed', 'the store is closed');
    if (!isConnected(client)) await connected(client, this.#address, this.#options.role);
    return command(client);
  }

  #fault(error: unknown): Error {
    return this.#closed ? storeFault('closed', 'the store is closed') : redisFault(error, this.#address);
  }
}
