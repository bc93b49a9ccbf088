import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EBADF, epollLayout } from './abi.ts';
import { errnoName, Memory, syscalls } from './syscalls.ts';

const test = suite('system calls');

test('a length that does not lie in the memory is never given to the kernel', () => {
  const calls = syscalls();
  const memory = new Memory(4096);
  const wrong: [number, number][] = [
    [0, 4097],
    [4096, 1],
    [-1, 1],
    [0, -1],
    [Number.NaN, 1],
    [0, Number.NaN],
    [2 ** 40, 1],
  ];
  for (const [offset, length] of wrong) {
    assert.throws(() => calls.recv(-1, memory, offset, length, 0), /do not lie in 4096 bytes/, `${offset} ${length}`);
    assert.throws(() => calls.send(-1, memory, offset, length, 0), /do not lie/);
    assert.throws(() => calls.accept4(-1, memory, offset, length, 0), /do not lie/);
  }
  assert.throws(() => calls.epollWait(-1, memory, 513, 12, 0), /do not lie/);
  assert.is(calls.recv(-1, memory, 96, 4000, 0), -EBADF);
});

test('an errno comes back negative, and has a name', () => {
  assert.is(syscalls().close(-1), -EBADF);
  assert.is(errnoName(-EBADF), 'EBADF');
  assert.is(errnoName(-11), 'EAGAIN');
});

test('memory stays where it is while the collector works', () => {
  const calls = syscalls();
  const [readEnd, writeEnd] = pipe();
  const memory = new Memory(1 << 16);
  for (let i = 0; i < 200; i++) {
    const litter = Array.from({ length: 2000 }, () => new Uint8Array(64));
    assert.is(litter.length, 2000);
    memory.bytes[0] = 0;
    calls.signal(writeEnd);
    assert.is(calls.readPipe(readEnd, memory, 0, 8), 8);
    assert.is(memory.bytes[0], 1);
  }
  calls.close(readEnd);
  calls.close(writeEnd);
});

test('interfaces have names and numbers', () => {
  const index = syscalls().interfaceIndex('lo');
  assert.ok(index > 0);
  assert.is(syscalls().interfaceName(index), 'lo');
  assert.is(syscalls().interfaceIndex('no such'), 0);
  assert.is(syscalls().interfaceIndex('no such interface, and too long'), 0);
  assert.is(syscalls().interfaceIndex(`lo\0${'x'.repeat(20)}`), 0);
});

test('epoll_event is packed on x64 alone', () => {
  assert.equal(epollLayout('x64'), { words: 3, dataWord: 1 });
  assert.equal(epollLayout('arm64'), { words: 4, dataWord: 2 });
});

function pipe(): [number, number] {
  const ends = new Memory(8);
  assert.is(syscalls().pipe(ends, 0), 0);
  return [ends.words[0] as number, ends.words[1] as number];
}

test.run();
