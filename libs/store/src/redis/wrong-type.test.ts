// Keys that hold something else than what was put there: told as what it is, once, and gone on from when it is mended.
import { endAll, skip, startRedis, until } from '@sluice/testkit';
import { EMPTY_STATE } from '@sluice/version';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { appendMany, Listener, QUICK } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store } from '../store.ts';

const test = suite('redis: keys of another type');
const name =
  'a log of another type is damaged, not away; the follower says so once, however often it looks, and goes on when it is back';
const redis = await startRedis();

if (redis === null) skip(test, name, 'no redis-server on PATH');
else {
  const { url } = redis;
  const stores: Store[] = [];
  const direct = new Redis(url);
  const open = async (role: 'config-service' | 'acceptor') => {
    const opened = await openStore(url, { role, follow: QUICK });
    if (!opened.ok) throw opened.fault;
    stores.push(opened.value);
    return opened.value;
  };
  test.after(async () => {
    for (const store of stores) await store.close();
    direct.disconnect();
    await redis.remove();
    await endAll();
  });

  test(name, async () => {
    const writer = await open('config-service');
    const two = await appendMany(writer, EMPTY_STATE, 2);
    const listener = new Listener(await open('acceptor'), null);
    await listener.until(() => listener.state?.version === 2);
    await direct.rename('{sluice}:log', '{sluice}:aside');
    await direct.set('{sluice}:log', 'x');
    const fault = await writer.log.history(3, 1).catch((error) => error);
    assert.equal([fault.code, /xrevrange fails/.test(fault.message)], ['damaged', true]);
    const refusals = async () =>
      Number(/cmdstat_xread:.*failed_calls=(\d+)/.exec(await direct.info('commandstats'))?.[1]);
    await until(async () => (await refusals()) >= 5, 'several tries to read on');
    assert.equal(listener.types(), ['state', 'away']);
    await direct.rename('{sluice}:aside', '{sluice}:log');
    await appendMany(writer, two, 1);
    await listener.until(() => listener.state?.version === 3 && listener.types().includes('back'));
    assert.equal(listener.types().toSorted(), ['away', 'back', 'entry', 'state']);
    await listener.end();
  });
}

test.run();
