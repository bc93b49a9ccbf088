// What the launcher asks of a store by the admin command.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readLog, StoreAway } from './samples.ts';

const test = suite('what the launcher asks of the store');
const folder = mkdtempSync(join(tmpdir(), 'sluice-samples-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const root = join(import.meta.dirname, '../../..');
const place = { root, folder, env: { PATH: process.env.PATH ?? '' } };
const { signal } = new AbortController();

test('a file that no process of the run has made yet is an empty log', async () => {
  const path = join(folder, 'store.sqlite');
  assert.equal(await readLog(place, `sqlite:${path}`, signal), { head: 0, rollout: null });
  assert.not(existsSync(path));
});

test('a store that does not answer is told as away', async () => {
  const error = await readLog(place, 'redis://127.0.0.1:1', signal).catch((cause) => cause);
  assert.instance(error, StoreAway);
  assert.match(error.message, /^the store cannot be used:/);
});

test.run();
