// Moves bytes between two descriptors until both are closed: recv into the thread's one buffer and send from it at once,
// or, in bulk, splice(2) through a pipe without touching them. Only what the other side would not take is kept, and then
// nothing more is read for it. Nothing here allocates while bytes move.
import type { Relay, RelayLimits, RelayReport } from '@sluice/engine';
import * as abi from './abi.ts';
import type { Descriptors, Parts } from './descriptors.ts';
import { flag, phase } from './ends.ts';
import { Running } from './running.ts';

/** Reads of one end before the others get their turn. */
const readsOfTurn = 4;
/** A direction is bulk when it has moved so much and reads come this large. A thread without time to spare gives it a pipe ... */
const bulkBytes = 1 << 20;
const bulkReadBytes = 64 << 10;
/** ... until so little came in each of several turns, or there is time again. */
const trickleBytes = 16 << 10;
const trickleTurns = 16;
const readable = abi.EPOLLIN | abi.EPOLLRDHUP | abi.EPOLLHUP | abi.EPOLLERR;
const endedOrBroken = flag.ended | flag.broken;
const ending = abi.EPOLLRDHUP | abi.EPOLLHUP | abi.EPOLLERR;

export class Relays {
  readonly #parts: Parts;
  readonly #descriptors: Descriptors;
  /** Of both descriptors of each. */
  readonly #running: (Running | undefined)[] = [];
  readonly #lastByteMs: Float64Array;

  constructor(parts: Parts, descriptors: Descriptors, capacity: number) {
    this.#parts = parts;
    this.#descriptors = descriptors;
    this.#lastByteMs = new Float64Array(capacity);
  }

  start(down: number, up: number, limits: RelayLimits, done: (report: RelayReport) => void): Relay {
    const { ends, loop } = this.#parts;
    const running = new Running(ends, down, up, limits, loop.nowMs, done, this);
    for (const fd of [down, up]) {
      ends.phase[fd] = phase.relaying;
      ends.peer[fd] = down + up - fd;
      ends.bytesRead[fd] = 0;
      this.#running[fd] = running;
      this.#lastByteMs[fd] = running.startedMs;
    }
    this.#watch(running);
    // What arrived before has had its edge; and `done` must not be called before this returns.
    if (((ends.flags[down] as number) | (ends.flags[up] as number)) & (flag.readable | flag.broken)) this.#goOn(down);
    return running;
  }

