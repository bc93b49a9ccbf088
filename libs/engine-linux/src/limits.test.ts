import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RLIMIT_NOFILE } from './abi.ts';
import { checkLimits, limits, sessionsThatFit } from './limits.ts';
import { syscalls } from './syscalls.ts';

const test = suite('limits');

test('what fits is not complained of, what does not is told with both numbers', () => {
  const of = { descriptors: 1024, somaxconn: 128 };
  assert.is(sessionsThatFit(of, 2), 376);
  assert.equal(checkLimits(of, { workers: 2, maxSessions: 376, backlog: 128 }), []);
  assert.equal(checkLimits(of, { workers: 1, maxSessions: 0, backlog: 1 }), []);
  const [descriptors, backlog] = checkLimits(of, { workers: 2, maxSessions: 377, backlog: 129 });
  assert.match(descriptors as string, /1024 has room for 376 sessions, not for 377/);
  assert.match(backlog as string, /129 is cut to net.core.somaxconn, 128/);
});

test('a limit below the reserve leaves room for none, which is told whatever is asked for', () => {
  const of = { descriptors: 100, somaxconn: 1 };
  assert.is(sessionsThatFit(of, 1), 0);
  assert.match(checkLimits(of, { workers: 1, maxSessions: 0, backlog: 1 }).join(), /100 has room for no session/);
});

test('what threads need for themselves is left to them', async () => {
  const workers = 40;
  const free = { descriptors: 1024, somaxconn: 1 };
  const before = readdirSync('/proc/self/fd').length;
  const threads = Array.from({ length: workers }, () => {
    const thread = new Worker('require("node:worker_threads").parentPort.on("message", () => {})', { eval: true });
    return new Promise<Worker>((resolve) => thread.on('online', () => resolve(thread)));
  });
  const started = await Promise.all(threads);
  const theirs = readdirSync('/proc/self/fd').length - before;
  await Promise.all(started.map((thread) => thread.terminate()));
  // The engine's own two of each, epoll set and eventfd, come on top.
  const left = 2 * (sessionsThatFit(free, 0) - sessionsThatFit(free, workers));
  assert.ok(theirs > 0 && left >= theirs + 2 * workers, `${left} left to ${workers} threads that take ${theirs}`);
});

test('the system tells both', () => {
  const told = limits();
  const { soft } = syscalls().getrlimit(RLIMIT_NOFILE) as { soft: number };
  assert.is(told?.descriptors, soft);
  assert.ok((told?.somaxconn ?? 0) > 0);
});

test.run();
