// Whether this machine can run the engine, asked once at start by making the calls it stands on. It must not throw.
import type { Result } from '@sluice/engine';
import * as abi from './abi.ts';
import { errnoName, Memory, type Syscalls, syscalls } from './syscalls.ts';
import { wakeUp } from './wake-up.ts';

const none = -1;

export interface Machine {
  readonly platform: string;
  readonly architecture: string;
}

let answer: Result<null> | undefined;

/** ok, or `unsupported` with what was refused and its errno. Asked once; the answer does not change in a process. */
export function supported(): Result<null> {
  answer ??= ask({ platform: process.platform, architecture: process.arch });
  return answer;
}

export function ask(machine: Machine): Result<null> {
  if (machine.platform !== 'linux') return refuse(`it is ${machine.platform}, not Linux`);
  if (!abi.knownArchitectures.includes(machine.architecture))
    return refuse(`the layouts of ${machine.architecture} are not known`);
  try {
    const refused = tryCalls();
    return refused === null ? { ok: true, value: null } : refuse(refused);
  } catch (cause) {
    return refuse((cause as Error).message.split('\n')[0] ?? '');
  }
}

/** A sandbox (seccomp(2)) answers EPERM or ENOSYS to what it refuses. */
function tryCalls(): string | null {
  const calls = syscalls();
  const opened: number[] = [];
  const step = (name: string, result: number, expected = 0): string | null => {
    if (result >= 0) opened.push(result);
    return result >= 0 || result === -expected ? null : `${name}: ${errnoName(result)}`;
  };
  const flags = abi.SOCK_STREAM | abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC;
  try {
    return (
      step('epoll_create1', calls.epollCreate(abi.EPOLL_CLOEXEC)) ??
      step('eventfd', calls.eventfd(abi.EFD_NONBLOCK | abi.EFD_CLOEXEC)) ??
      step('socket', calls.socket(abi.AF_INET, flags)) ??
      tryWithoutDescriptor(calls) ??
      tryWakeUp(opened[0] as number)
    );
  } finally {
    for (const fd of opened) calls.close(fd);
  }
}

/** On no descriptor a call that is there says EBADF, and does nothing. */
function tryWithoutDescriptor(calls: Syscalls): string | null {
  const memory = new Memory(abi.sockaddrBytes);
  const results: Readonly<Record<string, number>> = {
    bind: calls.bind(none, memory, 16),
    listen: calls.listen(none, 1),
    accept4: calls.accept4(none, memory, 0, 28, abi.SOCK_NONBLOCK),
    connect: calls.connect(none, memory, 16),
    recv: calls.recv(none, memory, 0, 16, 0),
    send: calls.send(none, memory, 0, 16, abi.MSG_NOSIGNAL),
    shutdown: calls.shutdown(none, abi.SHUT_WR),
    setsockopt: calls.setOption(none, abi.SOL_SOCKET, abi.SO_KEEPALIVE, 1),
    getsockopt: calls.getOption(none, abi.SOL_SOCKET, abi.SO_ERROR),
    getsockname: calls.getsockname(none, memory, 0, 28),
    getpeername: calls.getpeername(none, memory, 0, 28),
    epoll_ctl: calls.epollControl(none, abi.EPOLL_CTL_ADD, none, memory, 16),
    epoll_wait: calls.epollWait(none, memory, 1, 16, 0),
    write: calls.signal(none),
    close: calls.close(none),
  };
  for (const [name, result] of Object.entries(results))
    if (result !== -abi.EBADF) return `${name}: ${errnoName(result)}`;
  return null;
}

/** Throws where Node's own libuv cannot be had. */
function tryWakeUp(epfd: number): null {
  wakeUp(epfd, () => {}).close();
  return null;
}

function refuse(why: string): Result<null> {
  return { ok: false, error: { code: 'unsupported', message: `the Linux engine cannot run: ${why}` } };
}