  event(fd: number, events: number): void {
    const { ends } = this.#parts;
    const peer = ends.peer[fd] as number;
    if ((events & readable) !== 0) {
      ends.set(fd, flag.readable | ((events & ending) !== 0 ? flag.ended : 0));
      if ((events & abi.EPOLLPRI) !== 0) ends.set(fd, flag.stopsShort);
      if ((events & abi.EPOLLERR) !== 0) return this.#error(fd, peer);
      // After its FIN every event of an end says readable again.
      if (!this.#waits(peer) && !ends.has(fd, flag.drained)) this.#pump(fd, peer);
    }
    if ((events & abi.EPOLLOUT) !== 0 && this.#waits(fd) && ends.phase[fd] === phase.relaying) this.#flush(peer, fd);
  }

  /** Goes on with both directions of a descriptor's relay. */
  resume(fd: number): void {
    const { ends } = this.#parts;
    ends.clear(fd, flag.waiting);
    const peer = ends.peer[fd] as number;
    for (const [from, to] of [
      [fd, peer],
      [peer, fd],
    ] as const) {
      if (ends.phase[from] !== phase.relaying) return;
      if (ends.has(from, flag.broken)) this.#error(from, to);
      else if (this.#waits(to)) this.#flush(from, to);
      else if (ends.has(from, flag.readable) && !ends.has(from, flag.drained)) this.#pump(from, to);
    }
  }

  due(fd: number): void {
    const running = this.#running[fd] as Running;
    const { loop } = this.#parts;
    const cause = running.overdue(this.#lastMs(running), loop.nowMs);
    if (cause === null) return this.#watch(running);
    running.settle(cause, 'timeout');
    this.#resetBoth(running);
  }

  /** A Relay's `end`. */
  order(running: Running, how: 'close' | 'reset'): void {
    if (running.over) return;
    // Settled and not over: a close that was ordered before still waits for a reader.
    if (!running.settle('ordered', 'ordered')) return how === 'reset' ? this.#cutShort(running) : undefined;
    if (how === 'reset') return this.#resetBoth(running);
    this.#parts.deadlines.clear(running.down);
    for (const fd of [running.down, running.up]) {
      this.#descriptors.closeAfterRest(fd, running.closeMs, () => {
        this.#running[fd] = undefined;
        if (++running.closed === 2) this.#report(running);
      });
    }
  }

  stop(fd: number): void {
    const running = this.#running[fd];
    if (running === undefined) return this.#descriptors.reset(fd);
    running.settle('ordered', 'ordered');
    this.#resetBoth(running);
  }

  #pump(from: number, to: number): void {
    const { calls, ends, pipes, buffer } = this.#parts;
    if (pipes.has(to)) return this.#splice(from, to);
    const size = buffer.byteLength;
    for (let turn = 0; turn < readsOfTurn; turn++) {
      const count = calls.recv(from, buffer, 0, size, 0);
      if (count <= 0) {
        // A send that met the reset has taken the error: what follows it then looks like a clean end.
        if (count === 0 && !ends.has(from, flag.broken)) return this.#ended(from, to);
        if (count === -abi.EAGAIN) return ends.clear(from, flag.readable);
        if (count === -abi.EINTR) continue;
        return this.#broke(from);
      }
      ends.bytesRead[from] = (ends.bytesRead[from] as number) + count;
      this.#lastByteMs[from] = this.#parts.loop.nowMs;
      // A short read has emptied the socket: the next byte brings an edge of its own (epoll(7), question 9). Where FIN
      // was told before the read, there is no next byte: the last bytes wait for it, and leave in one segment with it.
      const emptied = count < size && !ends.has(from, flag.stopsShort);
      const last = emptied && ((ends.flags[from] as number) & endedOrBroken) === flag.ended;
      const sent = calls.send(to, buffer, 0, count, last ? abi.MSG_NOSIGNAL | abi.MSG_MORE : abi.MSG_NOSIGNAL);
      if (sent < count) return this.#blocked(from, to, sent, count);
      if (last) return this.#ended(from, to);
      if (count >= bulkReadBytes && this.#isBulk(from) && pipes.take(to)) return this.#splice(from, to);
      if (emptied && !ends.has(from, flag.ended)) return ends.clear(from, flag.readable);
    }
    this.#goOn(from);
  }

  #isBulk(from: number): boolean {
    const { ends } = this.#parts;
    return (
      this.#parts.spareTime.none && (ends.bytesRead[from] as number) >= bulkBytes && !ends.has(from, flag.stopsShort)
    );
  }

  #splice(from: number, to: number): void {
    const { ends, pipes, loop, spareTime } = this.#parts;
    let moved = 0;
    for (let turn = 0; turn < readsOfTurn; turn++) {
      const count = pipes.fill(from, to);
      // At a mark of urgent data splice stays where it is, and says what it would say of an empty or an ended socket: recv
      // goes past the mark.
      if (count === 0 || (count === -abi.EAGAIN && ends.has(from, flag.stopsShort))) {
        ends.set(from, flag.stopsShort);
        pipes.drop(to);
        return this.#pump(from, to);
      }
      if (count > 0) {
        moved += count;
        ends.bytesRead[from] = (ends.bytesRead[from] as number) + count;
        this.#lastByteMs[from] = loop.nowMs;
      } else if (count !== -abi.EAGAIN) return this.#broke(from);
      else if (pipes.pending(to) === 0) {
        if (pipes.trickles(to, moved < trickleBytes) >= trickleTurns || !spareTime.none) pipes.drop(to);
        return ends.clear(from, flag.readable);
      }
      const sent = pipes.drain(to);
      if (sent < 0 && sent !== -abi.EAGAIN) return this.#refused(from, to);
      if (pipes.pending(to) > 0) return;
    }
    this.#goOn(from);
  }

