// The keys of checkpoints: there is one for each that is listed, and none besides, whatever happens to the log.
import { endAll, skip, startRedis, type TestRedis } from '@sluice/testkit';
import { EMPTY_STATE } from '@sluice/version';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { appendMany, faultOf } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store } from '../store.ts';

const test = suite('redis: keys of checkpoints');
const redis = await startRedis();
const direct = redis === null ? null : new Redis(redis.url);
const stores: Store[] = [];

function withRedis(name: string, work: (server: TestRedis, direct: Redis) => Promise<void>): void {
  if (redis === null || direct === null) skip(test, name, 'no redis-server on PATH');
  else test(name, () => work(redis, direct));
}

async function open(url: string): Promise<Store> {
  const opened = await openStore(url, { role: 'config-service', retainVersions: 1 });
  if (!opened.ok) throw opened.fault;
  stores.push(opened.value);
  return opened.value;
}

async function keys(direct: Redis): Promise<readonly [listed: string[], there: string[]]> {
  const found = await direct.keys('{sluice}:checkpoint:*');
  return [await direct.zrange('{sluice}:checkpoints', '0', '-1'), found.map((key) => key.split(':')[2]!).sort()];
}

test.before.each(async () => {
  await direct?.flushall();
});
test.after.each(async () => {
  for (const store of stores.splice(0)) await store.close();
});
test.after(async () => {
  direct?.disconnect();
  await redis?.remove();
  await endAll();
});

withRedis(
  'what retention no longer asks for is gone, and so is what was of a past that was lost',
  async (server, direct) => {
    const { log } = await open(server.url);
    const store = stores[0]!;
    const three = await appendMany(store, EMPTY_STATE, 3);
    await log.writeCheckpoint(three);
    const five = await appendMany(store, three, 2);
    await log.writeCheckpoint(five);
    assert.equal(await keys(direct), [
      ['3', '5'],
      ['3', '5'],
    ]);
    // A failover lost versions 4 and 5, and other ones come in their place.
    for (const version of [4, 5]) await direct.xdel('{sluice}:log', `${version}-0`);
    await direct.set('{sluice}:head', `3 ${three.digest}`);
    const other = await appendMany(store, three, 1);
    assert.equal(await keys(direct), [['3'], ['3']]);
    await log.writeCheckpoint(await appendMany(store, other, 3));
    assert.equal(await keys(direct), [
      ['3', '7'],
      ['3', '7'],
    ]);
    await direct.del('{sluice}:head');
    assert.ok(await log.restore(other));
    assert.equal(await keys(direct), [['4'], ['4']]);
  },
);

withRedis('one that cannot be listed is not kept either', async (server, direct) => {
  await direct.call('ACL', 'SETUSER', 'half', 'on', '>p', '~*', '&*', '+@all', '-zadd');
  const half = await open(server.url.replace('//', '//half:p@'));
  const one = await appendMany(half, EMPTY_STATE, 1);
  assert.is(await faultOf(() => half.log.writeCheckpoint(one)), 'denied');
  assert.equal(await keys(direct), [[], []]);
});

test.run();
