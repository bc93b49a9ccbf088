// How a client goes on when it cannot connect: at once, then ever less often, but never less than once a second.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseRedisUrl, type RedisAddress } from './address.ts';
import { connectForCommands, connectForQueue, connectForWaiting } from './connection.ts';

const test = suite('redis: connections');

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

test.run();
