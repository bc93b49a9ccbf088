import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openOutput, writeBytesFor } from './log-output.ts';

const test = suite('log output');
const folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
test.after(() => rmSync(folder, { recursive: true }));

const chunks = Array.from({ length: 300 }, (_, n) => Buffer.from(`${String(n).padStart(6, '0')} ${'x'.repeat(n)}\n`));
const whole = Buffer.concat(chunks).toString();

test('a file gets everything, in order, and writes larger than a pipe would', async () => {
  const path = join(folder, 'file');
  const descriptor = openSync(path, 'w');
  let left = whole.length;
  const output = openOutput(descriptor)((bytes) => {
    left -= bytes;
  });
  for (const chunk of chunks) output.write(chunk);
  await until(() => left === 0, 'the writes');
  assert.is(readFileSync(path, 'utf8'), whole);
  assert.ok(writeBytesFor(descriptor) > 4096);
  closeSync(descriptor);
});

test('what waits when a thread ends is written at once', async () => {
  const path = join(folder, 'ended');
  const descriptor = openSync(path, 'a');
  const output = openOutput(descriptor)(() => {});
  for (const chunk of chunks) output.write(chunk);
  output.flushSync();
  await until(() => readFileSync(path).length === whole.length, 'the write that was under way');
  const [lines, expected] = [readFileSync(path, 'utf8'), whole].map((text) => text.split('\n').sort());
  assert.equal(lines, expected);
  closeSync(descriptor);
});

test('a pipe that is full holds up nobody, and gets everything when it is read', async () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  // For both, so that it can be opened before anybody reads (fifo(7)).
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  assert.is(writeBytesFor(descriptor), 4096);
  let left = 0;
  const output = openOutput(descriptor)((bytes) => {
    left -= bytes;
  });
  const parts = Array.from({ length: 64 }, (_, n) => Buffer.alloc(4096, String(n % 10)));
  for (const part of parts) {
    left += part.length;
    output.write(part);
  }
  await until(() => left < parts.length * 4096, 'the first writes');
  assert.ok(left > 0);
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let read = '';
  reader.stdout.on('data', (text) => (read += text));
  await until(() => left === 0, 'the rest');
  await until(() => read.length === parts.length * 4096, 'the reader');
  closeSync(descriptor);
  await once(reader, 'close');
  assert.is(read, Buffer.concat(parts).toString());
});

test('what cannot be written is given up, and what comes after it is tried', async () => {
  const descriptor = openSync('/dev/full', 'w');
  let left = whole.length;
  const output = openOutput(descriptor)((bytes) => {
    left -= bytes;
  });
  for (const chunk of chunks) output.write(chunk);
  await until(() => left === 0, 'the failures');
  output.write(Buffer.from('x'));
  output.flushSync();
  closeSync(descriptor);
});

test.run();
