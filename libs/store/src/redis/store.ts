// A store in Redis: its connections, each made when it is first needed.
import type { Redis } from 'ioredis';
import type { Opened, OpenOptions, Store, StoreHealth } from '../store.ts';
import { storeFault } from '../store-fault.ts';
import { createLog, DEFAULT_RETAIN_VERSIONS } from '../versioned-log.ts';
import { parseRedisUrl, type RedisAddress } from './address.ts';
import { redisAdmissions } from './admissions.ts';
import { connected, connectForCommands, connectForQueue, connectForWaiting } from './connection.ts';
import { redisFault } from './fault.ts';
import { redisHealth } from './health.ts';
import { type Run, redisLog } from './log.ts';
import { redisReports } from './reports.ts';

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
    return { ok: false, fault: redisFault(error, address.name) };
  }
}

class RedisStore implements Store {
  readonly name: string;
  readonly log: Store['log'];
  readonly reports: Store['reports'];
  readonly admissions: Store['admissions'];
  readonly #address: RedisAddress;
  readonly #client: Redis;
  readonly #watchers = new Set<Redis>();
  readonly #endAdmissions: () => Promise<void>;
  #closed = false;

  constructor(address: RedisAddress, options: OpenOptions) {
    this.name = address.name;
    this.#address = address;
    let lastError = '';
    this.#client = connectForCommands(address, options.role, (error) => {
      if (error.message !== lastError) options.logger?.debug({ error: error.message }, 'no connection to the store');
      lastError = error.message;
    });
    const run = this.#runOn(this.#client);
    const retainVersions = options.retainVersions ?? DEFAULT_RETAIN_VERSIONS;
    const follow = options.follow ?? {};
    this.log = createLog(
      redisLog(run, () => this.#watcher(options.role)),
      { retainVersions, follow, ...(options.trusted === undefined ? {} : { trusted: options.trusted }) },
    );
    this.reports = redisReports(run);
    const { admissions, end } = redisAdmissions({
      run,
      connect: (name) => connectForQueue(address, name),
      where: address.name,
    });
    this.admissions = admissions;
    this.#endAdmissions = end;
  }

  async ready(): Promise<void> {
    await connected(this.#client, this.#address);
  }

  health(): Promise<StoreHealth> {
    return this.#runOn(this.#client)((client) => redisHealth(client, this.name));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#endAdmissions();
    this.#closed = true;
    for (const watcher of this.#watchers) watcher.disconnect();
    this.#client.disconnect();
  }

  #watcher(role: string): { client: Redis; run: Run } {
    if (this.#closed) throw storeFault('closed', 'the store is closed');
    const client = connectForWaiting(this.#address, `${role}-follow`);
    this.#watchers.add(client);
    client.once('end', () => this.#watchers.delete(client));
    return { client, run: this.#runOn(client) };
  }

  #runOn(client: Redis): Run {
    return async (command) => {
      if (this.#closed) throw storeFault('closed', 'the store is closed');
      try {
        if (client.status !== 'ready') await connected(client, this.#address);
        return await command(client);
      } catch (error) {
        throw this.#closed ? storeFault('closed', 'the store is closed') : redisFault(error, this.#address.name);
      }
    };
  }
}
