// Every system call the engine makes, declared once: its man page's name, types and errors. Nothing else in the engine
// touches a pointer: calls take a Memory with an offset and a length, and both are checked here against the buffer.
// A call answers as the kernel does: 0 or more when it worked, minus the errno when not. It never throws for an errno.

import { F_SETPIPE_SZ, IF_NAMESIZE, SO_COOKIE, SO_LINGER, SOL_SOCKET, structs } from './abi.ts';
import { koffi, libc } from './native.ts';

type Native = (...args: number[]) => number;

/**
 * C prototypes. Pointers are spelled uintptr_t and travel as numbers, because the memory they point into is pinned and
 * located once (see Memory); size_t and ssize_t are spelled as the word they are on both known architectures. They are
 * held to the headers by scripts/src/abi-check.ts, for which a uintptr_t called `len` or `count` is a size.
 */
export const prototypes = {
  /** socket(2): EACCES EAFNOSUPPORT EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT */
  socket: 'int socket(int domain, int type, int protocol)',
  /** bind(2): EACCES EADDRINUSE EADDRNOTAVAIL EINVAL ENOENT ENOTDIR EROFS */
  bind: 'int bind(int fd, uintptr_t addr, uint32_t addrlen)',
  /** listen(2): EADDRINUSE EOPNOTSUPP */
  listen: 'int listen(int fd, int backlog)',
  /** accept4(2): EAGAIN ECONNABORTED EMFILE ENFILE ENOBUFS ENOMEM EPERM EPROTO, and errors of the network (EHOSTUNREACH ...) */
  accept4: 'int accept4(int fd, uintptr_t addr, uintptr_t addrlen, int flags)',
  /** connect(2): EINPROGRESS EAGAIN ECONNREFUSED ENETUNREACH EADDRNOTAVAIL EACCES EPERM ENOENT ETIMEDOUT */
  connect: 'int connect(int fd, uintptr_t addr, uint32_t addrlen)',
  /** recv(2): EAGAIN ECONNRESET ENOTCONN ETIMEDOUT */
  recv: 'intptr_t recv(int fd, uintptr_t buf, uintptr_t len, int flags)',
  /** send(2): EAGAIN ECONNRESET EPIPE ENOBUFS ENOTCONN */
  send: 'intptr_t send(int fd, uintptr_t buf, uintptr_t len, int flags)',
  /** shutdown(2): ENOTCONN */
  shutdown: 'int shutdown(int fd, int how)',
  /** close(2): EBADF (an error of ours: someone closed it before), EIO */
  close: 'int close(int fd)',
  /** setsockopt(2): ENOPROTOOPT EINVAL */
  setsockopt: 'int setsockopt(int fd, int level, int name, uintptr_t value, uint32_t length)',
  /** getsockopt(2): ENOPROTOOPT EINVAL */
  getsockopt: 'int getsockopt(int fd, int level, int name, uintptr_t value, uintptr_t length)',
  /** getsockname(2): EBADF ENOBUFS */
  getsockname: 'int getsockname(int fd, uintptr_t addr, uintptr_t addrlen)',
  /** getpeername(2): EBADF ENOTCONN */
  getpeername: 'int getpeername(int fd, uintptr_t addr, uintptr_t addrlen)',
  /** epoll_create1(2): EMFILE ENFILE ENOMEM */
  epoll_create1: 'int epoll_create1(int flags)',
  /** epoll_ctl(2): EEXIST ENOENT ENOMEM ENOSPC EPERM */
  epoll_ctl: 'int epoll_ctl(int epfd, int op, int fd, uintptr_t event)',
  /** epoll_wait(2): EINTR */
  epoll_wait: 'int epoll_wait(int epfd, uintptr_t events, int maxevents, int timeout)',
  /** eventfd(2): EMFILE ENFILE ENODEV ENOMEM */
  eventfd: 'int eventfd(unsigned int initval, int flags)',
  /** pipe2(2): EMFILE ENFILE (also pipe-user-pages-hard, pipe(7)) */
  pipe2: 'int pipe2(uintptr_t fds, int flags)',
  /** fcntl(2), F_SETPIPE_SZ only: EPERM (above pipe-max-size or pipe-user-pages-soft) EBUSY */
  fcntl: 'int fcntl(int fd, int command, int argument)',
  /** splice(2): EAGAIN EINVAL (the file system or socket cannot) EPIPE ECONNRESET */
  splice:
    'intptr_t splice(int in, uintptr_t inOffset, int out, uintptr_t outOffset, uintptr_t len, unsigned int flags)',
  /** read(2), on a pipe only: EAGAIN */
  read: 'intptr_t read(int fd, uintptr_t buf, uintptr_t count)',
  /** write(2), on an eventfd only: EAGAIN (its counter is at the top, so the reader is woken anyway) */
  write: 'intptr_t write(int fd, uintptr_t buf, uintptr_t count)',
  /** getrlimit(2): EINVAL */
  getrlimit: 'int getrlimit(int resource, uintptr_t rlim)',
  /** if_nametoindex(3): 0 where there is no such interface */
  if_nametoindex: 'unsigned int if_nametoindex(uintptr_t ifname)',
  /** if_indextoname(3): NULL where there is no such interface */
  if_indextoname: 'uintptr_t if_indextoname(unsigned int ifindex, uintptr_t ifname)',
} as const;

