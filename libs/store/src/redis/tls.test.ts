// A store over TLS: who is trusted, who is let in, and what is said where not. A real redis-server, certificates made here.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  endAll,
  findProgram,
  findRedis,
  makeAuthority,
  makeCertificate,
  type Pair,
  skip,
  startRedis,
  type TestRedis,
  until,
} from '@sluice/testkit';
import { EMPTY_STATE } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { appendMany, deskOn, Listener, proposal, QUICK, workload } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store, StoreRole } from '../store.ts';
import type { StoreFault } from '../store-fault.ts';
import { parseRedisUrl } from './address.ts';

const test = suite('redis: TLS');
const lacking = findRedis() === null ? 'redis-server' : findProgram('openssl') === null ? 'openssl' : null;
const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
const opened: Store[] = [];

interface Setting {
  readonly server: TestRedis;
  readonly ca: Pair;
  readonly client: Pair;
  readonly other: Pair;
}

async function arrange(): Promise<Setting> {
  const ca = makeAuthority(folder, 'ca');
  const own = makeCertificate(folder, 'server', ca, ['DNS:localhost', 'DNS:redis.test']);
  const client = makeCertificate(folder, 'client', ca, ['DNS:client']);
  const other = makeAuthority(folder, 'other');
  const files = { 'tls-cert-file': own.cert, 'tls-key-file': own.key, 'tls-ca-cert-file': ca.cert };
  const server = await startRedis((port) => ({ ...files, port: '0', 'tls-port': String(port) }));
  if (server === null) throw new Error('no redis-server');
  return { server, ca, client, other };
}

const setting = lacking === null ? await arrange() : null;

function withTls(name: string, work: (setting: Setting) => Promise<void>): void {
  if (setting !== null) test(name, () => work(setting));
  else skip(test, name, `no ${lacking} on PATH`);
}

function urlOf({ server }: Setting, files: Readonly<Record<string, string>>, host = 'localhost'): string {
  return `rediss://${host}:${server.port}?${new URLSearchParams(files)}`;
}

async function open(url: string, role: StoreRole): Promise<Store> {
  const result = await openStore(url, { role, follow: QUICK });
  if (!result.ok) throw result.fault;
  opened.push(result.value);
  return result.value;
}

async function refusal(url: string): Promise<StoreFault> {
  const result = await openStore(url, { role: 'publisher' });
  if (result.ok) await result.value.close();
  assert.not(result.ok, `${url} was opened`);
  return (result as { fault: StoreFault }).fault;
}

test.after.each(async () => {
  for (const store of opened.splice(0)) await store.close();
});

test.after(async () => {
  await setting?.server.remove();
  await endAll();
  rmSync(folder, { recursive: true, force: true });
});

withTls('the whole work goes over TLS with a client certificate', async (each) => {
  const url = urlOf(each, { ca: each.ca.cert, cert: each.client.cert, key: each.client.key });
  const service = await open(url, 'config-service');
  await service.admissions.serve(deskOn(service));
  const listener = new Listener(await open(url, 'acceptor'), null);
  const publisher = await open(url, 'publisher');
  const answer = await publisher.admissions.submit(proposal([workload('a')]), { timeoutMs: 15_000 });
  assert.ok(answer.ok);
  await listener.until(() => listener.state?.version === 1);
  await listener.end();
});

