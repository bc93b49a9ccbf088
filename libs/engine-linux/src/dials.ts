// Connects to endpoints with a deadline: connect(2) without waiting, then EPOLLOUT or an error says how it went. The
// caller tries another endpoint; this file never does.
import { type DialTo, type End, type EngineError, engineError, type Keepalive, type Result } from '@sluice/engine';
import * as abi from './abi.ts';
import type { Descriptors, Parts } from './descriptors.ts';
import { flag, phase } from './ends.ts';
import type { Ledger } from './ledger.ts';
import { familyOf, writeAddress } from './socket-address.ts';
import { errnoName, Memory } from './syscalls.ts';

type Done = (result: Result<End>) => void;

interface Dial {
  readonly to: DialTo;
  readonly done: Done;
}

export class Dials {
  readonly #parts: Parts;
  readonly #descriptors: Descriptors;
  readonly #ledger: Ledger;
  readonly #owner: number;
  readonly #address = new Memory(abi.sockaddrBytes);
  readonly #dials: (Dial | undefined)[] = [];

  constructor(parts: Parts, descriptors: Descriptors, ledger: Ledger, owner: number) {
    this.#parts = parts;
    this.#descriptors = descriptors;
    this.#ledger = ledger;
    this.#owner = owner;
  }

  start(to: DialTo, done: Done): () => void {
    const { loop, deadlines, ends } = this.#parts;
    const fd = this.#connect(to);
    if (fd < 0) {
      const error = engineError(errnoName(fd), `cannot connect to ${where(to)}`);
      let givenUp = false;
      loop.later(() => done({ ok: false, error: givenUp ? aborted(to) : error }));
      return () => {
        givenUp = true;
      };
    }
    const end = this.#descriptors.open(fd, phase.dialing, isUnix(to) ? flag.stopsShort : 0);
    if (end === null) {
      loop.later(() => done({ ok: false, error: engineError('ENOSPC', `cannot watch ${where(to)}`) }));
      return () => {};
    }
    const dial = { to, done };
    this.#dials[fd] = dial;
    deadlines.set(fd, loop.nowMs + to.timeoutMs);
    return () => {
      if (this.#dials[fd] === dial && ends.phase[fd] === phase.dialing) this.#fail(fd, aborted(to));
    };
  }

  event(fd: number, events: number): void {
    const { calls, ends, deadlines } = this.#parts;
    const { to, done } = this.#dials[fd] as Dial;
    // A unix socket whose peer has closed is told as EPOLLHUP alone: it was connected, and may have been greeted.
    const failed = isUnix(to) ? abi.EPOLLERR : abi.EPOLLERR | abi.EPOLLHUP;
    if ((events & failed) !== 0) {
      const error = calls.getOption(fd, abi.SOL_SOCKET, abi.SO_ERROR);
      // A connection that was made and reset before this turn has its error taken; it is a reset, whatever it says.
      const name = error > 0 ? errnoName(-error) : 'ECONNRESET';
      return this.#fail(fd, engineError(name, `cannot connect to ${where(to)}`));
    }
    if ((events & abi.EPOLLOUT) === 0) return;
    this.#dials[fd] = undefined;
    deadlines.clear(fd);
    ends.phase[fd] = phase.held;
    done({ ok: true, value: ends.end(fd) });
  }

  due(fd: number): void {
    const { to } = this.#dials[fd] as Dial;
    this.#fail(fd, { code: 'timeout', message: `${where(to)} did not answer within ${to.timeoutMs} ms` });
  }

  stop(fd: number): void {
    this.#fail(fd, aborted((this.#dials[fd] as Dial).to));
  }

  #fail(fd: number, error: EngineError): void {
    const { done } = this.#dials[fd] as Dial;
    this.#dials[fd] = undefined;
    this.#descriptors.close(fd);
    done({ ok: false, error });
  }

  /** A descriptor that is connecting, or minus the errno. */
  #connect(to: DialTo): number {
    const { calls } = this.#parts;
    const family = familyOf(to.address);
    const length = family === null ? -1 : writeAddress(this.#address.bytes, to.address, to.port, calls);
    if (family === null || length < 0) return -abi.EINVAL;
    const fd = this.#ledger.socket(this.#owner, family, abi.SOCK_STREAM | abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC);
    if (fd < 0) return fd;
    if (family !== abi.AF_UNIX) {
      calls.setOption(fd, abi.IPPROTO_TCP, abi.TCP_NODELAY, 1);
      if (to.keepalive !== null) this.#keepAlive(fd, to.keepalive);
    }
    const result = calls.connect(fd, this.#address, length);
    if (result === 0 || result === -abi.EINPROGRESS) return fd;
    this.#parts.loop.close(fd);
    return result;
  }

  #keepAlive(fd: number, { probes, timeSeconds, intervalSeconds }: Keepalive): void {
    const { calls } = this.#parts;
    calls.setOption(fd, abi.SOL_SOCKET, abi.SO_KEEPALIVE, 1);
    if (probes > 0) calls.setOption(fd, abi.IPPROTO_TCP, abi.TCP_KEEPCNT, probes);
    if (timeSeconds > 0) calls.setOption(fd, abi.IPPROTO_TCP, abi.TCP_KEEPIDLE, timeSeconds);
    if (intervalSeconds > 0) calls.setOption(fd, abi.IPPROTO_TCP, abi.TCP_KEEPINTVL, intervalSeconds);
  }
}

function isUnix(to: DialTo): boolean {
  return to.address.startsWith('unix://');
}

function where(to: DialTo): string {
  return isUnix(to) ? to.address : `${to.address}:${to.port}`;
}

function aborted(to: DialTo): EngineError {
  return { code: 'aborted', message: `gave up connecting to ${where(to)}` };
}
