// Hands descriptors from the accepting thread to one worker, in shared memory: a list linked through the descriptors
// themselves, so it can never be full. The accepting thread pushes, the worker takes all at once in each of its turns;
// only a worker between turns is woken, with an eventfd (eventfd(2)). Ownership is in the ledger, not here.
import type { Memory, Syscalls } from './syscalls.ts';

/**
 * What stands beside a descriptor: next in the list, listener, the peer's sockaddr (28 bytes; a listening socket's own
 * where it has one address only), and whether it is a listening socket.
 */
const wordsOfNote = 10;
const nextWord = 0;
const listenerWord = 1;
const addressWord = 2;
const listeningWord = 9;
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

  /** A listening socket opens. Before listen(2): no connection of it may be taken for an earlier listener's. */
  listens(fd: number, listener: number, address: Memory): void {
    this.write(fd, listener, address);
    Atomics.store(this.words, fd * wordsOfNote + listeningWord, 1);
  }

  /** It closes. Before close(2), from which on its number may be anything. */
  listensNoMore(fd: number): void {
    Atomics.store(this.words, fd * wordsOfNote + listeningWord, 0);
  }

  isListening(fd: number): boolean {
    return Atomics.load(this.words, fd * wordsOfNote + listeningWord) === 1;
  }

  listener(fd: number): number {
    return this.words[fd * wordsOfNote + listenerWord] as number;
  }

  addressAt(fd: number): number {
    return (fd * wordsOfNote + addressWord) * 4;
  }
}

/** Words of the memory a mailbox shares: the newest descriptor; 1 while the worker is in a turn; 1 to be told of its end. */
const headWord = 0;
const busyWord = 1;
const tellWord = 2;
const mailboxWords = 3;

export interface MailboxMemory {
  readonly words: SharedArrayBuffer;
  readonly eventfd: number;
}

export class Mailbox {
  readonly memory: MailboxMemory;
  readonly #words: Int32Array;
  readonly #notes: Notes;
  #oldest = none;

  /** `memory`: another thread's, or the eventfd of a new one. */
  constructor(memory: MailboxMemory | number, notes: Notes) {
    this.memory =
      typeof memory === 'number' ? { words: new SharedArrayBuffer(mailboxWords * 4), eventfd: memory } : memory;
    this.#words = new Int32Array(this.memory.words);
    this.#notes = notes;
  }

  /** In the accepting thread only. */
  push(fd: number): void {
    const { words } = this.#notes;
    for (;;) {
      const first = Atomics.load(this.#words, headWord);
      words[fd * wordsOfNote + nextWord] = first;
      if (Atomics.compareExchange(this.#words, headWord, first, fd) === first) return;
    }
  }

  /** Wakes the worker where it is between turns; in a turn it looks for itself before it ends. */
  wake(calls: Syscalls): void {
    if (this.busy || Atomics.load(this.#words, headWord) === none) return;
    // EAGAIN means the counter is at its top, which wakes as well.
    calls.signal(this.memory.eventfd);
  }

  get busy(): boolean {
    return Atomics.load(this.#words, busyWord) === 1;
  }

  /** Asks to be told when the worker's turn ends. */
  askToBeTold(): void {
    Atomics.store(this.#words, tellWord, 1);
  }

  /** In the worker only. */
  beginTurn(): void {
    Atomics.store(this.#words, busyWord, 1);
  }

  /** In the worker only: true where the accepting thread asked to be told. Look into the mailbox after it. */
  endTurn(): boolean {
    Atomics.store(this.#words, busyWord, 0);
    return Atomics.load(this.#words, tellWord) === 1 && Atomics.exchange(this.#words, tellWord, 0) === 1;
  }

  get empty(): boolean {
    return this.#oldest === none && Atomics.load(this.#words, headWord) === none;
  }

  /** In the worker only: the oldest descriptor, 0 where there is none. */
  take(): number {
    const { words } = this.#notes;
    if (this.#oldest === none && Atomics.load(this.#words, headWord) !== none) {
      // The list has the newest first. Once taken it is this thread's alone, and is turned round in place.
      for (let fd = Atomics.exchange(this.#words, headWord, none); fd !== none; ) {
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
