// A private redis-server for tests, in a folder of its own, on a port of the kernel's choosing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './condition.ts';
import { accepts, freePort } from './ports.ts';
import { RealProcess } from './process.ts';

/** The path of the first of these programs that is on PATH; null where none is. */
export function findProgram(...names: readonly string[]): string | null {
  for (const name of names) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  return null;
}

/** The path of redis-server or valkey-server; null where this machine has none. */
export function findRedis(): string | null {
  return findProgram('redis-server', 'valkey-server');
}

/** Lines of redis.conf besides, or instead of, those that every test wants. */
export type RedisSettings = Readonly<Record<string, string>>;

export class TestRedis {
  readonly port: number;
  /** For its data, and for files that its settings name; gone with it. */
  readonly folder: string;
  readonly #server: string;
  readonly #settings: RedisSettings;
  #process: RealProcess | null = null;

  constructor(server: string, port: number, settings: RedisSettings = {}) {
    this.#server = server;
    this.#settings = settings;
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts it, or starts it again with the data it had. */
  async start(): Promise<void> {
    const settings = { port: String(this.port), bind: '127.0.0.1', dir: this.folder, save: '', appendonly: 'yes' };
    const all = { ...settings, appendfsync: 'always', 'maxmemory-policy': 'noeviction', ...this.#settings };
    const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
    const server = new RealProcess('redis', this.#server, { args });
    this.#process = server;
    await until(() => {
      if (server.ended) throw new Error(`redis ended at its start:\n${server.output}`);
      return accepts('127.0.0.1', this.port);
    }, 'an answer of redis');
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#process?.end(signal);
    this.#process = null;
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Null where there is no redis-server on PATH. `settings` is told the port. */
export async function startRedis(settings: (port: number) => RedisSettings = () => ({})): Promise<TestRedis | null> {
  const server = findRedis();
  if (server === null) return null;
  const port = await freePort();
  const redis = new TestRedis(server, port, settings(port));
  await redis.start();
  return redis;
}
