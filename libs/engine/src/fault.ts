// One reading of the system's error names (errno(3)) for all engines. Pure.
import type { EngineError } from './seam.ts';

const codes: Readonly<Record<string, EngineError['code']>> = {
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-available',
  EACCES: 'permission',
  EPERM: 'permission',
  ECONNREFUSED: 'refused',
  ENOENT: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EMFILE: 'descriptors',
  ENFILE: 'descriptors',
  ENOBUFS: 'descriptors',
  ENOSYS: 'unsupported',
  EAFNOSUPPORT: 'unsupported',
};

/** `errno`: the system's name such as ECONNREFUSED ('' where unknown); `what`: what was tried, for the message. */
export function engineError(errno: string, what: string): EngineError {
  return { code: codes[errno] ?? 'other', message: errno === '' ? what : `${what}: ${errno}` };
}
