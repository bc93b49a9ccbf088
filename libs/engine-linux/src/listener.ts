// Opens a listening socket: TCP over IPv4 or IPv6, or a unix socket by path or abstract name.
import { lstatSync, unlinkSync } from 'node:fs';
import { engineError, type ListenAt, type Result } from '@sluice/engine';
import * as abi from './abi.ts';
import { familyOf, readAddress, unixPath, writeAddress } from './socket-address.ts';
import { errnoName, Memory, type Syscalls } from './syscalls.ts';

export interface Opened {
  readonly fd: number;
  /** 0 for unix sockets. */
  readonly port: number;
  /** Removes a unix socket's path; to be called after the descriptor is closed. */
  unlink(): void;
}

/** Told of a socket that is being opened. */
export interface Opening {
  /** Between bind(2) and listen(2), with the address the socket has, port included. */
  bound(fd: number, address: Memory): void;
  /** It was bound and is given up. Before close(2), from which on its number may be another thread's. */
  unbound(fd: number): void;
}

/**
 * Errors by code: address-in-use, address-not-available, permission, descriptors, unsupported.
 */
export function openListener(at: ListenAt, calls: Syscalls, opening: Opening): Result<Opened> {
  const what = `cannot listen on ${at.address}${at.address.startsWith('unix://') ? '' : `:${at.port}`}`;
  const address = new Memory(abi.sockaddrBytes);
  const family = familyOf(at.address);
  const length = family === null ? -1 : writeAddress(address.bytes, at.address, at.port, calls);
  if (family === null || length < 0) return { ok: false, error: engineError('EADDRNOTAVAIL', what) };
  const fd = calls.socket(family, abi.SOCK_STREAM | abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC);
  if (fd < 0) return { ok: false, error: engineError(errnoName(fd), what) };
  const failed = (result: number): Result<Opened> => {
    calls.close(fd);
    return { ok: false, error: engineError(errnoName(result), what) };
  };
  for (const [level, name, value] of options(at, family)) {
    const set = calls.setOption(fd, level, name, value);
    if (set < 0) return failed(set);
  }
  const path = unixPath(at.address);
  let result = calls.bind(fd, address, length);
  if (result === -abi.EADDRINUSE && path !== null && abandoned(path, address, length, calls)) {
    unlinkSync(path);
    result = calls.bind(fd, address, length);
  }
  if (result < 0) return failed(result);
  calls.getsockname(fd, address, 0, abi.sockaddrBytes);
  opening.bound(fd, address);
  const listening = calls.listen(fd, at.backlog);
  if (listening < 0) {
    opening.unbound(fd);
    return failed(listening);
  }
  const unlink = () => {
    if (path === null || path.startsWith('\0')) return;
    try {
      unlinkSync(path);
    } catch {
      // Someone else removed it, which is what was wanted.
    }
  };
  return { ok: true, value: { fd, port: readAddress(address.bytes, 0, calls).port, unlink } };
}

function options(at: ListenAt, family: number): (readonly [number, number, number])[] {
  if (family === abi.AF_UNIX) return [];
  const set: (readonly [number, number, number])[] = [
    [abi.SOL_SOCKET, abi.SO_REUSEADDR, 1],
    // Accepted sockets inherit it (tcp(7)): one call a listener, not one a connection.
    [abi.IPPROTO_TCP, abi.TCP_NODELAY, 1],
  ];
  if (at.reusePort) set.push([abi.SOL_SOCKET, abi.SO_REUSEPORT, 1]);
  if (family === abi.AF_INET6) set.push([abi.IPPROTO_IPV6, abi.IPV6_V6ONLY, at.address === '::' ? 0 : 1]);
  return set;
}

/** A socket left by a process that died: nobody answers there (unix(7)). A file of another kind is not ours to remove. */
function abandoned(path: string, address: Memory, length: number, calls: Syscalls): boolean {
  if (path.startsWith('\0') || !lstatSync(path).isSocket()) return false;
  const probe = calls.socket(abi.AF_UNIX, abi.SOCK_STREAM | abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC);
  if (probe < 0) return false;
  const result = calls.connect(probe, address, length);
  calls.close(probe);
  return errnoName(result) === 'ECONNREFUSED';
}
