import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@sluice/observe';
import { until } from '@sluice/testkit';
import { createLive } from '@sluice/upstream';
import { suite } from 'uvu';
import { ConfigFollower } from './config-follower.ts';
import type { ConfigTask } from './messages.ts';

const test = suite('config follower');

test('an acceptor can end while its config thread is dead and waits to be started again', async () => {
  const exited = new Promise((resolve) => process.once('worker', (thread) => thread.once('exit', resolve)));
  const log = { error: () => {} } as unknown as Logger;
  const stateDir = join(tmpdir(), 'sluice-no-such-folder');
  const task = { store: 'nonsense', labels: {}, stateDir, live: createLive(1), logLevel: 'silent', acceptorId: 'a' };
  const follower = new ConfigFollower(task as unknown as ConfigTask, log, () => {});
  follower.start();
  await exited;
  let closed = false;
  void follower.close({} as never, 60_000).then(() => (closed = true));
  await until(() => closed, 'the end');
});

test.run();
