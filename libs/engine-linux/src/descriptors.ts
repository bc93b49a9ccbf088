// Opens, closes and resets a worker's ends, with what waits to be sent on them. It must not know what an end is for.
import type { End } from '@sluice/engine';
import * as abi from './abi.ts';
import type { Deadlines } from './deadlines.ts';
import { type Ends, flag, type Phase, phase } from './ends.ts';
import type { Leftovers } from './leftovers.ts';
import type { Loop } from './loop.ts';
import type { Pipes } from './pipes.ts';
import type { SpareTime } from './spare-time.ts';
import type { Memory, Syscalls } from './syscalls.ts';

/** Reads of unread bytes before a close. Closing with bytes unread sends RST (RFC 2525 2.17), which FIN was asked for. */
const swallowedReads = 8;

/** Registered once for both directions, edge-triggered: never a second epoll_ctl (epoll(7)). */
const everything = abi.EPOLLIN | abi.EPOLLPRI | abi.EPOLLOUT | abi.EPOLLRDHUP | abi.EPOLLET;

/** What all parts of a worker work with. */
export interface Parts {
  readonly calls: Syscalls;
  readonly ends: Ends;
  readonly leftovers: Leftovers;
  readonly pipes: Pipes;
  readonly deadlines: Deadlines;
  readonly loop: Loop;
  readonly spareTime: SpareTime;
  /** The one receive buffer of the thread. */
  readonly buffer: Memory;
}

export class Descriptors {
  readonly #parts: Parts;
  readonly #closed: ((() => void) | undefined)[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Registers a descriptor; null (and it is closed) where the system has no room to watch it. */
  open(fd: number, as: Phase, flags: number): End | null {
    const { ends, loop } = this.#parts;
    if (loop.add(fd, everything) < 0) {
      loop.close(fd);
      return null;
    }
    return ends.open(fd, as, flags);
  }

  /** Closes at once: the kernel sends what it holds, then FIN. What waits here is dropped. */
  close(fd: number): void {
    const { ends, leftovers, pipes, deadlines, loop } = this.#parts;
    leftovers.drop(fd);
    pipes.drop(fd);
    deadlines.clear(fd);
    ends.free(fd);
    loop.close(fd);
  }

  /** Takes the end out of the engine without closing it. */
  release(fd: number): void {
    const { ends, leftovers, deadlines, loop } = this.#parts;
    loop.remove(fd);
    leftovers.drop(fd);
    deadlines.clear(fd);
    ends.free(fd);
  }

  /** RST (socket(7), SO_LINGER with 0 seconds). */
  reset(fd: number): void {
    this.#parts.calls.setLinger(fd, 1, 0);
    this.close(fd);
  }

  /** Sends what waits here, then closes, by reset where that takes longer; `closed` comes after that, maybe at once. */
  closeAfterRest(fd: number, withinMs: number, closed: (() => void) | undefined): void {
    const { ends, leftovers, pipes, deadlines, loop } = this.#parts;
    if (pipes.pending(fd) > 0) pipes.empty(fd, leftovers);
    if (leftovers.length(fd) > 0 && this.#send(fd) && leftovers.length(fd) > 0) {
      ends.phase[fd] = phase.closing;
      this.#closed[fd] = closed;
      deadlines.set(fd, loop.nowMs + withinMs);
      return;
    }
    this.#swallow(fd);
    this.close(fd);
    closed?.();
  }

  /** An event of an end in phase.closing. */
  event(fd: number, events: number): void {
    // Read, lest closing answer it with RST, which would drop what is on its way to the peer.
    if ((events & abi.EPOLLIN) !== 0) {
      this.#parts.ends.set(fd, flag.readable);
      this.#swallow(fd);
    }
    const open = (events & abi.EPOLLERR) === 0 && this.#send(fd);
    if (open && this.#parts.leftovers.length(fd) > 0) return;
    if (open) this.#swallow(fd);
    this.close(fd);
    this.#tell(fd);
  }

  /** Resets an end in phase.closing: it took too long, or was ordered to end at once. */
  cutShort(fd: number): void {
    this.reset(fd);
    this.#tell(fd);
  }

  #tell(fd: number): void {
    const closed = this.#closed[fd];
    this.#closed[fd] = undefined;
    closed?.();
  }

  /** False where the peer is gone. */
  #send(fd: number): boolean {
    const { calls, leftovers } = this.#parts;
    const sent = calls.send(fd, leftovers.memory(fd), leftovers.offset(fd), leftovers.length(fd), abi.MSG_NOSIGNAL);
    if (sent > 0) leftovers.sent(fd, sent);
    return sent >= 0 || sent === -abi.EAGAIN;
  }

  #swallow(fd: number): void {
    const { calls, ends, buffer } = this.#parts;
    if (!ends.has(fd, flag.readable)) return;
    for (let i = 0; i < swallowedReads; i++) {
      if (calls.recv(fd, buffer, 0, buffer.byteLength, 0) <= 0) return ends.clear(fd, flag.readable);
    }
  }
}
