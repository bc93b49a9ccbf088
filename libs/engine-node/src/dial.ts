// Connects to an endpoint with a deadline. The caller tries another endpoint; this file never does.
import { connect, type Socket } from 'node:net';
import { type DialTo, engineError, type Result } from '@sluice/engine';
import { unixPath } from './address.ts';
import { deadline } from './deadline.ts';

export function dial(to: DialTo, done: (result: Result<Socket>) => void): () => void {
  const path = unixPath(to.address);
  const where = path === null ? `${to.address}:${to.port}` : to.address;
  const socket = connect(
    path === null
      ? { host: to.address, port: to.port, noDelay: true, allowHalfOpen: true }
      : { path, allowHalfOpen: true },
  );
  let settled = false;
  const settle = (result: Result<Socket>) => {
    if (settled) return;
    settled = true;
    callOff();
    socket.off('error', failed);
    socket.off('connect', connected);
    if (!result.ok) {
      socket.on('error', () => {});
      socket.destroy();
    }
    done(result);
  };
  const failed = (error: NodeJS.ErrnoException) =>
    settle({ ok: false, error: engineError(error.code ?? '', `cannot connect to ${where}`) });
  const connected = () => {
    const { keepalive } = to;
    // Node sets the idle time only (TCP_KEEPIDLE); probes and interval stay the system's.
    if (keepalive !== null) socket.setKeepAlive(true, keepalive.timeSeconds * 1000);
    settle({ ok: true, value: socket });
  };
  const callOff = deadline(to.timeoutMs, () => settle({ ok: false, error: timedOut(where, to.timeoutMs) }));
  socket.on('error', failed);
  socket.on('connect', connected);
  return () => settle({ ok: false, error: { code: 'aborted', message: `gave up connecting to ${where}` } });
}

function timedOut(where: string, timeoutMs: number) {
  return { code: 'timeout', message: `${where} did not answer within ${timeoutMs} ms` } as const;
}
