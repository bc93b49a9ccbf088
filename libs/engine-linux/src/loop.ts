// A worker's epoll set inside Node's own event loop, so that timers, messages and name look-ups go on in the same
// thread. Descriptors are registered once, edge-triggered for both directions (epoll(7)), and never changed. Closes are
// collected to the end of a batch: the number of a closed descriptor must not come back while its events are handled.
import { createRequire } from 'node:module';
import * as abi from './abi.ts';
import type { Ledger } from './ledger.ts';
import { Memory, type Syscalls } from './syscalls.ts';

/** Events taken at once; more wait for the next batch, so that timers and messages get their turn. */
const eventsOfBatch = 512;

export interface Handlers {
  /** `events`: EPOLLIN ... as epoll_wait told them. */
  event(fd: number, events: number): void;
  /** Go on with an end that asked for it by `goOn`. */
  resume(fd: number): void;
}

type Poll = ReturnType<typeof import('koffi').node.poll>;

export class Loop {
  readonly #calls: Syscalls;
  readonly #ledger: Ledger;
  readonly #epfd: number;
  readonly #handlers: Handlers;
  readonly #layout = abi.epollLayout(process.arch);
  readonly #events = new Memory(eventsOfBatch * 16);
  readonly #event = new Memory(16);
  /** The handle must stay reachable: collected, it goes silent. */
  readonly #poll: Poll;
  readonly #closing: number[] = [];
  #waiting: number[] = [];
  #later: (() => void)[] = [];
  #inBatch = false;
  #scheduled = false;
  #stopped = false;
  #nowMs = 0;
  /** Set where something above the seam was called: its promises and ticks run only once Node gets the turn. */
  told = false;

  constructor(calls: Syscalls, ledger: Ledger, owner: number, handlers: Handlers) {
    this.#calls = calls;
    this.#ledger = ledger;
    this.#handlers = handlers;
    this.#epfd = ledger.epoll(owner, abi.EPOLL_CLOEXEC);
    if (this.#epfd < 0) throw new Error(`epoll_create1: errno ${-this.#epfd}`);
    this.#poll = pollReadable(this.#epfd, this.#onReadable);
  }

  /** Milliseconds on performance.now()'s clock; within a batch the moment it began. */
  get nowMs(): number {
    return this.#inBatch ? this.#nowMs : performance.now();
  }

  /** Answers 0 or minus the errno: ENOSPC (fs.epoll.max_user_watches), ENOMEM. */
  add(fd: number, events: number): number {
    const { words } = this.#event;
    words[0] = events | abi.EPOLLET;
    words[this.#layout.dataWord] = fd;
    return this.#calls.epollControl(this.#epfd, abi.EPOLL_CTL_ADD, fd, this.#event, 16);
  }

  remove(fd: number): void {
    this.#calls.epollControl(this.#epfd, abi.EPOLL_CTL_DEL, fd, this.#event, 16);
  }

  close(fd: number): void {
    if (this.#inBatch) this.#closing.push(fd);
    else this.#ledger.close(fd);
  }

  /** Comes back to the descriptor after the others had their turn. */
  goOn(fd: number): void {
    this.#waiting.push(fd);
    this.#schedule();
  }

  /** Calls back after the caller's caller has returned. */
  later(call: () => void): void {
    this.#later.push(call);
    this.#schedule();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#poll.close();
    for (const fd of this.#closing.splice(0)) this.#ledger.close(fd);
    this.#ledger.close(this.#epfd);
  }

  readonly #onReadable = (): void => {
    if (!this.#stopped) this.#batch(true);
  };

  readonly #onImmediate = (): void => {
    this.#scheduled = false;
    if (!this.#stopped && (this.#waiting.length > 0 || this.#later.length > 0)) this.#batch(this.#waiting.length > 0);
  };

  #schedule(): void {
    if (this.#scheduled || this.#inBatch) return;
    this.#scheduled = true;
    setImmediate(this.#onImmediate);
  }

  #batch(wait: boolean): void {
    this.#inBatch = true;
    this.#nowMs = performance.now();
    this.told = false;
    if (wait) this.#dispatch();
    this.#resume();
    const calls = this.#later;
    if (calls.length > 0) {
      this.#later = [];
      for (const call of calls) this.#guard(call);
      this.told = true;
    }
    this.#inBatch = false;
    const closing = this.#closing;
    for (let i = 0; i < closing.length; i++) this.#ledger.close(closing[i] as number);
    closing.length = 0;
    if (this.#stopped) return;
    // A poll callback is no callback scope of Node's: without this, promises of the session would wait for a timer.
    if (this.told || this.#waiting.length > 0 || this.#later.length > 0) this.#schedule();
  }

  #dispatch(): void {
    const { words, dataWord } = this.#layout;
    const events = this.#events.words;
    const count = this.#calls.epollWait(this.#epfd, this.#events, eventsOfBatch, words * 4, 0);
    for (let i = 0, at = 0; i < count && !this.#stopped; i++, at += words) {
      try {
        this.#handlers.event(events[at + dataWord] as number, events[at] as number);
      } catch (cause) {
        this.fail(cause);
      }
    }
  }

  #resume(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const fd of waiting) {
      if (this.#stopped) return;
      try {
        this.#handlers.resume(fd);
      } catch (cause) {
        this.fail(cause);
      }
    }
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (cause) {
      this.fail(cause);
    }
  }

  /** Thrown above the seam: it must reach the thread's uncaughtException, and the rest of the batch must go on. */
  fail(cause: unknown): void {
    setImmediate(() => {
      throw cause;
    });
  }
}

/** uv_poll on a descriptor, level-triggered, of this thread's own event loop. */
export function pollReadable(fd: number, ready: () => void): Poll {
  const { node } = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  return node.poll(fd, ready);
}
