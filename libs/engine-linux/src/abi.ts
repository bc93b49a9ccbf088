// Numbers of the Linux ABI as its headers give them, the same on x64 and arm64 except where said. Pure.
// Only what syscalls.ts and its callers use. `node scripts/src/abi-check.ts` holds every number here to the headers of
// glibc and musl on both architectures; a new architecture must pass it first.

/** Architectures whose layouts this file knows; both are little-endian. */
export const knownArchitectures: readonly string[] = ['x64', 'arm64'];

/** epoll_event is packed on x64 only (epoll_ctl(2), sys/epoll.h): 12 bytes there, 16 elsewhere. In 32-bit words. */
export interface EpollLayout {
  readonly words: number;
  /** Word of data.fd; the events are word 0. */
  readonly dataWord: number;
}

export function epollLayout(architecture: string): EpollLayout {
  return architecture === 'x64' ? { words: 3, dataWord: 1 } : { words: 4, dataWord: 2 };
}

// asm-generic/errno-base.h, errno.h
export const EPERM = 1;
export const ENOENT = 2;
export const EINTR = 4;
export const EBADF = 9;
export const EAGAIN = 11;
export const EINVAL = 22;
export const ENFILE = 23;
export const EMFILE = 24;
export const EPROTO = 71;
export const ENOTSOCK = 88;
export const EOPNOTSUPP = 95;
export const EADDRINUSE = 98;
export const ENETDOWN = 100;
export const ENETUNREACH = 101;
export const ECONNABORTED = 103;
export const ENOBUFS = 105;
export const EHOSTDOWN = 112;
export const EHOSTUNREACH = 113;
export const EINPROGRESS = 115;
export const ENOMEM = 12;
export const ENONET = 64;
export const ENOPROTOOPT = 92;

// bits/socket.h
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const SHUT_WR = 1;
export const MSG_PEEK = 0x2;
export const MSG_MORE = 0x8000;
export const MSG_NOSIGNAL = 0x4000;

// asm-generic/socket.h, netinet/tcp.h, netinet/in.h
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_KEEPALIVE = 9;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_COOKIE = 57;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;

// sys/epoll.h, sys/eventfd.h
export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLLIN = 0x1;
export const EPOLLPRI = 0x2;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
export const EPOLLRDHUP = 0x2000;
/** Bit 31: as a signed word, for it is written into an Int32Array. */
export const EPOLLET = 1 << 31;
export const EFD_NONBLOCK = 0o4000;
export const EFD_CLOEXEC = 0o2000000;

// fcntl.h
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const F_SETPIPE_SZ = 1031;
export const SPLICE_F_MOVE = 1;
export const SPLICE_F_NONBLOCK = 2;

// sys/resource.h
export const RLIMIT_NOFILE = 7;

// net/if.h
export const IF_NAMESIZE = 16;

/** sockaddr_storage is 128 bytes; the largest address used here is sockaddr_un with 110. */
export const sockaddrBytes = 128;

/** Sizes, and offsets of fields, of the structs that are written and read as bytes; epoll_event has a layout of its own. */
export const structs = {
  sockaddr_in: { size: 16, sin_port: 2, sin_addr: 4 },
  sockaddr_in6: { size: 28, sin6_port: 2, sin6_addr: 8, sin6_scope_id: 24 },
  sockaddr_un: { size: 110, sun_path: 2 },
  sockaddr_storage: { size: sockaddrBytes, ss_family: 0 },
  linger: { size: 8, l_onoff: 0, l_linger: 4 },
  rlimit: { size: 16, rlim_cur: 0, rlim_max: 8 },
} as const;
