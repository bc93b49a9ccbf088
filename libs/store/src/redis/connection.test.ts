// How a client goes on when it cannot connect, or its connection breaks: at once, then ever less often, but never less than once
// a second.
import { endAll, skip, startRedis, type TestRedis } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openStore } from '../open.ts';
import type { Store } from '../store.ts';
import { parseRedisUrl, type RedisAddress } from './address.ts';
import { connectForCommands, connectForQueue, connectForWaiting } from './connection.ts';

const test = suite('redis: connections');
const redis = await startRedis();

function withRedis(name: string, work: (server: TestRedis) => Promise<void>): void {
  if (redis === null) skip(test, name, 'no redis-server on PATH');
  else test(name, () => work(redis));
}

test.after(async () => {
  await redis?.remove();
  await endAll();
});

for (const url of ['redis://h', 'redis+sentinel://h/m', 'redis+cluster://h'])
  test(`pauses between two tries grow and are capped: ${url}`, () => {
    const address = parseRedisUrl(url, {}) as RedisAddress;
    for (const { options } of [connectForCommands(address, 'x', () => {}), connectForQueue(address, 'x')]) {
      const pauses = Array.from({ length: 100 }, (_, index) => Number(options.retryStrategy?.(index + 1)));
      assert.ok(pauses[0]! >= 25 && pauses[0]! <= 50);
      assert.ok(pauses.every((pause, index) => pause <= 1_000 && (index < 6 || pause >= 500)));
    }
    // The follower makes a new one, at pauses of its own.
    assert.is(connectForWaiting(address, 'x').options.retryStrategy?.(1) ?? null, null);
  });

/** Without a pause, as a caller may do it who knows no better. */
async function askUntilAnswered(store: Store): Promise<number> {
  const late = performance.now() + 20_000;
  for (;;) {
    try {
      return (await store.log.head()).version;
    } catch (error) {
      if (performance.now() > late) throw error;
    }
  }
}

withRedis(
  'whoever asks again and again does not keep the client from noticing that it must connect anew',
  async (server) => {
    const opened = await openStore(server.url, { role: 'publisher' });
    const store = (opened as { readonly value: Store }).value;
    await server.stop('SIGKILL');
    // The connection has broken by now, and the client, which the event loop has not come to tell, is called ready still.
    const answered = askUntilAnswered(store);
    await server.start();
    assert.is(await answered, 0);
    await store.close();
  },
);

test.run();
