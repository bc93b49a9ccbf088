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
  assert.is(await acceptor.lands(ports.v1), 'v2');
  assert.is(await acceptor.lands(ports.v2), 'v2');
});

test('an acceptor that starts afresh takes the newest state it can trust, or none', async () => {
  const distrustful = await system.acceptor({ SLUICE_TRUSTED_KEYS: publicKey.theirs });
  await until(() => distrustful.process.events().some(({ code }) => code === 'untrusted'), 'the refusal');
  assert.is((await distrustful.get('/readyz')).status, 503);
  await distrustful.process.end();
});

test('a version altered in the store is not applied by who comes later, whatever else it may still serve', async () => {
  const keys = { SLUICE_TRUSTED_KEYS: `${publicKey.ours},${publicKey.next}` };
  const before = await system.acceptor(keys);
  await before.committed(2);
  await before.process.end();
  const database = new DatabaseSync(join(system.folder, 'store.sqlite'));
  const altered = database
    .prepare(`UPDATE entries SET entry = replace(entry, '"subset":"v2"', '"subset":"v1"') WHERE version = 2`)
    .run();
  assert.is(Number(altered.changes), 1);
  database.close();
  const later = await system.acceptor(keys);
  await until(() => later.process.events().some(({ event }) => event === 'store-away'), 'the refusal');
  assert.not(later.process.events().some(({ event, version }) => event === 'committed' && Number(version) >= 2));
  assert.is(await acceptor.lands(ports.v2), 'v2');
  await later.process.end();
});

test.run();
