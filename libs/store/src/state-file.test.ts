import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseResources } from '@sluice/resource';
import { EMPTY_STATE, stepState } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readStateFile, writeStateFile } from './state-file.ts';

const test = suite('state file');
const folder = mkdtempSync(join(tmpdir(), 'sluice-state-'));
const file = join(folder, 'state');
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
  const read = await readStateFile(join(folder, 'nowhere'));
  assert.is(read.ok ? 'ok' : read.reason, 'none');
});

test('what is written is read again, whole', async () => {
  await writeStateFile(file, state);
  const read = await readStateFile(file);
  assert.ok(read.ok);
  if (read.ok) assert.equal([read.state.version, read.state.digest], [1, state.digest]);
});

test('a damaged file is refused, whatever the damage', async () => {
  await writeStateFile(file, state);
  const whole = readFileSync(file);
  const damages: Record<string, Buffer> = { empty: Buffer.alloc(0), 'cut short': whole.subarray(0, whole.length / 2) };
  for (let at = 0; at < whole.length; at += 7) {
    const flipped = Buffer.from(whole);
    flipped[at] ^= 1;
    damages[`byte ${at}`] = flipped;
  }
  for (const [damage, damaged] of Object.entries(damages)) {
    writeFileSync(file, damaged);
    const read = await readStateFile(file);
    // A flipped bit in the packing's own header may leave the content whole; never may it change it.
    if (read.ok) assert.is(read.state.digest, state.digest, damage);
    else assert.is(read.reason, 'damaged', damage);
  }
});

test('a folder that cannot be written is an error, and the old file stays', async () => {
  await writeStateFile(file, state);
  await writeStateFile(join(file, 'below-a-file'), state).then(
    () => assert.unreachable(),
    (error: NodeJS.ErrnoException) => assert.ok(error.code),
  );
  assert.ok((await readStateFile(file)).ok);
});

test.run();