type Name = keyof typeof prototypes;

/** Below this V8 may keep a typed array's bytes on its own heap, where the collector moves them (64 by default). */
const leastBytes = 128;

let addressOf: (memory: Memory, offset: number, length: number) => number;

/** Bytes the kernel may read and write: a buffer that never moves, together with where it lies. */
export class Memory {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly byteLength: number;
  readonly #base: number;

  static {
    addressOf = (memory, offset, length) => {
      if (!(offset >= 0 && length >= 0 && offset + length <= memory.byteLength))
        throw new RangeError(`${length} bytes at ${offset} do not lie in ${memory.byteLength} bytes of memory`);
      return memory.#base + offset;
    };
  }

  /** `held`: how many bytes to allocate, or shared bytes to use; a multiple of 4. Kept as long as this object lives. */
  constructor(held: number | SharedArrayBuffer) {
    const buffer = typeof held === 'number' ? new ArrayBuffer(Math.max(leastBytes, (held + 7) & ~7)) : held;
    this.bytes = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.byteLength = buffer.byteLength;
    this.#base = Number(koffi().address(this.bytes));
  }
}

export type Syscalls = ReturnType<typeof declare>;

/**
 * Descriptors by number, and what their cell says while they are open; 0 once they are closed. The cell is
 * written in one function with the native call: a thread can be terminated at the start of any function of JavaScript and
 * of some built-in ones (Atomics.store is one), and at any turn of a loop, but at neither side of a native call.
 */
export interface Claim {
  readonly cells: Int32Array;
  /** Of `cells`: reading it there is a call. */
  readonly length: number;
  readonly mark: number;
}

const nobody: Claim = { cells: new Int32Array(0), length: 0, mark: 0 };

let opened: Syscalls | undefined;

/** The calls, declared once in each thread. Throws where koffi or a symbol cannot be had: see supported(). */
export function syscalls(): Syscalls {
  opened ??= declare();
  return opened;
}

