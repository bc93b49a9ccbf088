// The relaying half: takes descriptors over from the accepting thread, and gives each event to whatever its end is
// doing. What the parts know of an end lies in ends.ts; this file is the seam's face of them.
import { Socket } from 'node:net';
import type { Address, End, EndAddresses, WorkerEngine, WorkerEngineOptions } from '@sluice/engine';
import * as abi from './abi.ts';
import { Addresses } from './addresses.ts';
import { Deadlines } from './deadlines.ts';
import { Descriptors, type Parts } from './descriptors.ts';
import { Dials } from './dials.ts';
import { Ends, flag, phase } from './ends.ts';
import { Ledger, type LedgerMemory } from './ledger.ts';
import { Leftovers } from './leftovers.ts';
import { Loop } from './loop.ts';
import { Mailbox, type MailboxMemory, Notes } from './mailbox.ts';
import { OwnIntake } from './own-intake.ts';
import { Peeks } from './peeks.ts';
import { Pipes } from './pipes.ts';
import { Relays } from './relays.ts';
import { loopWorkedShare, SpareTime } from './spare-time.ts';
import { Memory, syscalls } from './syscalls.ts';

/** One recv takes at the most this; above it throughput on one core no longer grew (docs/performance.md). */
const receiveBufferBytes = 256 << 10;

/** How long an end in no relay may take to accept what was queued for it before it is closed; then it is reset. */
const closeWithinMs = 10_000;

/** What a seat's ticket carries. */
export interface Seat {
  readonly worker: number;
  /** Its epoll set, in its name. A lone worker's has the listening sockets too. */
  readonly epfd: number;
  readonly ledger: LedgerMemory;
  readonly notes: SharedArrayBuffer;
  readonly mailbox: MailboxMemory;
  /** Of the accepting thread; signalled when it asked to be told of the end of a turn. */
  readonly acceptingEventfd: number;
}

/** `workedShare`: of this thread, see SpareTime. */
export function openWorker(
  ticket: unknown,
  options: WorkerEngineOptions,
  workedShare: () => number = loopWorkedShare(),
): WorkerEngine {
  return new LinuxWorker(ticket as Seat, options, new SpareTime(workedShare));
}

class LinuxWorker implements WorkerEngine {
  readonly name = 'linux';
  readonly #options: WorkerEngineOptions;
  readonly #parts: Parts;
  readonly #ledger: Ledger;
  readonly #worker: number;
  readonly #notes: Notes;
  readonly #mailbox: Mailbox;
  readonly #eventfd: number;
  readonly #acceptingEventfd: number;
  readonly #descriptors: Descriptors;
  readonly #relays: Relays;
  readonly #dials: Dials;
  readonly #peeks: Peeks;
  readonly #intake: OwnIntake;
  readonly #addresses: Addresses;

