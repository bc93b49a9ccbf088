// What a queue of admissions must do besides: a running proposal ends, a failing desk is asked again, silence is told.
import { endAll, skip, startRedis, type TestRedis, until } from '@sluice/testkit';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deskOn, faultOf, proposal, workload } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store, StoreRole } from '../store.ts';
import type { StoreFault } from '../store-fault.ts';
import { DESKS_KEY, PREFIX, QUEUE_NAME } from './keys.ts';

const test = suite('redis: queue of admissions');
const redis = await startRedis();
const opened: Store[] = [];

async function open(server: TestRedis, role: StoreRole): Promise<Store> {
  const result = await openStore(server.url, { role });
  if (!result.ok) throw result.fault;
  opened.push(result.value);
  return result.value;
}

function withRedis(name: string, work: (server: TestRedis) => Promise<void>): void {
  if (redis === null) skip(test, name, 'no redis-server on PATH');
  else test(name, () => work(redis));
}

test.after.each(async () => {
  for (const store of opened.splice(0)) await store.close();
});

test.after(async () => {
  await redis?.remove();
  await endAll();
});

withRedis('closing lets the running proposal end', async (server) => {
  const service = await open(server, 'config-service');
  const desk = deskOn(service);
  let begun = () => {};
  const running = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const serving = await service.admissions.serve(async (each) => {
    begun();
    await new Promise((resolve) => setTimeout(resolve, 200));
    return desk(each);
  });
  const publisher = await open(server, 'publisher');
  const answer = publisher.admissions.submit(proposal([workload('a')]), { timeoutMs: 20_000 });
  await running;
  await serving.close();
  assert.ok((await answer).ok);
});

withRedis('a desk that fails is asked again', async (server) => {
  const service = await open(server, 'config-service');
  const desk = deskOn(service);
  let failures = 2;
  await service.admissions.serve(async (each) => {
    if (failures-- > 0) throw new Error('not now');
    return desk(each);
  });
  const publisher = await open(server, 'publisher');
  const answer = await publisher.admissions.submit(proposal([workload('b')]), { timeoutMs: 20_000 });
  assert.ok(answer.ok && answer.version === 2);
});

withRedis('of a proposal that was begun with nobody says that nothing was changed', async (server) => {
  const service = await open(server, 'config-service');
  let begun = 0;
  const serving = await service.admissions.serve(async () => {
    begun++;
    throw new Error('not now');
  });
  const publisher = await open(server, 'publisher');
  const submit = publisher.admissions.submit(proposal([workload('x')]), { timeoutMs: 3_000 });
  const fault = await submit.then(() => null).catch((error: Error) => error);
  assert.ok(begun > 0);
  assert.match(String(fault?.message), /it may still be admitted/);
  await serving.close();
  // It is decided by whoever serves next, as was said.
  const next = await open(server, 'config-service');
  await next.admissions.serve(deskOn(next));
  await until(async () => (await publisher.log.head()).version === 3, 'its version');
});

withRedis('one that is interrupted is taken back, and so it is said', async (server) => {
  const publisher = await open(server, 'publisher');
  const direct = new Redis(server.url);
  // A desk that says it is there and takes nothing.
  await direct.zadd(DESKS_KEY, String(Number((await direct.time())[0]) * 1_000 + 600_000), 'idle');
  const { version } = await publisher.log.head();
  const interrupt = new AbortController();
  const submission = proposal([workload('y')]);
  const submit = publisher.admissions.submit(submission, { timeoutMs: 600_000, signal: interrupt.signal });
  const caught = submit.then(() => null).catch((error: StoreFault) => error);
  const waiting = () => direct.lrange(`${PREFIX}:${QUEUE_NAME}:wait`, 0, -1);
  await until(async () => (await waiting()).includes(submission.submission), 'the proposal in the queue');
  interrupt.abort();
  const fault = await caught;
  assert.is(fault?.code, 'interrupted');
  assert.match(fault?.message ?? '', /nothing was changed/);
  assert.equal(await waiting(), []);
  assert.is((await publisher.log.head()).version, version);
  await direct.zrem(DESKS_KEY, 'idle');
  direct.disconnect();
});

withRedis('where nobody serves, it is said, and the proposal is taken back', async (server) => {
  const publisher = await open(server, 'publisher');
  const submit = () => publisher.admissions.submit(proposal([workload('c')]), { timeoutMs: 30_000 });
  assert.is(await faultOf(submit), 'no-service');
  const service = await open(server, 'config-service');
  await service.admissions.serve(deskOn(service));
  const answer = await publisher.admissions.submit(proposal([workload('d')]), { timeoutMs: 20_000 });
  assert.ok(answer.ok && answer.version === 4);
});

withRedis(
  'after an outage whoever had others beside it lets them bring back first what they admitted',
  async (server) => {
    const services = [await open(server, 'config-service'), await open(server, 'config-service')];
    const told: number[] = [];
    const servings = await Promise.all(
      services.map((service) => service.admissions.serve(deskOn(service, () => told.push(performance.now())))),
    );
    const publisher = await open(server, 'publisher');
    const submit = (name: string) => publisher.admissions.submit(proposal([workload(name)]), { timeoutMs: 25_000 });
    assert.ok((await submit('e')).ok);
    const direct = new Redis(server.url);
    const words = async () => (await direct.zrange(DESKS_KEY, '0', '-1', 'WITHSCORES')).filter((_, index) => index % 2);
    const first = await until(async () => ((await words()).length === 2 ? words() : null), 'two desks');
    // Each has spoken again, and so heard of the other.
    await until(
      async () => (await words()).every((word) => Number(word) > Math.max(...first.map(Number))),
      'more words',
    );
    direct.disconnect();
    await server.stop('SIGKILL');
    const earliest = performance.now() + 3_000;
    await server.start();
    await until(
      () =>
        submit('f').then(
          ({ ok }) => ok,
          () => false,
        ),
      'an admission after it',
    );
    assert.ok(told.at(-1)! > earliest, `${told.at(-1)! - earliest} ms after the earliest`);
    await Promise.all(servings.map((serving) => serving.close()));
  },
);

test.run();
