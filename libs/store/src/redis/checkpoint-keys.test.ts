// The keys of checkpoints: there is one for each that is listed, and none besides, whatever happens to the log.
import { EMPTY_STATE } from '@sluice/version';
import type { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { appendMany, faultOf } from '../conformance/rig.ts';
import { withOwnRedis } from './own-redis.test-kit.ts';

const test = suite('redis: keys of checkpoints');
const withRedis = await withOwnRedis(test);
const service = { role: 'config-service', retainVersions: 1 } as const;

async function keys(direct: Redis): Promise<readonly [listed: string[], there: string[]]> {
  const found = await direct.keys('{sluice}:checkpoint:*');
  return [await direct.zrange('{sluice}:checkpoints', '0', '-1'), found.map((key) => key.split(':')[2]!).sort()];
}

withRedis(
  'what retention no longer asks for is gone, and so is what was of a past that was lost',
  async ({ open, direct }) => {
    const store = await open(service);
    const { log } = store;
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

withRedis('one that cannot be listed is not kept either', async ({ server, open, direct }) => {
  await direct.call('ACL', 'SETUSER', 'half', 'on', '>p', '~*', '&*', '+@all', '-zadd');
  const half = await open(service, server.url.replace('//', '//half:p@'));
  const one = await appendMany(half, EMPTY_STATE, 1);
  assert.is(await faultOf(() => half.log.writeCheckpoint(one)), 'denied');
  assert.equal(await keys(direct), [[], []]);
});

test.run();
