import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RLIMIT_NOFILE } from './abi.ts';
import { checkLimits, limits, sessionsThatFit } from './limits.ts';
import { syscalls } from './syscalls.ts';

const test = suite('limits');

test('what fits is not complained of, what does not is told with both numbers', () => {
  const of = { descriptors: 1024, somaxconn: 128 };
  assert.is(sessionsThatFit(of), 384);
  assert.equal(checkLimits(of, { maxSessions: 384, backlog: 128 }), []);
  assert.equal(checkLimits(of, { maxSessions: 0, backlog: 1 }), []);
  const [descriptors, backlog] = checkLimits(of, { maxSessions: 385, backlog: 129 });
  assert.match(descriptors as string, /1024 has room for 384 sessions, not for 385/);
  assert.match(backlog as string, /129 is cut to net.core.somaxconn, 128/);
});

test('a limit below the reserve leaves room for none, which is told whatever is asked for', () => {
  const of = { descriptors: 100, somaxconn: 1 };
  assert.is(sessionsThatFit(of), 0);
  assert.match(checkLimits(of, { maxSessions: 0, backlog: 1 }).join(), /100 has room for no session/);
});

test('the system tells both', () => {
  const told = limits();
  const { soft } = syscalls().getrlimit(RLIMIT_NOFILE) as { soft: number };
  assert.is(told?.descriptors, soft);
  assert.ok((told?.somaxconn ?? 0) > 0);
});

test.run();
