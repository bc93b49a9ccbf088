// An epoll set inside Node's own event loop, so that timers, messages and name look-ups go on in the same thread.
// Descriptors are registered once and never changed. Closes are collected to the end of a batch: the number of a closed
// descriptor must not come back while its events are handled.
import * as abi from './abi.ts';
import { Memory, type Syscalls } from './syscalls.ts';
import { type WakeUp, wakeUp } from './wake-up.ts';

/** Events taken at once; more wait for the next batch, so that timers and messages get their turn. */
const eventsOfBatch = 512;

/**
 * Looks for events in one turn, while there are any and the turn is short: under load most looks find a few, and to come
 * round Node's event loop costs as much as handling them.
 */
const looksOfTurn = 8;
const lookAgainWithinMs = 1;

export interface Handlers {
  /** `events`: EPOLLIN ... as epoll_wait told them. */
  event(fd: number, events: number): void;
  /** Go on with an end that asked for it by `goOn`. */
  resume(fd: number): void;
  /** A turn begins: events have come, or someone asked for a turn. */
  begin(): void;
  /** It ends; true asks for another at once. */
  end(): boolean;
  /** Close a descriptor; at the end of the batch where it was asked for within one. */
  close(fd: number): void;
}

export class Loop {
  readonly #calls: Syscalls;
  readonly #epfd: number;
  readonly #handlers: Handlers;
  readonly #layout = abi.epollLayout(process.arch);
  readonly #events = new Memory(eventsOfBatch * 16);
  readonly #event = new Memory(16);
  readonly #wakeUp: WakeUp;
  readonly #closing: number[] = [];
  #waiting: number[] = [];
  #later: (() => void)[] = [];
  #inBatch = false;
  #scheduled = false;
  #stopped = false;
  #nowMs = 0;

  /** `epfd`: an epoll descriptor, closed by the handlers' `close` when the loop stops. */
  constructor(calls: Syscalls, epfd: number, handlers: Handlers) {
    this.#calls = calls;
    this.#handlers = handlers;
    this.#epfd = epfd;
    this.#wakeUp = wakeUp(epfd, () => this.#turn());
  }

  /** Milliseconds on performance.now()'s clock; within a batch the moment it began. */
  get nowMs(): number {
    return this.#inBatch ? this.#nowMs : performance.now();
  }

  /** `events`: EPOLLIN ... Answers 0 or minus the errno: ENOSPC (fs.epoll.max_user_watches), ENOMEM. */
  add(fd: number, events: number): number {
    const { words } = this.#event;
    words[0] = events;
    words[this.#layout.dataWord] = fd;
    return this.#calls.epollControl(this.#epfd, abi.EPOLL_CTL_ADD, fd, this.#event, 16);
  }

  remove(fd: number): void {
    this.#calls.epollControl(this.#epfd, abi.EPOLL_CTL_DEL, fd, this.#event, 16);
  }

  close(fd: number): void {
    if (this.#inBatch) this.#closing.push(fd);
    else this.#handlers.close(fd);
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
    this.#wakeUp.close();
    for (const fd of this.#closing.splice(0)) this.#handlers.close(fd);
    this.#handlers.close(this.#epfd);
  }

  /** Makes the event loop come round at once. */
  #schedule(): void {
    if (this.#scheduled || this.#inBatch) return;
    this.#scheduled = true;
    setImmediate(nothing);
  }

  #turn(): void {
    this.#scheduled = false;
    this.#inBatch = true;
    this.#nowMs = performance.now();
    this.#handlers.begin();
    for (let looks = 0; looks < looksOfTurn; looks++) {
      if (this.#dispatch() <= 0 || this.#stopped || performance.now() - this.#nowMs > lookAgainWithinMs) break;
    }
    this.#resume();
    this.#callLater();
    this.#inBatch = false;
    const closing = this.#closing;
    for (let i = 0; i < closing.length; i++) this.#handlers.close(closing[i] as number);
    closing.length = 0;
    const more = this.#handlers.end();
    if (!this.#stopped && (more || this.#waiting.length > 0 || this.#later.length > 0)) this.#schedule();
  }

  #callLater(): void {
    const calls = this.#later;
    if (calls.length === 0) return;
    this.#later = [];
    for (const call of calls) {
      try {
        call();
      } catch (cause) {
        this.fail(cause);
      }
    }
  }

  /** Answers how many events there were, or minus the errno. */
  #dispatch(): number {
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
    return count;
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

  /** Thrown above the seam: it must reach the thread's uncaughtException, and the rest of the batch must go on. */
  fail(cause: unknown): void {
    setImmediate(() => {
      throw cause;
    });
  }
}

function nothing(): void {}
