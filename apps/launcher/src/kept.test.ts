import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STATE_FILE_NAME, writeStateFile } from '@sluice/store';
import { EMPTY_STATE } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newestKept } from './kept.ts';

const test = suite('what acceptors kept');
const folder = mkdtempSync(join(tmpdir(), 'sluice-kept-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('the newest version of all folders; none where no folder holds one', async () => {
  const [one, two, none] = ['one', 'two', 'none'].map((name) => join(folder, name)) as [string, string, string];
  await writeStateFile(join(one, STATE_FILE_NAME), EMPTY_STATE);
  assert.is(await newestKept([one, none]), null);
  await writeStateFile(join(two, STATE_FILE_NAME), { ...EMPTY_STATE, version: 7 });
  assert.equal(await newestKept([one, two, none]), { version: 7, folder: two });
});

test.run();
