import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EPERM } from './abi.ts';
import { Ledger } from './ledger.ts';
import { Pipes } from './pipes.ts';
import { type Syscalls, syscalls } from './syscalls.ts';

const test = suite('pipes');

/** As pipes.ts has them. */
const mostPipes = 48;
const silentFills = 64 * mostPipes;
const patience = 1024;

test('a session that is silent gives its pipe to one in bulk, once none is left', () =>
  withPipes(syscalls(), (pipes) => {
    for (let to = 1; to <= mostPipes; to++) assert.ok(pipes.take(to));
    assert.not(pipes.take(100));
    // Of no descriptor, so nothing is moved.
    for (let i = 0; i < silentFills; i++) pipes.fill(-1, 1);
    assert.ok(pipes.take(100));
    assert.equal([pipes.has(1), pipes.has(2), pipes.has(3), pipes.has(100)], [true, false, true, true]);
  }));

test('where the kernel gives no pipe that is large enough, it is asked again later', () => {
  const calls = syscalls();
  let isAllowed = false;
  let asked = 0;
  const setPipeSize: Syscalls['setPipeSize'] = (fd, bytes) => {
    asked++;
    return isAllowed ? calls.setPipeSize(fd, bytes) : -EPERM;
  };
  withPipes({ ...calls, setPipeSize }, (pipes) => {
    for (let i = 0; i < patience; i++) assert.not(pipes.take(1));
    assert.is(asked, 1, 'not at every read');
    isAllowed = true;
    assert.ok(pipes.take(1));
  });
});

/** None of them may stay open. */
function withPipes(calls: Syscalls, run: (pipes: Pipes) => void): void {
  const ledger = new Ledger(4096, calls);
  const pipes = new Pipes(calls, ledger, 0, 4096);
  run(pipes);
  for (let to = 0; to < 4096; to++) pipes.drop(to);
  pipes.stop();
  assert.is(ledger.sweep(0), 0);
}

test.run();
