// What is said of a Redis that versions must not be trusted to, and how the memory it takes is bounded and told.
import { once } from 'node:events';
import { endAll, skip, startRedis, type TestRedis, until } from '@sluice/testkit';
import { EMPTY_STATE } from '@sluice/version';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { appendMany, deskOn, Listener, proposal, QUICK, workload } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store, StoreRole } from '../store.ts';
import type { StoreFault } from '../store-fault.ts';
import { readHealth } from './health.ts';
import { watchHealth } from './health-watch.ts';
import { PREFIX } from './keys.ts';

const test = suite('redis: health');
const redis = await startRedis();
const direct = redis === null ? null : new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
direct?.on('error', () => {});
const opened: Store[] = [];
const HERE = { name: 'redis://here:6379', kind: 'single' } as const;

interface Server {
  readonly redis: TestRedis;
  readonly direct: Redis;
}

function withRedis(name: string, work: (server: Server) => Promise<void>): void {
  if (redis !== null && direct !== null) test(name, () => work({ redis, direct }));
  else skip(test, name, 'no redis-server on PATH');
}

async function open(role: StoreRole, url = redis!.url): Promise<Store> {
  const result = await openStore(url, { role, follow: QUICK });
  if (!result.ok) throw result.fault;
  opened.push(result.value);
  return result.value;
}

function submit(store: Store, name: string, timeoutMs = 15_000) {
  return store.admissions.submit(proposal([workload(name)]), { timeoutMs });
}

async function faultFrom(work: Promise<unknown>): Promise<StoreFault> {
  const fault = await work.then(
    () => undefined,
    (error: StoreFault) => error,
  );
  assert.ok(fault !== undefined, 'it went well');
  return fault!;
}

test.after.each(async () => {
  for (const store of opened.splice(0)) await store.close();
  await direct?.config('SET', 'maxmemory', '0');
  await direct?.config('SET', 'maxmemory-policy', 'noeviction');
  await direct?.flushall();
});

test.after(async () => {
  direct?.disconnect();
  await redis?.remove();
  await endAll();
});

withRedis('a policy that throws keys away is a fault where there is a limit, else a warning', async ({ direct }) => {
  const service = await open('config-service');
  assert.is((await service.health()).fault, null);
  await direct.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const { fault, warning } = await service.health();
  assert.ok(fault === null && /maxmemory-policy is allkeys-lru/.test(warning ?? ''));
  await direct.config('SET', 'maxmemory', '100mb');
  assert.is((await service.health()).fault?.code, 'eviction');
  const told = await faultFrom(submit(await open('publisher'), 'a'));
  assert.is(told.code, 'eviction');
  assert.match(told.message, /maxmemory-policy allkeys-lru: it may throw versions away; set noeviction/);
});

withRedis('a replica can be read, and a publish to it names the primary', async ({ redis, direct }) => {
  await appendMany(await open('config-service'), EMPTY_STATE, 2);
  const replica = await startRedis(() => ({ replicaof: `127.0.0.1 ${redis.port}`, 'repl-diskless-sync-delay': '0' }));
  await until(async () => (await direct.info('replication')).includes('state=online'), 'a replica in step');
  const reader = await open('publisher', replica!.url);
  await until(async () => (await reader.log.head()).version === 2, 'the versions');
  const fault = await faultFrom(submit(reader, 'a'));
  assert.is(fault.code, 'read-only');
  assert.match(fault.message, new RegExp(`is a read-only replica of 127\\.0\\.0\\.1:${redis.port}`));
  const writer = await open('config-service', replica!.url);
  assert.is((await faultFrom(appendMany(writer, await writer.log.catchUp(null), 1))).code, 'read-only');
  assert.is((await writer.health()).fault?.code, 'read-only');
  await replica!.remove();
});

withRedis('at the limit of memory a publish says so, and works again when there is room', async ({ direct }) => {
  const service = await open('config-service');
  await service.admissions.serve(deskOn(service));
  const publisher = await open('publisher');
  const follower = new Listener(await open('acceptor'), null);
  assert.ok((await submit(publisher, 'a')).ok);
  const { usedBytes } = await service.health();
  await direct.config('SET', 'maxmemory', String(Math.round(usedBytes * 1.1)));
  const { warning, limitBytes } = await service.health();
  assert.match(warning ?? '', /of \d+ bytes are in use; at the limit no version can be admitted/);
  assert.ok(limitBytes !== null && limitBytes > usedBytes);
  await direct.config('SET', 'maxmemory', '1');
  const fault = await faultFrom(submit(publisher, 'b'));
  assert.is(fault.code, 'full');
  await direct.config('SET', 'maxmemory', '0');
  assert.ok((await submit(publisher, 'c')).ok);
  await follower.until(() => follower.state?.version === 2);
  await follower.end();
});

