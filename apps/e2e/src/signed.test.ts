// Signed versions over real processes: an acceptor with trusted keys applies nothing unsigned or altered, and says so.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, type RunningAcceptor, System } from './system.ts';

const test = suite('signed versions');
const system = new System(null);
const publicKey: Record<string, string> = {};
let acceptor: RunningAcceptor;

test.before(async () => {
  for (const name of ['ours', 'next', 'theirs']) {
    const ran = await system.admin('keygen', join(system.folder, name));
    assert.is(ran.code, 0, ran.stderr);
    publicKey[name] = readFileSync(join(system.folder, `${name}.pub`), 'utf8').trim();
  }
  acceptor = await system.acceptor({ SLUICE_TRUSTED_KEYS: `${publicKey.ours},${publicKey.next}` });
  await system.echo('v1');
  await system.echo('v2');
});
test.after(() => system.close());

const key = (name: string) => ['--key', join(system.folder, name)];

test('what a trusted key signed is applied, and the key may be changed while both are listed', async () => {
  assert.is(await system.publish(system.walkThrough(), ...key('ours')), 1);
  assert.is(await acceptor.lands(ports.v1), 'v1');
  assert.is(await system.publish(system.walkThrough({ v1: 'v2', v2: 'v2' }), ...key('next')), 2);
  assert.is(await acceptor.lands(ports.v1), 'v2');
});

test('what nobody, or a stranger, signed is not applied, and status says why', async () => {
  for (const signed of [[], key('theirs')]) {
    const ran = await system.admin('publish', system.walkThrough({ v1: 'v1', v2: 'v1' }), '--wait', '2', ...signed);
    assert.is.not(ran.code, 0, ran.stdout);
  }
  await acceptor.process.event('store-away', (fields) => fields.code === 'untrusted');
  const shown = await until(
    async () => (await system.status()).acceptors.find(({ error }) => error !== null),
    'the NACK',
  );
  assert.equal([shown.version, shown.state], [2, 'stale']);
  assert.match(shown.error ?? '', /version 3 is not signed/);
  assert.is(await acceptor.lands(ports.v1), 'v2');
  assert.is(await acceptor.lands(ports.v2), 'v2');
});

test('who starts afresh over a version it cannot trust serves nothing; over its own kept state it serves that', async () => {
  const fresh = await system.acceptor({ SLUICE_TRUSTED_KEYS: publicKey.ours });
  await fresh.process.event('store-away', (fields) => fields.code === 'untrusted');
  assert.is((await fresh.get('/readyz')).status, 503);
  await fresh.process.end();
  await acceptor.process.end('SIGKILL');
  acceptor = await system.acceptor({
    SLUICE_ACCEPTOR_ID: acceptor.id,
    SLUICE_BIND: acceptor.bind,
    SLUICE_TRUSTED_KEYS: `${publicKey.ours},${publicKey.next}`,
  });
  await acceptor.committed(2);
  assert.is(await acceptor.lands(ports.v1), 'v2');
});

test('a kept state whose signer is no longer trusted is not served', async () => {
  await acceptor.process.end('SIGKILL');
  const keys = { SLUICE_ACCEPTOR_ID: acceptor.id, SLUICE_BIND: acceptor.bind, SLUICE_TRUSTED_KEYS: publicKey.theirs };
  acceptor = await system.acceptor(keys);
  await acceptor.process.event('state-refused');
  assert.is((await acceptor.get('/readyz')).status, 503);
});

test('a version altered in the store is not applied', async () => {
  const database = new DatabaseSync(join(system.folder, 'store.sqlite'), { timeout: 10_000 });
  // Down to the two that are signed, and the second leads elsewhere than what was signed.
  database.exec('DELETE FROM entries WHERE version > 2');
  const altered = database
    .prepare(`UPDATE entries SET entry = replace(entry, '"subset":"v2"', '"subset":"v1"') WHERE version = 2`)
    .run();
  assert.is(Number(altered.changes), 1);
  const { digest } = JSON.parse(
    (database.prepare('SELECT entry FROM entries WHERE version = 2').get() as { entry: string }).entry,
  ) as { digest: string };
  database.prepare('UPDATE head SET version = 2, digest = ?').run(digest);
  database.close();
  const late = await system.acceptor({ SLUICE_TRUSTED_KEYS: `${publicKey.ours},${publicKey.next}` });
  await late.process.event('store-away');
  assert.not(late.process.events().some(({ event, version }) => event === 'committed' && version === 2));
});

test.run();
