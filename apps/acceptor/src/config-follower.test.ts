import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@sluice/observe';
import { attachTable, encodeTable } from '@sluice/route-table';
import { until } from '@sluice/testkit';
import { createLive } from '@sluice/upstream';
import { suite } from 'uvu';
import { ConfigFollower } from './config-follower.ts';
import type { ConfigTask } from './messages.ts';
import { writeTlsList } from './tls-list.ts';

const test = suite('config follower');
const log = { error: () => {} } as unknown as Logger;

/** For a thread that dies at once. */
function nonsense(): ConfigTask {
  const stateDir = join(tmpdir(), 'sluice-no-such-folder');
  const task = { store: 'nonsense', labels: {}, stateDir, live: createLive(1), logLevel: 'silent', acceptorId: 'a' };
  return task as unknown as ConfigTask;
}

test('an acceptor can end while its config thread is dead and waits to be started again', async () => {
  const exited = new Promise((resolve) => process.once('worker', (thread) => thread.once('exit', resolve)));
  const follower = new ConfigFollower(
    nonsense(),
    () => [],
    log,
    () => {},
  );
  follower.start();
  await exited;
  let closed = false;
  void follower.close({} as never, 60_000).then(() => (closed = true));
  await until(() => closed, 'the end');
});

test('each thread is told what the acceptor holds at its start', async () => {
  const table = attachTable(encodeTable({ listeners: [], clusters: [], authorization: [] }));
  const compiled = { version: 3, digest: '', table, slots: new SharedArrayBuffer(0), tls: writeTlsList([]) };
  let starts = 0;
  const held = () => (++starts === 1 ? [] : [compiled]);
  const follower = new ConfigFollower(nonsense(), held, log, () => {});
  follower.start();
  await until(() => starts === 2, 'the second start');
  await follower.close({} as never, 60_000);
});

test.run();
