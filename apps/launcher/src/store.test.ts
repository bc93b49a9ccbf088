import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileStore, givenStore } from './store.ts';

const test = suite('the store of a run');
const folder = mkdtempSync(join(tmpdir(), 'sluice-store-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('what acceptors kept of a store goes with the store, and no other store takes it for its own', () => {
  const { stateFolder } = fileStore(folder);
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(join(folder, 'store.sqlite'), '');
  assert.is(fileStore(folder).stateFolder, stateFolder);
  assert.ok(existsSync(stateFolder));
  rmSync(join(folder, 'store.sqlite'));
  fileStore(folder);
  assert.not(existsSync(stateFolder));

  const [one, other] = ['redis://one', 'redis://other'].map((url) => givenStore(url, folder).stateFolder);
  assert.is(givenStore('redis://one', folder).stateFolder, one);
  assert.is(new Set([one, other, stateFolder]).size, 3);
});

test('a password is not told', () => {
  assert.is(givenStore('redis://user:secret@host:1', folder).told, 'redis://***@host:1');
});

test.run();
