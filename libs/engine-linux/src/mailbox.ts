// Hands descriptors from the accepting thread to one worker, in shared memory: a list linked through the descriptors
// themselves, so it can never be full. The accepting thread pushes, the worker takes all at once; the one who pushes
// onto an empty list wakes the worker with an eventfd (eventfd(2)). Ownership is in the ledger, not here.
import type { Memory, Syscalls } from './syscalls.ts';

/** What the accepting thread leaves beside a descriptor: next in the list, listener, the peer's sockaddr (28 bytes). */
const wordsOfNote = 10;
const nextWord = 0;
const listenerWord = 1;
const addressWord = 2;
export const noteAddressBytes = 28;
/** Lists end with 0: descriptor 0 is the process's standard input, never a connection. */
const none: number = 0;

/** Notes of all descriptors, one array for all workers. */
export class Notes {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer | number) {
    this.memory = typeof memory === 'number' ? new SharedArrayBuffer(memory * wordsOfNote * 4) : memory;
    this.words = new Int32Array(this.memory);
    this.bytes = new Uint8Array(this.memory);
  }

  /** Keeps the address accept4 gave, so that a worker need not ask for it again. */
  write(fd: number, listener: number, address: Memory): void {
    const { words } = this;
    const from = address.words;
    const at = fd * wordsOfNote;
    words[at + listenerWord] = listener;
    for (let i = 0; i < noteAddressBytes >> 2; i++) words[at + addressWord + i] = from[i] as number;
  }

  listener(fd: number): number {
    return this.words[fd * wordsOfNote + listenerWord] as number;
  }

  addressAt(fd: number): number {
    return (fd * wordsOfNote + addressWord) * 4;
  }
}

export interface MailboxMemory {
  readonly head: SharedArrayBuffer;
  readonly eventfd: number;
}

export class Mailbox {
  readonly memory: MailboxMemory;
  readonly #head: Int32Array;
  readonly #notes: Notes;
  #oldest = none;

  constructor(memory: MailboxMemory, notes: Notes) {
    this.memory = memory;
    this.#head = new Int32Array(memory.head);
    this.#notes = notes;
  }

  /** In the accepting thread only. True where the list was empty: then the worker must be woken. */
  push(fd: number): boolean {
    const { words } = this.#notes;
    for (;;) {
      const first = Atomics.load(this.#head, 0);
      words[fd * wordsOfNote + nextWord] = first;
      if (Atomics.compareExchange(this.#head, 0, first, fd) === first) return first === none;
    }
  }

  wake(calls: Syscalls): void {
    // EAGAIN means the counter is at its top, which wakes as well.
    calls.signal(this.memory.eventfd);
  }

  /** In the worker only: the oldest descriptor, 0 where there is none. */
  take(): number {
    const { words } = this.#notes;
    if (this.#oldest === none) {
      // The list has the newest first. Once taken it is this thread's alone, and is turned round in place.
      for (let fd = Atomics.exchange(this.#head, 0, none); fd !== none; ) {
        const older = words[fd * wordsOfNote + nextWord] as number;
        words[fd * wordsOfNote + nextWord] = this.#oldest;
        this.#oldest = fd;
        fd = older;
      }
    }
    const fd = this.#oldest;
    if (fd !== none) this.#oldest = words[fd * wordsOfNote + nextWord] as number;
    return fd;
  }
}
