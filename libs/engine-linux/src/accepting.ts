// The accepting half, in the main thread: listens, takes connections in batches, and puts each in one worker's name
// before the worker hears of it. It reads not one byte.
import { availableParallelism } from 'node:os';
import {
  type AcceptingEngine,
  type AcceptingOptions,
  type EngineError,
  engineError,
  type ListenAt,
  type Listening,
  type Result,
  type Ticket,
} from '@sluice/engine';
import * as abi from './abi.ts';
import { exhaustedPauseMs, Intake } from './intake.ts';
import { Ledger, mostDescriptors } from './ledger.ts';
import { openListener } from './listener.ts';
import { Loop } from './loop.ts';
import { Mailbox, Notes } from './mailbox.ts';
import { errnoName, Memory, type Syscalls, syscalls } from './syscalls.ts';
import type { Seat } from './worker.ts';

/** Listeners looked at in one turn; the others' turn comes next. */
const readyAtOnce = 64;
/** How long a worker's turn may put connections off. */
const putOffMs = 2;
const cores = availableParallelism();
const layout = abi.epollLayout(process.arch);
interface Open {
  readonly fd: number;
  readonly where: string;
  exhausted: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** What the accepting half tells its tests and metrics beside the seam. */
export interface LinuxAccepting extends AcceptingEngine {
  /** Descriptors in a worker's name. */
  owned(worker: number): number;
  /** How often a close found its descriptor closed already; anything but 0 is a bug. */
  readonly closedTwice: number;
}

export function openAccepting(options: AcceptingOptions): LinuxAccepting {
  return new Accepting(options, syscalls());
}

class Accepting implements LinuxAccepting {
  readonly name = 'linux';
  readonly #options: AcceptingOptions;
  readonly #calls: Syscalls;
  readonly #ledger: Ledger;
  readonly #notes: Notes;
  readonly #mailboxes = new Map<number, Mailbox>();
  readonly #epfds = new Map<number, number>();
  readonly #open = new Map<number, Open>();
  readonly #loop: Loop;
  /** An epoll set of the listeners alone, itself in the loop's: all of them are put off by one call. */
  readonly #listeners: number;
  /** Signalled by workers at the end of a turn. */
  readonly #eventfd: number;
  readonly #ready = new Memory(readyAtOnce * 16);
  readonly #event = new Memory(16);
  readonly #timer: NodeJS.Timeout;
  readonly #intake: Intake;
  #putOff = false;
  /** The epoll set of a lone worker that serves; -1 = none. */
  #loneEpfd = -1;

