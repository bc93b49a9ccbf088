import { endAll, skip, startRedis } from '@sluice/testkit';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import { storeConformance } from '../conformance/index.ts';
import { redisRig } from './rig.test-kit.ts';

const redis = await startRedis();
if (redis === null) {
  const test = suite('redis: conformance');
  skip(test, 'the whole suite', 'no redis-server on PATH');
  test.run();
} else {
  const direct = new Redis(redis.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  direct.on('error', () => {});
  const outage = { stop: () => redis.stop('SIGKILL'), start: () => redis.start() };
  storeConformance('redis', { ...redisRig(redis.url, direct), outage });
  const last = suite('redis: end');
  last('everything is closed', async () => {
    direct.disconnect();
    await redis.remove();
    await endAll();
  });
  last.run();
}