withRedis('what was admitted is kept once, in the log: the queue keeps answers, and no events', async ({ direct }) => {
  const service = await open('config-service');
  await service.admissions.serve(deskOn(service));
  const publisher = await open('publisher');
  const put = Array.from({ length: 400 }, (_, index) => workload(`big-${index}`));
  const each = proposal(put);
  assert.ok((await publisher.admissions.submit(each, { timeoutMs: 15_000 })).ok);
  const job = `${PREFIX}:admissions:${each.submission}`;
  await until(async () => Number(await direct.hstrlen(job, 'data')) < 10, 'a job without its resources');
  assert.ok((await publisher.admissions.submit(each, { timeoutMs: 15_000 })).ok);
  for (let version = 2; version < 40; version++) assert.ok((await submit(publisher, `w${version}`)).ok);
  assert.ok((await direct.xlen(`${PREFIX}:admissions:events`)) <= 200);
  assert.is(await direct.hget(`${PREFIX}:admissions:meta`, 'opts.maxLenEvents'), '100');
});

withRedis('an older Redis, a Sentinel and a node of a cluster are told from what is wanted', async ({ direct }) => {
  const info = await direct.info();
  assert.is(readHealth(info, HERE).fault, null);
  const as = (from: RegExp, to: string) => readHealth(info.replace(from, to), HERE).fault;
  for (const version of ['5.0.14', '6.0.16', '2.8.0'])
    assert.is(as(/redis_version:.*/, `redis_version:${version}`)?.code, 'too-old');
  for (const version of ['6.2.0', '7.4.1', '10.0.0'])
    assert.is(as(/redis_version:.*/, `redis_version:${version}`), null);
  assert.match(
    as(/redis_version:.*/, 'redis_version:6.0.16')?.message ?? '',
    /is a Redis 6\.0\.16: 6\.2 is the oldest/,
  );
  assert.match(as(/redis_mode:.*/, 'redis_mode:sentinel')?.message ?? '', /use redis\+sentinel/);
  assert.match(as(/redis_mode:.*/, 'redis_mode:cluster')?.message ?? '', /use redis\+cluster/);
});

withRedis('a watch logs each change once, and nothing while the store is away', async ({ direct }) => {
  const service = await open('config-service');
  const lines: string[] = [];
  const note = (level: string) => (fields: { event: string }, message: string) =>
    lines.push(`${level} ${fields.event} ${message}`);
  const logger = { error: note('error'), warn: note('warn'), info: note('info') };
  let looks = 0;
  const look = () => {
    looks++;
    return service.health();
  };
  const end = watchHealth(look, logger as never, 'redis://here', 10);
  const someLooks = async () => {
    const seen = looks;
    await until(() => looks > seen + 3, 'more looks');
  };
  await someLooks();
  assert.equal(lines, []);
  await direct.config('SET', 'maxmemory', '2mb');
  await until(() => lines.length > 0, 'a warning');
  await someLooks();
  await direct.config('SET', 'maxmemory', '0');
  await until(() => lines.length > 1, 'an all-clear');
  await someLooks();
  end();
  assert.is(lines.length, 2);
  assert.match(lines[0]!, /^warn store-warning \d+ of \d+ bytes are in use/);
  assert.match(lines[1]!, /^info store-well/);
});

withRedis('a proposal that waits over an outage keeps its deadline', async ({ redis }) => {
  const publisher = await open('publisher');
  const waiting = submit(publisher, 'a', 1_500);
  await until(async () => (await direct!.exists(`${PREFIX}:admissions:wait`)) === 1, 'a waiting proposal');
  await redis.stop('SIGKILL');
  const fault = await faultFrom(waiting);
  assert.is(fault.code, 'timeout');
  assert.match(fault.message, /it may still be admitted/);
  assert.is((await faultFrom(submit(publisher, 'b'))).code, 'away');
  await redis.start();
  const service = await open('config-service');
  await service.admissions.serve(deskOn(service));
  await until(
    () =>
      submit(publisher, 'c').then(
        ({ ok }) => ok,
        () => false,
      ),
    'an admission after it',
  );
});

withRedis('a config service ends within seconds while its store is away', async ({ redis }) => {
  const service = await open('config-service');
  const serving = await service.admissions.serve(deskOn(service));
  await redis.stop('SIGKILL');
  await until(
    () =>
      service.log.head().then(
        () => false,
        ({ code }: StoreFault) => code === 'away',
      ),
    'an outage',
  );
  const late = AbortSignal.timeout(15_000);
  const ended = serving.close().then(() => service.close());
  await Promise.race([ended, once(late, 'abort').then(() => assert.unreachable('it did not end'))]);
  await redis.start();
});

test.run();
