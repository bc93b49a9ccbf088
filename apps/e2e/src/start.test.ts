// `scripts/start` as a new user runs it: ready, two ports, a second start refused, Ctrl-C leaves nothing behind.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepts, endAll, RealProcess, run, skip, TestClient, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ports, root } from './system.ts';

const test = suite('scripts/start');
/** Not the checkout's own: what somebody has published there is theirs. */
const data = mkdtempSync(join(tmpdir(), 'sluice-start-'));
const env = { SLUICE_DATA: data };
const start = (...args: string[]) => new RealProcess('start', join(root, 'scripts/start'), { args, cwd: root, env });
const ready = (process: RealProcess) =>
  until(
    () => {
      if (process.ended) throw new Error(process.output);
      return /^ready/m.test(process.output);
    },
    'the ready line',
    120_000,
  );
const admin = (...args: string[]) => run(join(root, 'scripts/admin'), { args, cwd: root, env });
const usual = [
  ['127.0.0.1', ports.v1],
  ['127.0.0.1', 15000],
  ['127.0.1.1', 3333],
  ['127.0.1.2', 3333],
] as const;
const taken = await Promise.all(usual.map(([address, port]) => accepts(address, port)));
const isFree = !taken.includes(true);
const inUse = `${usual.map(([address, port]) => `${address}:${port}`).join(', ')}: one of them is in use here`;

test.after(async () => {
  await endAll('SIGINT');
  rmSync(data, { recursive: true, force: true });
});

const story = 'two acceptors come up with the sample routes, a second start touches nothing, and Ctrl-C ends it all';
if (!isFree) skip(test, story, inUse);
else
  test(story, async () => {
    const first = start('--acceptors', '2');
    await ready(first);
    assert.match(first.output, /^ready.*nc 127\.0\.0\.1 31400 .*nc 127\.0\.0\.1 31401/m);
    for (const address of ['127.0.0.1', '127.0.0.2']) {
      for (const name of ['v1', 'v2'] as const) {
        const client = new TestClient(address, ports[name]);
        await client.until('Service default.\n');
        assert.match(
          client.received,
          new RegExp(`^Welcome, you are connected to node .+\\.\nRunning on Pod tcp-echo-${name}-`),
        );
        assert.match(client.received, /In namespace default\.\nWith IP address 127\.0\.1\.\d\.\n/);
        await client.echo('hello');
        await client.close();
      }
    }
    const status = await admin('status', '--json');
    assert.is(status.code, 0, status.stderr);
    assert.is(JSON.parse(status.stdout).acceptors.length, 2);

    const second = start();
    assert.is((await second.exit()).code, 1);
    assert.match(second.output, new RegExp(`process ${first.pid}`));
    assert.not(first.ended);

    const { processes } = JSON.parse(readFileSync(join(data, 'run.json'), 'utf8'));
    first.child.kill('SIGINT');
    assert.is((await first.exit()).code, 0);
    for (const [name, pid] of Object.entries(processes)) assert.not(isAlive(pid as number), `${name} was left behind`);
    assert.not(await accepts('127.0.0.1', ports.v1));
  });

const again =
  'what was published since is in force again after another start, and the samples are not published over it';
if (!isFree) skip(test, again, inUse);
else
  test(again, async () => {
    const first = start();
    await ready(first);
    const gone = await admin('delete', 'VirtualService', 'default/tcp-echo', '--wait', '--json');
    assert.is(gone.code, 0, gone.stderr);
    const { version } = JSON.parse(gone.stdout);
    first.child.kill('SIGINT');
    assert.is((await first.exit()).code, 0);

    const second = start();
    await ready(second);
    assert.match(second.output, new RegExp(`^routes +version ${version} of the log, as it was left`, 'm'));
    assert.not(await accepts('127.0.0.1', ports.v1));
    assert.is(JSON.parse((await admin('status', '--json')).stdout).head, version);
    second.child.kill('SIGINT');
    assert.is((await second.exit()).code, 0);
  });

test('wrong usage says what is right, with exit status 2', async () => {
  const wrong = start('--acceptors', 'none');
  assert.is((await wrong.exit()).code, 2);
  assert.match(wrong.output, /--acceptors must be/);
  const helped = start('--help');
  assert.is((await helped.exit()).code, 0);
  assert.match(helped.output, /Usage: /);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.run();
