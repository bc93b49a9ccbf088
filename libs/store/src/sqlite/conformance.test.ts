import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { until } from '@sluice/testkit';
import { EMPTY_STATE } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storeConformance } from '../conformance/index.ts';
import { appendMany, Listener, QUICK } from '../conformance/rig.ts';
import { openStore } from '../open.ts';
import type { Store } from '../store.ts';
import { codeOf } from './file.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-sqlite-'));
const path = join(folder, 'store.db');
const opened: Store[] = [];

/** Past everything the store does. */
function direct(work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  work(database);
  database.close();
}

async function open(role: 'publisher' | 'config-service' | 'acceptor', options = {}): Promise<Store> {
  const result = await openStore(`sqlite:${path}`, { role, ...options });
  if (!result.ok) throw result.fault;
  opened.push(result.value);
  return result.value;
}

storeConformance('sqlite', {
  async wipe() {
    await (await open('publisher')).log.head();
    direct((database) => {
      database.exec('DELETE FROM entries; DELETE FROM head; DELETE FROM checkpoints; DELETE FROM reports');
    });
  },
  open,
  async damage(what, version) {
    const change =
      what === 'entry'
        ? "UPDATE entries SET entry = replace(entry, '10.0.0.1', '10.6.6.6') WHERE version = ?"
        : "UPDATE checkpoints SET packed = CAST('spoilt' AS BLOB) WHERE version = ?";
    direct((database) => database.prepare(change).run(version));
  },
  async smuggle(entry) {
    const insert = 'INSERT INTO entries (version, entry) VALUES (?, ?)';
    direct((database) => database.prepare(insert).run(entry.version, JSON.stringify(entry)));
  },
  async lose(version, head) {
    direct((database) => {
      database.prepare('DELETE FROM entries WHERE version = ?').run(version);
      database.prepare('UPDATE head SET version = ?, digest = ?').run(head.version, head.digest);
    });
  },
  async age(id, ms) {
    direct((database) => database.prepare('UPDATE reports SET at_ms = at_ms - ? WHERE id = ?').run(ms, id));
  },
  async closeAll() {
    for (const store of opened.splice(0)) await store.close();
  },
});

const test = suite('sqlite: file');

test('a file that was removed is made anew, and a follower keeps what it has', async () => {
  const store = await open('config-service');
  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
  const two = await appendMany(await open('publisher'), EMPTY_STATE, 2);
  const listener = new Listener(await open('acceptor', { follow: QUICK }), null);
  await listener.until(() => listener.state?.version === 2);
  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
  await listener.until(() => listener.types().includes('away'));
  assert.is(listener.state?.digest, two.digest);
  await until(async () => (await store.log.head()).version === 0, 'the new file');
  assert.ok(await store.log.restore(two));
  await listener.until(() => listener.types().at(-1) === 'back');
  await listener.end();
});

test('its files are for its own user alone: they may hold private keys', async () => {
  const own = join(folder, 'own.db');
  const made = await openStore(`sqlite:${own}`, { role: 'publisher' });
  assert.ok(made.ok);
  await made.value.log.head();
  for (const file of [own, `${own}-wal`]) assert.is(statSync(file).mode & 0o077, 0, file);
  await made.value.close();
});

test('what is no store is told from one', async () => {
  const other = join(folder, 'other.db');
  writeFileSync(other, 'this is not a database, whatever its name says'.repeat(100));
  const opening = await openStore(`sqlite:${other}`, { role: 'publisher' });
  assert.is(!opening.ok && opening.fault.code, 'damaged');
  const inFile = await openStore(`sqlite:${other}/x/store.db`, { role: 'publisher' });
  assert.is(!inFile.ok && inFile.fault.code, 'away');
});

test('a file that may not be made or written is told from one that is away', async () => {
  // No user may make files there.
  const opening = await openStore('sqlite:/sys/kernel/store.db', { role: 'publisher' });
  assert.is(!opening.ok && opening.fault.code, 'denied');
});

test('what the system and SQLite say of a disk or a permission becomes the code that says what to do', () => {
  const faults = [13, 4874, 8, 14, 11, 5].map((errcode) => codeOf(Object.assign(new Error('no'), { errcode })));
  assert.equal(faults, ['full', 'full', 'denied', 'denied', 'damaged', 'away']);
  const errors = ['ENOSPC', 'EROFS', 'EACCES', 'ENOTDIR'].map((code) =>
    codeOf(Object.assign(new Error('no'), { code })),
  );
  assert.equal(errors, ['full', 'denied', 'denied', 'away']);
});

test.after(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(folder, { recursive: true });
});

test.run();