withTls('an authority that is not given or another one is not trusted', async (each) => {
  const own = { cert: each.client.cert, key: each.client.key };
  for (const files of [own, { ...own, ca: each.other.cert }]) {
    const fault = await refusal(urlOf(each, files));
    assert.is(fault.code, 'certificate');
    assert.match(fault.message, /the server's certificate is not trusted/);
  }
});

withTls(
  'a host that does not stand in the certificate is refused, unless the name to expect is given',
  async (each) => {
    const files = { ca: each.ca.cert, cert: each.client.cert, key: each.client.key };
    const fault = await refusal(urlOf(each, files, '127.0.0.1'));
    assert.is(fault.code, 'certificate');
    assert.match(fault.message, /127\.0\.0\.1/);
    await open(urlOf(each, { ...files, servername: 'redis.test' }, '127.0.0.1'), 'publisher');
    assert.is((await refusal(urlOf(each, { ...files, servername: 'else.test' }))).code, 'certificate');
  },
);

withTls('without a client certificate, or with a strange one, it is said what the server wants', async (each) => {
  const none = await refusal(urlOf(each, { ca: each.ca.cert }));
  // The server's alert may get lost where it resets the connection: then the message names the possible reasons.
  assert.match(none.message, /client certificate/);
  assert.ok(['certificate', 'away'].includes(none.code));
  const strange = makeCertificate(folder, 'strange', each.other, ['DNS:client']);
  const fault = await refusal(urlOf(each, { ca: each.ca.cert, cert: strange.cert, key: strange.key }));
  assert.match(fault.message, /not take our client certificate/);
  assert.ok(['certificate', 'away'].includes(fault.code));
});

withTls('files that cannot be used are named before anything is connected to', async (each) => {
  const { client, ca, other } = each;
  const missing = await refusal(urlOf(each, { ca: join(folder, 'nowhere.crt') }));
  assert.is(missing.code, 'certificate');
  assert.match(missing.message, /nowhere\.crt/);
  const noise = join(folder, 'noise.crt');
  writeFileSync(noise, 'not a certificate');
  assert.match((await refusal(urlOf(each, { ca: noise }))).message, /noise\.crt is not in PEM form/);
  assert.match((await refusal(urlOf(each, { cert: client.cert }))).message, /needs both cert and key/);
  const mixed = await refusal(urlOf(each, { ca: ca.cert, cert: client.cert, key: other.key }));
  assert.is(mixed.code, 'certificate');
  assert.match(mixed.message, /client\.crt/);
});

withTls('a URL without TLS on a port with TLS, and the other way round, is told', async (each) => {
  const plain = await startRedis();
  assert.match((await refusal(`rediss://localhost:${plain!.port}`)).message, /not speak TLS on this port/);
  assert.is((await refusal(`redis://localhost:${each.server.port}`)).code, 'away');
  await plain!.remove();
});

withTls('the environment gives the files where the URL does not', async ({ ca, client, server }) => {
  const files = { SLUICE_STORE_CA: ca.cert, SLUICE_STORE_CERT: client.cert, SLUICE_STORE_KEY: client.key };
  Object.assign(process.env, files);
  try {
    await open(`rediss://localhost:${server.port}`, 'publisher');
    const other = parseRedisUrl(`rediss://localhost?servername=a.test`, { SLUICE_STORE_SERVER_NAME: 'b.test' });
    assert.ok('options' in other && other.options.tls?.servername === 'a.test');
  } finally {
    for (const name of Object.keys(files)) delete process.env[name];
  }
});

withTls('a certificate that is renewed is used by the next connection, a half renewed one is not', async (each) => {
  const cert = join(folder, 'live.crt');
  const key = join(folder, 'live.key');
  const put = (pair: Pair, half = false) => {
    copyFileSync(pair.cert, cert);
    if (!half) copyFileSync(pair.key, key);
  };
  put(makeCertificate(folder, 'strange-again', each.other, ['DNS:client']));
  const store = await open(urlOf(each, { ca: each.ca.cert, cert, key }), 'config-service');
  const isLetIn = () =>
    store.log.head().then(
      () => true,
      (error: StoreFault) => (error.code === 'closed' ? Promise.reject(error) : false),
    );
  assert.not(await isLetIn());
  put(each.client, true);
  assert.not(await isLetIn());
  put(each.client);
  await until(isLetIn, 'a connection with the renewed certificate', 15_000);
  await appendMany(store, await store.log.catchUp(EMPTY_STATE), 1);
});

test.run();
