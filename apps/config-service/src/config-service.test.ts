// The config service as a process, with a real Redis: killed at every step, with its store lost, refused and away.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resource } from '@sluice/resource';
import { openStore, type Store } from '@sluice/store';
import { endAll, RealProcess, skip, startRedis, type TestRedis, until } from '@sluice/testkit';
import {
  formatPublicKey,
  type Proposal,
  parsePublicKey,
  type SigningKey,
  signingKey,
  signProposal,
  trustedKeys,
} from '@sluice/version';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FAULT_POINTS } from './settings.ts';

const test = suite('config service');
const redis = await startRedis();
const direct = redis === null ? null : new Redis(redis.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
direct?.on('error', () => {});
interface KeyFile {
  readonly path: string;
  readonly key: SigningKey;
  readonly text: string;
}

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
  return {
    submission: `cs-${process.pid}-${++count}`,
    wish,
    author: 'ann',
    message: '',
    expectVersion,
    timeMs: Date.now(),
  };
}

/** With a Redis each test is run, without one it is skipped by name. */
function withRedis(name: string, work: (server: TestRedis) => Promise<void>): void {
  if (redis === null) skip(test, name, 'no redis-server on PATH');
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

withRedis('what a failover lost is put back by a config service that did not write it itself', async (server) => {
  const first = serve(server);
  await first.event('serving');
  const store = await publisher(server);
  for (const name of ['a', 'b', 'c']) await store.admissions.submit(proposal(name), { timeoutMs: 20_000 });
  const head = await store.log.head();
  const [, second] = await store.log.entries(0, 2);
  const other = serve(server);
  await other.event('serving', ({ version }) => version === 3);
  assert.is(await first.end('SIGTERM'), 0);
  await direct!.set('{sluice}:head', `2 ${second!.digest}`);
  await direct!.xdel('{sluice}:log', '3-0');
  await other.event('entry-restored', ({ version }) => version === 3);
  await until(async () => (await store.log.head()).digest === head.digest, 'the head as it was');
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

withRedis(
  'a user that may read the store and not serve its queue is refused with the code and what to do',
  async (server) => {
    await direct!.call('ACL', 'SETUSER', 'reader', 'on', '>reader', '~*', '&*', '+@all', '-hset');
    const url = server.url.replace('redis://', 'redis://reader:reader@');
    const service = serve(server, { SLUICE_STORE: url });
    assert.is((await service.exit()).code, 1);
    const refusal = service.events().find(({ event }) => event === 'store-refused');
    assert.is(refusal?.code, 'denied');
    assert.match(String(refusal?.msg), 'hset');
    assert.match(String(refusal?.solve), 'users.acl');
  },
);

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

withRedis('with keys, only signed proposals are admitted, and what was admitted is signed', async (server) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
  const [service, rotated, publisherKey, stranger] = ['service', 'rotated', 'publisher', 'stranger'].map((name) => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const path = join(folder, name);
    writeFileSync(path, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    return { path, key: signingKey(privateKey)!, text: formatPublicKey(privateKey) };
  }) as [KeyFile, KeyFile, KeyFile, KeyFile];
  const env = {
    SLUICE_SIGNING_KEY: service.path,
    SLUICE_TRUSTED_KEYS: service.text,
    SLUICE_PUBLISHER_KEYS: publisherKey.text,
  };
  const first = serve(server, env);
  await first.event('serving');
  const store = await publisher(server);
  const submit = async (each: Proposal) => {
    const answer = await store.admissions.submit(each, { timeoutMs: 20_000 });
    return answer.ok ? `version ${answer.version}` : answer.rejection.reason;
  };
  assert.is(await submit(proposal('a')), 'untrusted');
  assert.is(await submit(signProposal(proposal('a'), stranger.key)), 'untrusted');
  assert.is(await submit(signProposal(proposal('a'), publisherKey.key)), 'version 1');

  const read = async (...keys: KeyFile[]) => {
    const trusted = trustedKeys(keys.map(({ text }) => parsePublicKey(text)!));
    const opened = await openStore(server.url, { role: 'acceptor', trusted });
    if (!opened.ok) throw opened.fault;
    stores.push(opened.value);
    return opened.value.log.catchUp(null).then(
      (state) => `version ${state.version}`,
      (fault) => fault.code as string,
    );
  };
  assert.equal([await read(service), await read(stranger)], ['version 1', 'untrusted']);

  assert.is(await first.end('SIGTERM'), 0);
  const both = `${service.text},${rotated.text}`;
  const second = serve(server, { ...env, SLUICE_SIGNING_KEY: rotated.path, SLUICE_TRUSTED_KEYS: both });
  await second.event('signature-renewed');
  assert.equal(
    [await read(rotated), await read(service), await read(service, rotated)],
    ['version 2', 'untrusted', 'version 2'],
  );

  const [[id, [field, json]] = ['', ['', '']]] = await direct!.xrange('{sluice}:log', '2-0', '2-0');
  await direct!.xdel('{sluice}:log', id!);
  await direct!.call('XSETID', '{sluice}:log', '1-0');
  await direct!.xadd('{sluice}:log', '2-0', field!, json!.replace(/"signature":"./, '"signature":"-'));
  assert.is(await read(rotated), 'untrusted');
  rmSync(folder, { recursive: true });
});

withRedis('what cannot be decided is said in its log, once for each reason', async (server) => {
  const service = serve(server, {});
  await service.event('serving');
  const store = await publisher(server);
  const head = await direct!.get('{sluice}:head');
  await direct!.set('{sluice}:head', 'damaged');
  const asked = proposal('a');
  const answer = store.admissions.submit(asked, { timeoutMs: 120_000 });
  const { code, reason } = await service.event('undecided');
  assert.equal([code, reason], ['damaged', 'the head is "damaged"']);
  const tries = async () => Number(await direct!.hget(`{sluice}:admissions:${asked.submission}`, 'ats'));
  await until(async () => (await tries()) >= 3, 'several tries');
  assert.is(service.events().filter(({ event }) => event === 'undecided').length, 1);
  if (head === null) await direct!.del('{sluice}:head');
  else await direct!.set('{sluice}:head', head);
  assert.ok((await answer).ok);
});

test.run();
