// A Redis of a test file's own, wiped before each test, with stores that are closed after it. For tests only.
import { endAll, skip, startRedis, type TestRedis } from '@sluice/testkit';
import { Redis } from 'ioredis';
import type { suite } from 'uvu';
import { openStore } from '../open.ts';
import type { Store } from '../store.ts';

export interface OwnRedis {
  readonly server: TestRedis;
  /** A connection beside the stores'. */
  readonly direct: Redis;
  /** Opens a store; `url` is the server's where none is given. */
  open(options: Parameters<typeof openStore>[1], url?: string): Promise<Store>;
}

/** Registers tests that are skipped by name where there is no redis-server. `wiped`: called before each test. */
export async function withOwnRedis(
  test: ReturnType<typeof suite>,
  wiped: (direct: Redis) => Promise<unknown> = async () => {},
): Promise<(name: string, work: (redis: OwnRedis) => Promise<void>) => void> {
  const server = await startRedis();
  if (server === null) return (name) => skip(test, name, 'no redis-server on PATH');
  const direct = new Redis(server.url);
  const stores: Store[] = [];
  const own: OwnRedis = {
    server,
    direct,
    async open(options, url = server.url) {
      const opened = await openStore(url, options);
      if (!opened.ok) throw opened.fault;
      stores.push(opened.value);
      return opened.value;
    },
  };
  test.before.each(async () => {
    await wiped(direct);
    await direct.flushall();
  });
  test.after.each(async () => {
    for (const store of stores.splice(0)) await store.close();
  });
  test.after(async () => {
    direct.disconnect();
    await server.remove();
    await endAll();
  });
  return (name, work) => test(name, () => work(own));
}
