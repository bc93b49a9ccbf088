// Whether this machine can run the engine, asked once at start by making the calls it stands on. It must not throw.
import type { Result } from '@sluice/engine';
import * as abi from './abi.ts';
import { errnoName, Memory, syscalls } from './syscalls.ts';

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
  const memory = new Memory(abi.sockaddrBytes);
  const flags = abi.SOCK_STREAM | abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC;
  try {
    return (
      step('epoll_create1', calls.epollCreate(abi.EPOLL_CLOEXEC)) ??
      step('eventfd', calls.eventfd(abi.EFD_NONBLOCK | abi.EFD_CLOEXEC)) ??
      step('socket', calls.socket(abi.AF_INET, flags)) ??
      step('epoll_ctl', watch(calls, opened, memory), abi.EINVAL) ??
      // A socket that does not listen: EINVAL says that the call itself is there.
      step('accept4', calls.accept4(opened[2] as number, memory, 0, 28, abi.SOCK_NONBLOCK), abi.EINVAL)
    );
  } finally {
    for (const fd of opened.slice(0, 3)) calls.close(fd);
  }
}

function watch(calls: ReturnType<typeof syscalls>, opened: readonly number[], memory: Memory): number {
  memory.words[0] = abi.EPOLLIN;
  const result = calls.epollControl(opened[0] as number, abi.EPOLL_CTL_ADD, opened[1] as number, memory, 16);
  return result === 0 ? -abi.EINVAL : result;
}

function refuse(why: string): Result<null> {
  return { ok: false, error: { code: 'unsupported', message: `the Linux engine cannot run: ${why}` } };
}
