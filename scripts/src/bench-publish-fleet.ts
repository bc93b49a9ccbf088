// The processes of `bench publish`: a Redis and a config service of its own, and acceptors or followers.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll, RealProcess, startRedis, type TestRedis, until } from '@sluice/testkit';
import { root } from './root.ts';

/** The kernel counts a process's time in ticks of 10 ms (`getconf CLK_TCK`). */
const TICK_MS = 10;
const START_MS = 300_000;

export class Fleet {
  readonly redis: TestRedis;
  readonly service: RealProcess;
  acceptors: RealProcess[] = [];
  readonly #folder: string;

  private constructor(redis: TestRedis, service: RealProcess, folder: string) {
    this.redis = redis;
    this.service = service;
    this.#folder = folder;
  }

  static async start(): Promise<Fleet> {
    const redis = await startRedis();
    if (redis === null) throw new Error('bench publish needs redis-server or valkey-server on PATH');
    const folder = mkdtempSync(join(tmpdir(), 'sluice-publish-'));
    const env = { SLUICE_STORE: redis.url };
    const service = new RealProcess('config-service', process.execPath, {
      args: [join(root, 'apps/config-service/src/main.ts')],
      env,
      cwd: folder,
    });
    await service.event('serving');
    return new Fleet(redis, service, folder);
  }

  async startAcceptors(count: number, version: number): Promise<void> {
    for (let n = 1; n <= count; n++) {
      const net = `127.${(process.pid % 200) + 20}.${(process.pid >> 8) % 250}.${n}`;
      const acceptor = new RealProcess(`acceptor-${n}`, process.execPath, {
        args: [join(root, 'apps/acceptor/src/main.ts')],
        cwd: this.#folder,
        env: {
          NODE_OPTIONS: `--import=${join(root, 'scripts/src/bench-publish-pauses.ts')}`,
          SLUICE_STORE: this.redis.url,
          SLUICE_ACCEPTOR_ID: `acceptor-${n}`,
          SLUICE_BIND: net,
          SLUICE_ADMIN: '127.0.0.1:0',
          SLUICE_WORKERS: '1',
          SLUICE_STATE_DIR: join(this.#folder, `acceptor-${n}`),
          SLUICE_DRAIN_SECONDS: '0',
        },
      });
      this.acceptors.push(acceptor);
      await this.#until(() => findEvent(acceptor, 'committed', version), acceptor);
    }
  }

  async startFollowers(count: number): Promise<void> {
    const args = [join(root, 'scripts/src/bench-publish-followers.ts'), this.redis.url, String(count)];
    const followers = new RealProcess('followers', process.execPath, { args, cwd: this.#folder });
    this.acceptors = [followers];
    await this.#until(
      () => followers.events().filter(({ event }) => event === 'following').length === count || undefined,
      followers,
    );
  }

  async endAcceptors(): Promise<void> {
    await Promise.all(this.acceptors.map((acceptor) => acceptor.end('SIGKILL')));
    this.acceptors = [];
  }

  async close(): Promise<void> {
    await endAll();
    await this.redis.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #until(found: () => unknown, process: RealProcess): Promise<void> {
    const deadlineMs = performance.now() + START_MS;
    while (!found()) {
      if (process.ended || performance.now() > deadlineMs)
        throw new Error(`${process.name}:\n${process.output.slice(-2000)}`);
      await until(() => found() || performance.now() > deadlineMs || process.ended || undefined, process.name).catch(
        () => {},
      );
    }
  }
}

export function findEvent(process: RealProcess, name: string, version: number): Record<string, unknown> | undefined {
  return process.events().findLast(({ event, version: of }) => event === name && of === version);
}

/** Processor time that a process has had, and its memory. */
export function usage({ pid }: { readonly pid: number }): { readonly cpuMs: number; readonly residentMb: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, residentMb: Number(resident) / 1024 };
}
