import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EADDRINUSE } from './abi.ts';
import { openListener } from './listener.ts';
import { type Syscalls, syscalls } from './syscalls.ts';

const test = suite('listening sockets');
const at = { listener: 1, address: '127.0.0.1', port: 0, backlog: 8, reusePort: false };

/** The real calls but for listen(2), with what happened in its order. */
function watched(answer: number) {
  const told: string[] = [];
  const real = syscalls();
  const calls: Syscalls = Object.create(real, {
    listen: { value: () => answer },
    close: {
      value: (fd: number) => {
        told.push(`close ${fd}`);
        return real.close(fd);
      },
    },
  });
  const opening = {
    bound: (fd: number) => void told.push(`bound ${fd}`),
    unbound: (fd: number) => void told.push(`unbound ${fd}`),
  };
  return { told, opened: openListener(at, calls, opening), close: (fd: number) => real.close(fd) };
}

test('one that cannot listen is told as unbound while its descriptor is still its own', () => {
  const { told, opened } = watched(-EADDRINUSE);
  assert.is(opened.ok ? '' : opened.error.code, 'address-in-use');
  const fd = told[0]?.split(' ')[1];
  assert.equal(told, [`bound ${fd}`, `unbound ${fd}`, `close ${fd}`]);
});

test('one that listens stays bound', () => {
  const { told, opened, close } = watched(0);
  assert.ok(opened.ok);
  assert.equal(told, [`bound ${opened.value.fd}`]);
  close(opened.value.fd);
});

test.run();