function declare() {
  const errno = koffi().errno as () => number;
  const library = libc();
  const raw = Object.fromEntries(
    Object.entries(prototypes).map(([name, prototype]) => [name, library.func(prototype)]),
  ) as unknown as Record<Name, Native>;
  // Own constants, so that the optimizer sees a fixed callee in each of the hot ones.
  const { recv, send, close, splice, epoll_wait, epoll_ctl, accept4, socket, connect, setsockopt, getsockopt } = raw;
  const { pipe2 } = raw;
  const scratch = new Memory(leastBytes);
  const scratchAt = addressOf(scratch, 0, leastBytes);
  const option = (fd: number, level: number, name: number, bytes: number) =>
    setsockopt(fd, level, name, scratchAt, bytes) === 0 ? 0 : -errno();
  const nameOf = (call: Native, fd: number, memory: Memory, offset: number, length: number) => {
    scratch.words[0] = length;
    return call(fd, addressOf(memory, offset, length), scratchAt) === 0 ? (scratch.words[0] ?? 0) : -errno();
  };

  return {
    socket(domain: number, type: number, { cells, length, mark } = nobody): number {
      const fd = socket(domain, type, 0);
      if (fd >= 0 && fd < length) cells[fd] = mark;
      return fd >= 0 ? fd : -errno();
    },
    /** The peer's address goes to `memory` at `offset`, at most `length` bytes. */
    accept4(fd: number, memory: Memory, offset: number, length: number, flags: number, claim = nobody): number {
      const { cells, mark } = claim;
      const most = claim.length;
      scratch.words[0] = length;
      const accepted = accept4(fd, addressOf(memory, offset, length), scratchAt, flags);
      if (accepted >= 0 && accepted < most) cells[accepted] = mark;
      return accepted >= 0 ? accepted : -errno();
    },
    /** The cell is cleared first: from the close on, another thread may hold the same number. */
    close(fd: number, { cells, length } = nobody): number {
      if (fd >= 0 && fd < length) cells[fd] = 0;
      return close(fd) === 0 ? 0 : -errno();
    },
    bind: (fd: number, address: Memory, length: number): number =>
      raw.bind(fd, addressOf(address, 0, length), length) === 0 ? 0 : -errno(),
    listen: (fd: number, backlog: number): number => (raw.listen(fd, backlog) === 0 ? 0 : -errno()),
    connect: (fd: number, address: Memory, length: number): number =>
      connect(fd, addressOf(address, 0, length), length) === 0 ? 0 : -errno(),
    recv(fd: number, memory: Memory, offset: number, length: number, flags: number): number {
      const count = recv(fd, addressOf(memory, offset, length), length, flags);
      return count >= 0 ? count : -errno();
    },
    send(fd: number, memory: Memory, offset: number, length: number, flags: number): number {
      const count = send(fd, addressOf(memory, offset, length), length, flags);
      return count >= 0 ? count : -errno();
    },
    shutdown: (fd: number, how: number): number => (raw.shutdown(fd, how) === 0 ? 0 : -errno()),
    /** An option of one int. */
    setOption(fd: number, level: number, name: number, value: number): number {
      scratch.words[0] = value;
      return option(fd, level, name, 4);
    },
    /** SO_LINGER takes struct linger { int l_onoff; int l_linger; } (socket(7)). */
    setLinger(fd: number, on: number, seconds: number): number {
      scratch.words[0] = on;
      scratch.words[1] = seconds;
      return option(fd, SOL_SOCKET, SO_LINGER, structs.linger.size);
    },
    /** An option of one int that is 0 or more. */
    getOption(fd: number, level: number, name: number): number {
      scratch.words[0] = 0;
      scratch.words[1] = 4;
      return getsockopt(fd, level, name, scratchAt, scratchAt + 4) === 0 ? (scratch.words[0] ?? 0) : -errno();
    },
    /** SO_COOKIE, the socket's own number as long as the system runs, into two words at `at`; 0 or minus the errno. */
    getCookie(fd: number, words: Int32Array, at: number): number {
      scratch.words[2] = 8;
      if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, scratchAt, scratchAt + 8) !== 0) return -errno();
      words[at] = scratch.words[0] ?? 0;
      words[at + 1] = scratch.words[1] ?? 0;
      return 0;
    },
    /** Answers the length of the address written to `memory`. */
    getsockname: (fd: number, memory: Memory, offset: number, length: number): number =>
      nameOf(raw.getsockname, fd, memory, offset, length),
    getpeername: (fd: number, memory: Memory, offset: number, length: number): number =>
      nameOf(raw.getpeername, fd, memory, offset, length),
    epollCreate(flags: number): number {
      const fd = raw.epoll_create1(flags);
      return fd >= 0 ? fd : -errno();
    },
    /** `event`: one epoll_event, laid out as abi.ts says. */
    epollControl: (epfd: number, operation: number, fd: number, event: Memory, length: number): number =>
      epoll_ctl(epfd, operation, fd, addressOf(event, 0, length)) === 0 ? 0 : -errno(),
    /** `count` events of `size` bytes each fit into `events`. */
    epollWait(epfd: number, events: Memory, count: number, size: number, timeoutMs: number): number {
      const ready = epoll_wait(epfd, addressOf(events, 0, count * size), count, timeoutMs);
      return ready >= 0 ? ready : -errno();
    },
    eventfd(flags: number): number {
      const fd = raw.eventfd(0, flags);
      return fd >= 0 ? fd : -errno();
    },
    /** The read end goes to word 0 of `ends`, the write end to word 1. */
    pipe(ends: Memory, flags: number, { cells, length, mark } = nobody): number {
      const { words } = ends;
      const result = pipe2(addressOf(ends, 0, 8), flags);
      if (result === 0) {
        const readEnd = words[0] as number;
        const writeEnd = words[1] as number;
        if (readEnd < length) cells[readEnd] = mark;
        if (writeEnd < length) cells[writeEnd] = mark;
      }
      return result === 0 ? 0 : -errno();
    },
    /** Answers the size it has now. */
    setPipeSize(fd: number, bytes: number): number {
      const size = raw.fcntl(fd, F_SETPIPE_SZ, bytes);
      return size >= 0 ? size : -errno();
    },
    /** One of the two is a pipe; neither has an offset. */
    splice(from: number, to: number, length: number, flags: number): number {
      const count = splice(from, 0, to, 0, length, flags);
      return count >= 0 ? count : -errno();
    },
    readPipe(fd: number, memory: Memory, offset: number, length: number): number {
      const count = raw.read(fd, addressOf(memory, offset, length), length);
      return count >= 0 ? count : -errno();
    },
    /** Adds one to an eventfd's counter (eventfd(2) takes 8 bytes in the machine's order). */
    signal(fd: number): number {
      scratch.words[0] = 1;
      scratch.words[1] = 0;
      return raw.write(fd, scratchAt, 8) === 8 ? 0 : -errno();
    },
    /** struct rlimit is two unsigned words of 64 bits; RLIM_INFINITY comes as Infinity. */
    getrlimit(resource: number): { readonly soft: number; readonly hard: number } | number {
      if (raw.getrlimit(resource, scratchAt) !== 0) return -errno();
      const both = new BigUint64Array(scratch.bytes.buffer, 0, 2);
      const read = (at: number) => (both[at] === 0xffff_ffff_ffff_ffffn ? Infinity : Number(both[at]));
      return { soft: read(0), hard: read(1) };
    },
    interfaceIndex(name: string): number {
      const bytes = Buffer.from(`${name}\0`);
      if (bytes.length > IF_NAMESIZE) return 0;
      scratch.bytes.set(bytes);
      return raw.if_nametoindex(scratchAt);
    },
    interfaceName(index: number): string {
      if (raw.if_indextoname(index, scratchAt) === 0) return '';
      return Buffer.from(scratch.bytes.subarray(0, scratch.bytes.indexOf(0))).toString();
    },
  };
}

/** The errno's name such as ECONNREFUSED; `result` is what a call answered, negative. */
export function errnoName(result: number): string {
  const { errno } = koffi().os;
  for (const name of Object.keys(errno)) if (errno[name] === -result && !name.startsWith('EWOULD')) return name;
  return `errno ${-result}`;
}