  constructor(options: AcceptingOptions, calls: Syscalls) {
    this.#options = options;
    this.#calls = calls;
    const limit = calls.getrlimit(abi.RLIMIT_NOFILE);
    const descriptors = Math.min(typeof limit === 'number' ? mostDescriptors : limit.hard, mostDescriptors);
    this.#ledger = new Ledger(descriptors, calls);
    this.#notes = new Notes(descriptors);
    this.#intake = new Intake({
      notes: this.#notes,
      accept: (listening, address, length, flags) => calls.accept4(listening, address, 0, length, flags),
      taken: (fd) => this.#place(fd),
      refuse: (fd) => this.#reset(fd),
    });
    this.#listeners = opened('epoll_create1', calls.epollCreate(abi.EPOLL_CLOEXEC));
    this.#eventfd = opened('eventfd', calls.eventfd(abi.EFD_NONBLOCK | abi.EFD_CLOEXEC));
    this.#loop = new Loop(calls, opened('epoll_create1', calls.epollCreate(abi.EPOLL_CLOEXEC)), {
      event: (fd) => (fd === this.#eventfd ? this.#acceptPutOff() : this.#acceptOrPutOff()),
      resume: () => {},
      begin: () => {},
      end: () => false,
      close: (fd) => void calls.close(fd),
    });
    this.#loop.add(this.#listeners, abi.EPOLLIN);
    this.#loop.add(this.#eventfd, abi.EPOLLIN | abi.EPOLLET);
    this.#timer = setTimeout(() => this.#acceptPutOff(), putOffMs).unref();
  }

  get closedTwice(): number {
    return this.#ledger.closedTwice;
  }

  owned(worker: number): number {
    return this.#ledger.owned(worker);
  }

  listen(at: ListenAt): Promise<Result<Listening>> {
    const opened = openListener(at, this.#calls, {
      bound: (fd, address) => this.#notes.listens(fd, at.listener, address),
      unbound: (fd) => this.#notes.listensNoMore(fd),
    });
    if (!opened.ok) return Promise.resolve(opened);
    const { fd, port, unlink } = opened.value;
    const where = at.port === port ? `${at.address}:${port}` : at.address;
    const open: Open = { fd, where, exhausted: false, timer: undefined };
    this.#open.set(fd, open);
    this.#watch(fd);
    const close = async () => {
      this.#takeRest(open, at.backlog);
      if (!this.#closeListener(open)) return;
      unlink();
    };
    return Promise.resolve({ ok: true, value: { listener: at.listener, address: at.address, port, close } });
  }

  seat(worker: number): Ticket {
    if (this.#mailboxes.has(worker)) throw new Error(`worker ${worker} has a place already`);
    const eventfd = opened('eventfd', this.#calls.eventfd(abi.EFD_NONBLOCK | abi.EFD_CLOEXEC));
    const mailbox = new Mailbox(eventfd, this.#notes);
    this.#mailboxes.set(worker, mailbox);
    const message: Seat = {
      worker,
      epfd: opened('epoll_create1', this.#ledger.epoll(worker, abi.EPOLL_CLOEXEC)),
      ledger: this.#ledger.memory,
      notes: this.#notes.memory,
      mailbox: mailbox.memory,
      acceptingEventfd: this.#eventfd,
    };
    this.#epfds.set(worker, message.epfd);
    return { message, transfer: [] };
  }

  serves(worker: number): void {
    if (!this.#options.lone) return;
    this.#loneEpfd = this.#epfds.get(worker) ?? -1;
    for (const fd of this.#open.keys()) this.#watch(fd);
  }

  unseat(worker: number): void {
    const mailbox = this.#mailboxes.get(worker);
    if (mailbox === undefined) return;
    this.#mailboxes.delete(worker);
    // What comes now waits in the listening sockets, for the worker that takes the place.
    if (this.#options.lone) this.#loneEpfd = -1;
    this.#epfds.delete(worker);
    this.#calls.close(mailbox.memory.eventfd);
    const before = this.#ledger.closedTwice;
    this.#ledger.sweep(worker);
    const twice = this.#ledger.closedTwice - before;
    if (twice > 0) this.#fault(engineError('EBADF', `${twice} descriptors of worker ${worker} were closed already`));
  }

  async close(): Promise<void> {
    for (const open of [...this.#open.values()]) this.#closeListener(open);
    clearTimeout(this.#timer);
    this.#loop.stop();
    this.#calls.close(this.#listeners);
    this.#calls.close(this.#eventfd);
    for (const { memory } of this.#mailboxes.values()) this.#calls.close(memory.eventfd);
    this.#mailboxes.clear();
  }

  /** Those that wait in its queue have been told that they are connected: with the socket they would be reset. */
  #takeRest(open: Open, most: number): void {
    if (this.#open.get(open.fd) !== open) return;
    for (let left = most; left > 0; ) {
      const taken = this.#intake.take(open.fd);
      if (taken === 0) break;
      left -= taken;
    }
    for (const mailbox of this.#mailboxes.values()) mailbox.wake(this.#calls);
  }

  #closeListener(open: Open): boolean {
    if (this.#open.get(open.fd) !== open) return false;
    this.#open.delete(open.fd);
    clearTimeout(open.timer);
    this.#notes.listensNoMore(open.fd);
    this.#loop.close(open.fd);
    return true;
  }

  /**
   * Where the accepting thread has no core to itself, each connection it takes at once costs a worker that is in a turn
   * two switches of threads: they are put off to the end of that turn, and taken together.
   */
  #acceptOrPutOff(): void {
    if (this.#everyWorkerIsBusy()) {
      for (const mailbox of this.#mailboxes.values()) mailbox.askToBeTold();
      // One whose turn ended meanwhile would never tell.
      if (this.#everyWorkerIsBusy()) {
        this.#loop.remove(this.#listeners);
        this.#putOff = true;
        this.#timer.refresh();
        return;
      }
    }
    this.#acceptReady();
  }

  /** A turn has ended, or lasted too long. While connections keep coming the workers go on telling. */
  #acceptPutOff(): void {
    if (!this.#putOff) return;
    for (const mailbox of this.#mailboxes.values()) mailbox.askToBeTold();
    if (this.#acceptReady() > 0) this.#timer.refresh();
    else {
      this.#putOff = false;
      this.#loop.add(this.#listeners, abi.EPOLLIN);
    }
  }

  #everyWorkerIsBusy(): boolean {
    if (this.#mailboxes.size < cores) return false;
    for (const mailbox of this.#mailboxes.values()) if (!mailbox.busy) return false;
    return true;
  }

  /** Answers how many connections were taken. */
  #acceptReady(): number {
    const { words, dataWord } = layout;
    const count = this.#calls.epollWait(this.#listeners, this.#ready, readyAtOnce, words * 4, 0);
    let taken = 0;
    for (let i = 0; i < count; i++) taken += this.#accept(this.#ready.words[i * words + dataWord] as number);
    for (const mailbox of this.#mailboxes.values()) mailbox.wake(this.#calls);
    return taken;
  }

  #accept(listening: number): number {
    const open = this.#open.get(listening);
    if (open === undefined) return 0;
    const taken = this.#intake.take(listening);
    if (taken > 0) open.exhausted = false;
    if (this.#intake.exhausted < 0) this.#pause(open, this.#intake.exhausted);
    return taken;
  }

  #place(fd: number): void {
    const worker = this.#options.place(this.#notes.listener(fd));
    const mailbox = this.#mailboxes.get(worker);
    if (mailbox === undefined || fd >= this.#ledger.capacity) return this.#reset(fd);
    this.#ledger.give(fd, worker);
    mailbox.push(fd);
  }

  #reset(fd: number): void {
    this.#calls.setLinger(fd, 1, 0);
    this.#calls.close(fd);
  }

  /** Said once until a connection gets through again. */
  #pause(open: Open, result: number): void {
    if (!open.exhausted) this.#fault(engineError(errnoName(result), `accept on ${open.where}`));
    open.exhausted = true;
    this.#calls.epollControl(this.#listeners, abi.EPOLL_CTL_DEL, open.fd, this.#event, 16);
    open.timer = setTimeout(() => this.#watch(open.fd), exhaustedPauseMs);
  }

  #watch(fd: number): void {
    const epfd = this.#options.lone ? this.#loneEpfd : this.#listeners;
    if (epfd < 0) return;
    this.#event.words[0] = abi.EPOLLIN;
    this.#event.words[layout.dataWord] = fd;
    this.#calls.epollControl(epfd, abi.EPOLL_CTL_ADD, fd, this.#event, 16);
  }

  #fault(error: EngineError): void {
    // Never from within the loop over accepted connections: they must all be handed over first.
    setImmediate(() => this.#options.onFault(error));
  }
}

function opened(what: string, result: number): number {
  if (result < 0) throw new Error(`${what}: ${errnoName(result)}`);
  return result;
}
