import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll, RealProcess } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { claimRunFile, endLeftovers, isRunning, readRunFile, writeRunFile } from './run-file.ts';

const test = suite('run file');
const root = mkdtempSync(join(tmpdir(), 'sluice-run-'));
const folder = join(root, '.sluice');
const noProcess = 2 ** 22 + 1;
const run = (processes: Record<string, number>) => ({ pid: noProcess, store: '', startedAt: '', processes });

test.before(() => void mkdirSync(join(folder, 'redis'), { recursive: true }));
test.after(async () => {
  await endAll();
  rmSync(root, { recursive: true, force: true });
});

test('of two starts at the same moment one has the checkout', () => {
  assert.ok(claimRunFile(folder, run({})));
  assert.not(claimRunFile(folder, run({})));
});

test('what a killed run left is ended, the store too, and what has its number by now is not', async () => {
  const program = 'setInterval(() => {}, 1000)';
  const redis = new RealProcess('redis', 'sleep', { args: ['60'], cwd: join(folder, 'redis') });
  const echo = new RealProcess('echo', process.execPath, { args: ['-e', program, join(root, 'apps/echo.ts')] });
  const stranger = new RealProcess('stranger', 'sleep', { args: ['60'], cwd: root });
  writeRunFile(folder, run({ redis: redis.pid, echo: echo.pid, 'acceptor-1': stranger.pid, gone: noProcess }));
  assert.not(isRunning(run({})));
  const told: string[] = [];
  await endLeftovers(folder, root, (text) => told.push(text));
  assert.is((await redis.exit()).signal, 'SIGKILL');
  assert.is((await echo.exit()).signal, 'SIGKILL');
  assert.not(stranger.ended);
  assert.equal(
    told.map((text) => text.split(' ')[1]),
    ['redis', 'echo'],
  );
  assert.is(readRunFile(folder), null);
  assert.not(existsSync(join(folder, 'run.json')));
});

test.run();
