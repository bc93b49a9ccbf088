import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseResources } from '@sluice/resource';
import { EMPTY_STATE, stepState } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadLastGood, saveLastGood } from './last-good.ts';

const test = suite('last good state');
const folder = mkdtempSync(join(tmpdir(), 'sluice-state-'));
const file = join(folder, 'last-committed.json');
test.after(() => rmSync(folder, { recursive: true }));

const text = `apiVersion: v1
kind: Service
metadata: { name: echo }
spec: { ports: [{ port: 80 }] }
`;
const { resources } = parseResources([{ path: 'echo.yaml', text }]);
const state = stepState(EMPTY_STATE, {
  kind: 'publish',
  version: 1,
  change: { put: resources, delete: [] },
  author: 'me',
  message: '',
  timeMs: 1,
  submission: 's',
  set: '',
});

test('without a file there is none', async () => {
  assert.equal(await loadLastGood(join(folder, 'nowhere')), { kind: 'none' });
});

test('what is saved is loaded again, whole', async () => {
  await saveLastGood(folder, state);
  const loaded = await loadLastGood(folder);
  assert.is(loaded.kind, 'state');
  if (loaded.kind === 'state') assert.equal([loaded.state.version, loaded.state.digest], [1, state.digest]);
});

test('a damaged file is refused, whatever the damage', async () => {
  const whole = readFileSync(file, 'utf8');
  const damages = {
    'another port': whole.replace('"port":80', '"port":81'),
    'another creation': whole.replace('"creation":1', '"creation":2'),
    'cut short': whole.slice(0, whole.length / 2),
    'another format': whole.replace('"format":1', '"format":9'),
    empty: '',
    'no object': '[]',
  };
  for (const [damage, damaged] of Object.entries(damages)) {
    assert.is.not(damaged, whole, damage);
    writeFileSync(file, damaged);
    assert.is((await loadLastGood(folder)).kind, 'damaged', damage);
  }
});

test('a folder that cannot be written is an error, and the old file stays', async () => {
  await saveLastGood(folder, state);
  await saveLastGood(join(file, 'below-a-file'), state).then(
    () => assert.unreachable(),
    (error: NodeJS.ErrnoException) => assert.ok(error.code),
  );
  assert.is((await loadLastGood(folder)).kind, 'state');
});

test.run();