  /** Whether bytes wait for room in a descriptor; nothing more is read for it then. */
  #waits(to: number): boolean {
    const { leftovers, pipes } = this.#parts;
    return leftovers.length(to) > 0 || pipes.pending(to) > 0;
  }

  #blocked(from: number, to: number, sent: number, count: number): void {
    if (sent < 0 && sent !== -abi.EAGAIN) return this.#refused(from, to);
    this.#parts.leftovers.keep(to, this.#parts.buffer.bytes, Math.max(sent, 0), count);
  }

  /** Sends what waits for `to`; when all is gone, reading goes on. */
  #flush(from: number, to: number): void {
    const { ends, pipes } = this.#parts;
    const sent = pipes.pending(to) > 0 ? pipes.drain(to) : this.#sendLeftover(to);
    if (sent < 0) {
      if (sent !== -abi.EAGAIN) this.#refused(from, to);
      return;
    }
    this.#lastByteMs[to] = this.#parts.loop.nowMs;
    if (this.#waits(to)) return;
    if (ends.has(from, flag.drained)) this.#finishHalf(from, to);
    else if (ends.has(from, flag.readable)) this.#pump(from, to);
  }

  #sendLeftover(to: number): number {
    const { calls, leftovers } = this.#parts;
    const sent = calls.send(to, leftovers.memory(to), leftovers.offset(to), leftovers.length(to), abi.MSG_NOSIGNAL);
    if (sent > 0) leftovers.sent(to, sent);
    return sent;
  }

  /** recv answered 0: the peer sent FIN, and everything before it was read. */
  #ended(from: number, to: number): void {
    const { ends } = this.#parts;
    ends.clear(from, flag.readable);
    ends.set(from, flag.drained);
    const running = this.#running[from] as Running;
    running.told(from, 'end');
    this.#lastByteMs[from] = this.#parts.loop.nowMs;
    if (!this.#waits(to)) this.#finishHalf(from, to);
    if (!running.over) this.#watch(running);
  }

  /** Everything of one direction is sent: FIN goes on, unless the close that is due now sends it anyway. */
  #finishHalf(from: number, to: number): void {
    const { calls, ends } = this.#parts;
    if (ends.has(to, flag.drained) && !this.#waits(from)) return this.#finish(this.#running[from] as Running);
    if (ends.has(to, flag.shut)) return;
    ends.set(to, flag.shut);
    calls.shutdown(to, abi.SHUT_WR);
  }

  #finish(running: Running): void {
    for (const fd of [running.down, running.up]) {
      this.#running[fd] = undefined;
      this.#descriptors.close(fd);
    }
    this.#report(running);
  }

  /** EPOLLERR: what arrived before the reset is still given on where the other side takes it. */
  #error(from: number, to: number): void {
    const { ends } = this.#parts;
    // Broken, not ended: a short read is not the last, the error comes after it.
    ends.set(from, flag.ended | flag.broken);
    if (!this.#waits(to) && !ends.has(from, flag.drained)) this.#pump(from, to);
    if (ends.phase[from] === phase.relaying) this.#broke(from);
  }

  /** It takes no more, which was met before the event that tells it. Where both are broken, nothing can be given on. */
  #refused(from: number, to: number): void {
    if (this.#parts.ends.has(from, flag.broken)) this.#broke(to);
    else this.#error(to, from);
  }

  /** RST on one side is RST on the other: a client must not take a broken answer for a whole one. */
  #broke(from: number): void {
    const running = this.#running[from] as Running;
    running.told(from, 'reset');
    running.settle(from === running.down ? 'downstream-reset' : 'upstream-reset', 'open');
    this.#resetBoth(running);
  }

  #resetBoth(running: Running): void {
    for (const fd of [running.down, running.up]) {
      if (this.#running[fd] !== running) continue;
      this.#running[fd] = undefined;
      this.#descriptors.reset(fd);
    }
    this.#report(running);
  }

  #cutShort(running: Running): void {
    for (const fd of [running.down, running.up]) if (this.#running[fd] === running) this.#descriptors.cutShort(fd);
  }

  #report(running: Running): void {
    running.report();
  }

  #goOn(fd: number): void {
    const { ends, loop } = this.#parts;
    if (ends.has(fd, flag.waiting)) return;
    ends.set(fd, flag.waiting);
    loop.goOn(fd);
  }

  #lastMs(running: Running): number {
    return Math.max(this.#lastByteMs[running.down] as number, this.#lastByteMs[running.up] as number);
  }

  #watch(running: Running): void {
    this.#parts.deadlines.set(running.down, running.dueMs(this.#lastMs(running)));
  }
}
