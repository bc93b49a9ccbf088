// The config service as a process, with a real Redis: killed at every step, with its store lost, refused and away.
import { join } from 'node:path';
import type { Resource } from '@sluice/resource';
import { openStore, type Store } from '@sluice/store';
import { endAll, RealProcess, startRedis, type TestRedis, until } from '@sluice/testkit';
import type { Proposal } from '@sluice/version';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FAULT_POINTS } from './settings.ts';

const test = suite('config service');
const redis = await startRedis();
const direct = redis === null ? null : new Redis(redis.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
direct?.on('error', () => {});
const stores: Store[] = [];
const services: RealProcess[] = [];

function serve(server: TestRedis, env: Record<string, string> = {}): RealProcess {
  const args = [join(import.meta.dirname, 'main.ts')];
  const service = new RealProcess('config-service', process.execPath, {
    args,
    env: { SLUICE_STORE: server.url, ...env },
  });
  services.push(service);
  return service;
}

async function publisher(server: TestRedis): Promise<Store> {
  const opened = await openStore(server.url, { role: 'publisher' });
  if (!opened.ok) throw opened.fault;
  stores.push(opened.value);
  return opened.value;
}

let count = 0;

function proposal(name: string, expectVersion: number | null = null): Proposal {
  const resource: Resource = {
    ...{ apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry' },
    metadata: { name, namespace: 'default', labels: {}, annotations: {} },
    spec: { address: '10.0.0.1' },
  };
  const wish = { type: 'change', put: [resource], delete: [], set: '', prune: false } as const;
  return { submission: `cs-${process.pid}-${++count}`, wish, author: 'ann', message: '', expectVersion };
}

/** With a Redis each test is run, without one it is skipped by name. */
function withRedis(name: string, work: (server: TestRedis) => Promise<void>): void {
  if (redis === null) test.skip(`${name}: no redis-server on PATH`);
  else test(name, () => work(redis));
}

test.before.each(async () => {
  await direct?.flushall();
});

test.after.each(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const service of services.splice(0)) await service.end('SIGKILL');
});

test.after(async () => {
  direct?.disconnect();
  await redis?.remove();
  await endAll();
});

withRedis('it serves, admits, and ends in good order', async (server) => {
  const service = serve(server);
  await service.event('serving');
  const store = await publisher(server);
  const admission = await store.admissions.submit(proposal('a'), { timeoutMs: 20_000 });
  assert.ok(admission.ok && admission.version === 1);
  await service.event('admitted', ({ version }) => version === 1);
  assert.is(await service.end('SIGTERM'), 0);
});

for (const point of FAULT_POINTS) {
  withRedis(`killed when a proposal is ${point}, another takes it up, and there is one version`, async (server) => {
    const service = serve(server, { SLUICE_FAULT_AT: point });
    await service.event('serving');
    const store = await publisher(server);
    const answer = store.admissions.submit(proposal('a'), { timeoutMs: 60_000 });
    assert.is((await service.exit()).signal, 'SIGKILL');
    await serve(server).event('serving');
    const admission = await answer;
    assert.ok(admission.ok && admission.version === 1, JSON.stringify(admission));
    const head = await store.log.head();
    assert.equal([head.version, head.digest], [1, admission.digest]);
    const next = await store.admissions.submit(proposal('b', 1), { timeoutMs: 20_000 });
    assert.ok(next.ok && next.version === 2);
  });
}

withRedis('killed again and again among 50 publishers, it loses and doubles nothing', async (server) => {
  let service = serve(server);
  await service.event('serving');
  const store = await publisher(server);
  const answers = Promise.all(
    Array.from({ length: 50 }, (_, index) => store.admissions.submit(proposal(`p${index}`), { timeoutMs: 90_000 })),
  );
  for (const admitted of [10, 30]) {
    await until(async () => (await store.log.head()).version >= admitted, `${admitted} versions`);
    await service.end('SIGKILL');
    service = serve(server);
  }
  const versions = (await answers).map((answer) => (answer.ok ? answer.version : 0)).sort((a, b) => a - b);
  assert.equal(
    versions,
    Array.from({ length: 50 }, (_, index) => index + 1),
  );
  const state = await store.log.stateAt('head');
  assert.equal([state?.version, state?.size], [50, 50]);
});

withRedis('without any config service a publisher is told so, and nothing happens later', async (server) => {
  const store = await publisher(server);
  let code = '';
  await store.admissions.submit(proposal('a'), { timeoutMs: 20_000 }).catch((fault) => {
    code = fault.code;
  });
  assert.is(code, 'no-service');
  await serve(server).event('serving');
  const admission = await store.admissions.submit(proposal('b'), { timeoutMs: 20_000 });
  assert.ok(admission.ok && admission.version === 1);
});

withRedis('what an emptied Redis lost is put back', async (server) => {
  const service = serve(server);
  await service.event('serving');
  const store = await publisher(server);
  await store.admissions.submit(proposal('a'), { timeoutMs: 20_000 });
  await store.admissions.submit(proposal('b'), { timeoutMs: 20_000 });
  const head = await store.log.head();
  await direct!.flushall();
  await service.event('entry-restored', ({ version }) => version === 2);
  assert.equal(await store.log.head(), head);
  const admission = await store.admissions.submit(proposal('c', 2), { timeoutMs: 20_000 });
  assert.ok(admission.ok && admission.version === 3);
});

withRedis('checkpoints are written every so many versions', async (server) => {
  const service = serve(server, { SLUICE_CHECKPOINT_EVERY: '3' });
  await service.event('serving');
  const store = await publisher(server);
  for (let i = 0; i < 7; i++) await store.admissions.submit(proposal(`c${i}`), { timeoutMs: 20_000 });
  await until(async () => (await store.log.newestCheckpoint()) >= 6, 'a checkpoint');
  assert.is((await store.log.stateAt(5))?.size, 5);
});

withRedis('a Redis that may evict versions is refused with what to do', async (server) => {
  await direct!.config('SET', 'maxmemory', '100mb');
  await direct!.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const service = serve(server);
  assert.is((await service.exit()).code, 1);
  await direct!.config('SET', 'maxmemory-policy', 'noeviction');
  await direct!.config('SET', 'maxmemory', '0');
  const [refusal] = service.events();
  assert.match(String(refusal?.msg), 'maxmemory-policy allkeys-lru');
  assert.match(String(refusal?.solve), 'noeviction');
});

withRedis('it waits for a Redis that is away, and catches up with one that comes back', async (server) => {
  await server.stop('SIGKILL');
  const service = serve(server);
  await service.event('store-away');
  await server.start();
  await service.event('serving');
  await server.stop('SIGKILL');
  await server.start();
  const store = await publisher(server);
  const admission = await store.admissions.submit(proposal('a'), { timeoutMs: 30_000 });
  assert.ok(admission.ok && admission.version === 1);
});

test.run();
