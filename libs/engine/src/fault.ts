// One reading of the system's error names (errno(3)) for all engines. Pure.
import type { EngineError } from './seam.ts';

/** What each code means, and what to do about it: docs/errors.md is made from this. */
export const engineErrors: Readonly<Record<EngineError['code'], { readonly meaning: string; readonly solve: string }>> =
  {
    'address-in-use': {
      meaning: 'another process, or another listener, has the address and port',
      solve:
        'stop it (ss -ltnp names it), or give the Gateway another port; SLUICE_REUSE_PORT=on lets acceptors share one',
    },
    'address-not-available': {
      meaning: 'this machine does not have the address',
      solve: 'correct server.bind or SLUICE_BIND (ip address lists what there is)',
    },
    permission: {
      meaning: 'the system forbids it: a port below 1024, a path, a firewall rule',
      solve: 'give CAP_NET_BIND_SERVICE or net.ipv4.ip_unprivileged_port_start, or use a higher port',
    },
    refused: {
      meaning: 'nothing listens at the endpoint',
      solve: 'start it, or remove it from the resources; other endpoints of the cluster are tried',
    },
    unreachable: {
      meaning: 'there is no way to the endpoint, or its name has no address',
      solve: 'check routes and names',
    },
    timeout: {
      meaning: 'the endpoint did not answer in time',
      solve: 'check the endpoint and firewalls; connectionPool.tcp.connectTimeout sets the time (default 10 s)',
    },
    reset: { meaning: 'the other side broke the connection off', solve: 'look at its own log' },
    descriptors: {
      meaning: 'the process or the system has no descriptors or buffers left',
      solve: 'raise the limit (ulimit -n, LimitNOFILE), or bound sessions by SLUICE_MAX_SESSIONS',
    },
    aborted: { meaning: 'it was given up: an operator or a drain ended the session', solve: 'nothing' },
    unsupported: {
      meaning: 'the engine or the system cannot do it',
      solve: 'the message says what; SLUICE_ENGINE=node runs everywhere',
    },
    tls: {
      meaning: 'the TLS handshake with the client failed',
      solve: 'the message says what was wrong: versions, ciphers, or the certificate of the client',
    },
    other: { meaning: 'an error that Sluice has no word for', solve: "the message names the system's own (errno(3))" },
  };

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
