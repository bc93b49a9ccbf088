// Who owns which descriptor, in memory that outlives a worker's death: descriptor -> worker + 1, 0 for nobody's.
// There is no moment at which a thread can die with a descriptor open and in nobody's name, but in a worker's `detach`,
// where Node's socket takes it over: the system calls write the cells themselves (syscalls.ts, Claim).
import { EBADF, EMFILE } from './abi.ts';
import type { Claim, Memory, Syscalls } from './syscalls.ts';

/** Ends carry the descriptor in 20 bits; it is also Linux' own default ceiling (fs.nr_open). */
export const mostDescriptors = 1 << 20;

/** Cells before the first descriptor's: how often a close found the descriptor closed already. Always 0 but for a bug. */
const closedTwiceCell = 0;
const firstCell = 1;

export interface LedgerMemory {
  readonly cells: SharedArrayBuffer;
}

export class Ledger {
  readonly capacity: number;
  readonly memory: LedgerMemory;
  readonly #cells: Int32Array;
  readonly #counts: Int32Array;
  readonly #claims: Claim[] = [];
  readonly #calls: Syscalls;

  /** `memory`: another thread's ledger, or how many descriptors a new one holds. */
  constructor(memory: LedgerMemory | number, calls: Syscalls) {
    this.memory = typeof memory === 'number' ? { cells: new SharedArrayBuffer((memory + firstCell) * 4) } : memory;
    this.#counts = new Int32Array(this.memory.cells, 0, firstCell);
    this.#cells = new Int32Array(this.memory.cells, firstCell * 4);
    this.capacity = this.#cells.length;
    this.#calls = calls;
  }

  /** socket(2) in a worker's name. */
  socket(owner: number, domain: number, type: number): number {
    return this.#held(this.#calls.socket(domain, type, this.#claim(owner)));
  }

  /** accept4(2) in a worker's name. */
  accept(owner: number, listening: number, address: Memory, length: number, flags: number): number {
    return this.#held(this.#calls.accept4(listening, address, 0, length, flags, this.#claim(owner)));
  }

  /** epoll_create1(2) in a worker's name; for the main thread, which takes the whole process with it when it dies. */
  epoll(owner: number, flags: number): number {
    const fd = this.#held(this.#calls.epollCreate(flags));
    if (fd >= 0) this.give(fd, owner);
    return fd;
  }

  /** pipe2(2) in a worker's name; the two ends go to the first words of `ends`. */
  pipe(owner: number, ends: Memory, flags: number): number {
    return this.#calls.pipe(ends, flags, this.#claim(owner));
  }

  #claim(owner: number): Claim {
    this.#claims[owner] ??= { cells: this.#cells, length: this.capacity, mark: owner + 1 };
    return this.#claims[owner];
  }

  /** Where the limit was raised above the ledger's ceiling, such a descriptor is not used. */
  #held(fd: number): number {
    if (fd < this.capacity) return fd;
    this.#calls.close(fd);
    return -EMFILE;
  }

  /** Puts a descriptor of the main thread's in a worker's name. */
  give(fd: number, owner: number): void {
    this.#cells[fd] = owner + 1;
  }

  /** Takes a descriptor out of the ledger without closing it: whoever asked owns it from here. */
  release(fd: number): void {
    this.#cells[fd] = 0;
  }

  /** Gives up and closes. */
  close(fd: number): void {
    const result = this.#calls.close(fd, this.#claim(0));
    if (result === -EBADF) Atomics.add(this.#counts, closedTwiceCell, 1);
  }

  /** Closes everything a worker's thread left behind. Its thread must have ended. Answers how many there were. */
  sweep(owner: number): number {
    let closed = 0;
    for (let fd = 0; fd < this.capacity; fd++) {
      if (this.#cells[fd] !== owner + 1) continue;
      this.close(fd);
      closed++;
    }
    return closed;
  }

  owned(owner: number): number {
    let count = 0;
    for (let fd = 0; fd < this.capacity; fd++) if (this.#cells[fd] === owner + 1) count++;
    return count;
  }

  get closedTwice(): number {
    return Atomics.load(this.#counts, closedTwiceCell);
  }
}
