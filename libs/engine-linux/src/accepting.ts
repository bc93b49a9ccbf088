// The accepting half, in the main thread: listens, takes connections in batches, and puts each in one worker's name
// before the worker hears of it. It reads not one byte.
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
import { Ledger, mostDescriptors } from './ledger.ts';
import { openListener } from './listener.ts';
import { Loop } from './loop.ts';
import { Mailbox, Notes, noteAddressBytes } from './mailbox.ts';
import { errnoName, Memory, type Syscalls, syscalls } from './syscalls.ts';
import type { Seat } from './worker.ts';

/** Connections taken at once, so that everything else in the main thread gets its turn. */
const acceptedAtOnce = 128;
/** Pause of a listener after accept4 said there are no descriptors or memory: the queue stays, it would only spin. */
const exhaustedPauseMs = 50;
/** accept(2): errors of one connection or of the network under it, which are no reason to stop. */
const passing: ReadonlySet<number> = new Set([
  abi.EINTR,
  abi.ECONNABORTED,
  abi.EPERM,
  abi.EPROTO,
  abi.ENETDOWN,
  abi.ENOPROTOOPT,
  abi.EHOSTDOWN,
  abi.ENONET,
  abi.EHOSTUNREACH,
  abi.EOPNOTSUPP,
  abi.ENETUNREACH,
]);

interface Open {
  readonly fd: number;
  readonly listener: number;
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
  readonly #awake = new Set<Mailbox>();
  readonly #open = new Map<number, Open>();
  readonly #loop: Loop;
  readonly #address = new Memory(abi.sockaddrBytes);

  constructor(options: AcceptingOptions, calls: Syscalls) {
    this.#options = options;
    this.#calls = calls;
    const limit = calls.getrlimit(abi.RLIMIT_NOFILE);
    const descriptors = Math.min(typeof limit === 'number' ? mostDescriptors : limit.hard, mostDescriptors);
    this.#ledger = new Ledger(descriptors, calls);
    this.#notes = new Notes(descriptors);
    const epfd = calls.epollCreate(abi.EPOLL_CLOEXEC);
    if (epfd < 0) throw new Error(`epoll_create1: ${errnoName(epfd)}`);
    this.#loop = new Loop(calls, epfd, {
      event: (fd) => this.#accept(fd),
      resume: () => {},
      close: (fd) => void calls.close(fd),
    });
  }

  get closedTwice(): number {
    return this.#ledger.closedTwice;
  }

  owned(worker: number): number {
    return this.#ledger.owned(worker);
  }

  listen(at: ListenAt): Promise<Result<Listening>> {
    const opened = openListener(at, this.#calls);
    if (!opened.ok) return Promise.resolve(opened);
    const { fd, port, unlink } = opened.value;
    const open: Open = {
      fd,
      listener: at.listener,
      where: at.port === port ? `${at.address}:${port}` : at.address,
      exhausted: false,
      timer: undefined,
    };
    this.#open.set(fd, open);
    this.#loop.add(fd, abi.EPOLLIN);
    const close = async () => {
      if (!this.#closeListener(open)) return;
      unlink();
    };
    return Promise.resolve({ ok: true, value: { listener: at.listener, address: at.address, port, close } });
  }

  seat(worker: number): Ticket {
    if (this.#mailboxes.has(worker)) throw new Error(`worker ${worker} has a place already`);
    const eventfd = this.#calls.eventfd(abi.EFD_NONBLOCK | abi.EFD_CLOEXEC);
    if (eventfd < 0) throw new Error(`eventfd: ${errnoName(eventfd)}`);
    const mailbox = new Mailbox({ head: new SharedArrayBuffer(8), eventfd }, this.#notes);
    this.#mailboxes.set(worker, mailbox);
    const message: Seat = {
      worker,
      ledger: this.#ledger.memory,
      notes: this.#notes.memory,
      mailbox: mailbox.memory,
    };
    return { message, transfer: [] };
  }

  unseat(worker: number): void {
    const mailbox = this.#mailboxes.get(worker);
    if (mailbox === undefined) return;
    this.#mailboxes.delete(worker);
    this.#calls.close(mailbox.memory.eventfd);
    const before = this.#ledger.closedTwice;
    this.#ledger.sweep(worker);
    const twice = this.#ledger.closedTwice - before;
    if (twice > 0) this.#fault(engineError('EBADF', `${twice} descriptors of worker ${worker} were closed already`));
  }

  async close(): Promise<void> {
    for (const open of [...this.#open.values()]) this.#closeListener(open);
    this.#loop.stop();
    for (const { memory } of this.#mailboxes.values()) this.#calls.close(memory.eventfd);
    this.#mailboxes.clear();
  }

  #closeListener(open: Open): boolean {
    if (this.#open.get(open.fd) !== open) return false;
    this.#open.delete(open.fd);
    clearTimeout(open.timer);
    this.#loop.close(open.fd);
    return true;
  }

  #accept(listening: number): void {
    const open = this.#open.get(listening);
    if (open === undefined) return;
    const flags = abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC;
    for (let i = 0; i < acceptedAtOnce; i++) {
      this.#address.words.fill(0, 0, noteAddressBytes >> 2);
      const fd = this.#calls.accept4(open.fd, this.#address, 0, noteAddressBytes, flags);
      if (fd >= 0) {
        open.exhausted = false;
        this.#place(fd, open);
      } else if (fd === -abi.EAGAIN) break;
      else if (!passing.has(-fd)) {
        this.#pause(open, fd);
        break;
      }
    }
    for (const mailbox of this.#awake) mailbox.wake(this.#calls);
    this.#awake.clear();
  }

  #place(fd: number, open: Open): void {
    const worker = this.#options.place(open.listener);
    const mailbox = this.#mailboxes.get(worker);
    if (mailbox === undefined || fd >= this.#ledger.capacity) {
      this.#calls.setLinger(fd, 1, 0);
      this.#calls.close(fd);
      return;
    }
    this.#ledger.give(fd, worker);
    this.#notes.write(fd, open.listener, this.#address);
    if (mailbox.push(fd)) this.#awake.add(mailbox);
  }

  /** Said once until a connection gets through again. */
  #pause(open: Open, result: number): void {
    if (!open.exhausted) this.#fault(engineError(errnoName(result), `accept on ${open.where}`));
    open.exhausted = true;
    this.#loop.remove(open.fd);
    open.timer = setTimeout(() => this.#loop.add(open.fd, abi.EPOLLIN), exhaustedPauseMs);
  }

  #fault(error: EngineError): void {
    // Never from within the loop over accepted connections: they must all be handed over first.
    setImmediate(() => this.#options.onFault(error));
  }
}