  constructor(seat: Seat, options: WorkerEngineOptions, spareTime: SpareTime) {
    const calls = syscalls();
    this.#options = options;
    this.#ledger = new Ledger(seat.ledger, calls);
    this.#worker = seat.worker;
    this.#notes = new Notes(seat.notes);
    this.#mailbox = new Mailbox(seat.mailbox, this.#notes);
    this.#eventfd = seat.mailbox.eventfd;
    this.#acceptingEventfd = seat.acceptingEventfd;
    const { capacity } = this.#ledger;
    this.#parts = {
      calls,
      ends: new Ends(capacity),
      leftovers: new Leftovers(capacity),
      pipes: new Pipes(calls, this.#ledger, seat.worker, capacity),
      deadlines: new Deadlines(capacity, (fd) => this.#due(fd)),
      loop: new Loop(calls, seat.epfd, {
        event: (fd, events) => this.#event(fd, events),
        resume: (fd) => this.#resume(fd),
        begin: () => this.#begin(),
        end: () => this.#end(),
        close: (fd) => this.#ledger.close(fd),
      }),
      spareTime,
      buffer: new Memory(receiveBufferBytes),
    };
    this.#addresses = new Addresses(calls, this.#parts.ends, this.#notes);
    this.#descriptors = new Descriptors(this.#parts);
    this.#relays = new Relays(this.#parts, this.#descriptors, capacity);
    this.#dials = new Dials(this.#parts, this.#descriptors, this.#ledger, seat.worker);
    this.#peeks = new Peeks(this.#parts);
    this.#intake = new OwnIntake({
      calls,
      loop: this.#parts.loop,
      ledger: this.#ledger,
      owner: seat.worker,
      notes: this.#notes,
      session: options,
      taken: (fd, listening) => this.#accepted(fd, listening),
    });
    this.#parts.loop.add(this.#eventfd, abi.EPOLLIN | abi.EPOLLET);
  }

  addresses(end: End): EndAddresses {
    return this.#addresses.both(this.#parts.ends.descriptor(end));
  }

  localAddress(end: End): Address {
    return this.#addresses.local(this.#parts.ends.descriptor(end));
  }

  peek(end: End, ...[limits, look, done]: Tail<WorkerEngine['peek']>): void {
    this.#peeks.start(this.#descriptor(end, phase.held), limits, look, done);
  }

  discard(end: End, count: number): void {
    const { calls, ends, buffer } = this.#parts;
    const fd = ends.descriptor(end);
    for (let left = count; left > 0; ) {
      const dropped = calls.recv(fd, buffer, 0, Math.min(left, buffer.byteLength), 0);
      if (dropped <= 0) return;
      left -= dropped;
    }
  }

  preface(end: End, bytes: Uint8Array): void {
    const { calls, ends, leftovers, buffer } = this.#parts;
    const fd = ends.descriptor(end);
    if (leftovers.length(fd) > 0) {
      const waiting = Buffer.from(
        leftovers.memory(fd).bytes.subarray(leftovers.offset(fd)).subarray(0, leftovers.length(fd)),
      );
      leftovers.drop(fd);
      const all = Buffer.concat([waiting, bytes]);
      return leftovers.keep(fd, all, 0, all.length);
    }
    buffer.bytes.set(bytes, 0);
    const sent = Math.max(0, calls.send(fd, buffer, 0, bytes.length, abi.MSG_NOSIGNAL));
    // What does not fit, or met an error that the relay will meet again, waits.
    if (sent < bytes.length) leftovers.keep(fd, bytes, sent, bytes.length);
  }

  dial(...[to, done]: Parameters<WorkerEngine['dial']>): () => void {
    return this.#dials.start(to, done);
  }

  relay(...[downstream, upstream, limits, done]: Parameters<WorkerEngine['relay']>) {
    const down = this.#descriptor(downstream, phase.held);
    return this.#relays.start(down, this.#descriptor(upstream, phase.held), limits, done);
  }

  close(end: End): void {
    const fd = this.#parts.ends.descriptor(end);
    this.#abortPeek(fd);
    this.#descriptors.closeAfterRest(fd, closeWithinMs, undefined);
  }

  reset(end: End): void {
    const fd = this.#parts.ends.descriptor(end);
    this.#abortPeek(fd);
    this.#descriptors.reset(fd);
  }

  detach(end: End): Socket {
    const fd = this.#descriptor(end, phase.held);
    this.#descriptors.release(fd);
    const take = () => new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
    return this.#ledger.leave(fd, this.#worker, take);
  }

  held(): number {
    return this.#parts.ends.held;
  }

  stop(): void {
    const { ends, loop, pipes, deadlines } = this.#parts;
    for (let fd = 0; fd < ends.phase.length && ends.held > 0; fd++) {
      const doing = ends.phase[fd];
      if (doing === phase.relaying) this.#relays.stop(fd);
      else if (doing === phase.dialing) this.#dials.stop(fd);
      else if (doing === phase.closing) this.#descriptors.cutShort(fd);
      else if (doing !== phase.free) {
        this.#abortPeek(fd);
        if (ends.phase[fd] !== phase.free) this.#descriptors.reset(fd);
      }
    }
    for (let fd = this.#mailbox.take(); fd !== 0; fd = this.#mailbox.take()) this.#ledger.close(fd);
    this.#intake.stop();
    deadlines.stop();
    pipes.stop();
    loop.stop();
  }

  #event(fd: number, events: number): void {
    const { ends } = this.#parts;
    switch (ends.phase[fd]) {
      case phase.relaying:
        return this.#relays.event(fd, events);
      case phase.dialing:
        // The endpoint may have spoken, or ended, in the same edge that tells it is connected.
        this.#note(fd, events);
        return this.#dials.event(fd, events);
      case phase.held:
        return this.#note(fd, events);
      case phase.peeking:
        this.#note(fd, events);
        return this.#peeks.event(fd);
      case phase.closing:
        return this.#descriptors.event(fd, events);
      // An end closed earlier in this batch, the eventfd, which has done its work by waking the thread, or a listener.
      case phase.free:
        return this.#intake.event(fd);
    }
  }

  #begin(): void {
    this.#parts.spareTime.look(this.#parts.loop.nowMs);
    this.#mailbox.beginTurn();
    this.#take();
  }

  #end(): boolean {
    if (this.#mailbox.endTurn()) this.#parts.calls.signal(this.#acceptingEventfd);
    return !this.#mailbox.empty;
  }

  /** Edges come once: what an end is told while nobody reads is kept for who will. */
  #note(fd: number, events: number): void {
    const { ends } = this.#parts;
    let seen = 0;
    if ((events & ~abi.EPOLLOUT) !== 0) seen |= flag.readable;
    if ((events & (abi.EPOLLRDHUP | abi.EPOLLHUP | abi.EPOLLERR)) !== 0) seen |= flag.ended;
    if ((events & abi.EPOLLERR) !== 0) seen |= flag.broken;
    if ((events & abi.EPOLLPRI) !== 0) seen |= flag.stopsShort;
    ends.set(fd, seen);
  }

  #resume(fd: number): void {
    if (this.#parts.ends.phase[fd] === phase.relaying) this.#relays.resume(fd);
  }

  #due(fd: number): void {
    switch (this.#parts.ends.phase[fd]) {
      case phase.relaying:
        return this.#relays.due(fd);
      case phase.dialing:
        return this.#dials.due(fd);
      case phase.peeking:
        return this.#peeks.finish(fd, 'timeout');
      case phase.closing:
        return this.#descriptors.cutShort(fd);
    }
  }

  #take(): void {
    for (let fd = this.#mailbox.take(); fd !== 0; fd = this.#mailbox.take()) this.#accepted(fd, -1);
  }

  #accepted(fd: number, listening: number): void {
    const unix = this.#notes.bytes[this.#notes.addressAt(fd)] === abi.AF_UNIX;
    const end = this.#descriptors.open(fd, phase.held, flag.accepted | (unix ? flag.stopsShort : 0));
    if (end === null) return;
    this.#addresses.accepted(fd, listening);
    try {
      this.#options.accepted(end, this.#notes.listener(fd));
    } catch (cause) {
      this.#parts.loop.fail(cause);
    }
  }

  #descriptor(end: End, expected: number): number {
    const { ends } = this.#parts;
    const fd = ends.descriptor(end);
    if (ends.phase[fd] !== expected) throw new Error(`end ${end} is in a peek or a relay already`);
    return fd;
  }

  #abortPeek(fd: number): void {
    if (this.#parts.ends.phase[fd] === phase.peeking) this.#peeks.finish(fd, 'aborted');
  }
}

type Tail<F> = F extends (first: never, ...rest: infer R) => unknown ? R : never;
