// Who owns which descriptor, in memory that outlives a worker's death: descriptor -> worker + 1, 0 for nobody's.
// A thread can be terminated at the start of any function and at any turn of a loop, but not between a system call and
// the next statement of the same function. So taking and giving up each happen in one function body here, without a
// call between the two steps, and there is no moment at which a descriptor is open and in nobody's name (but in a worker's
// `detach`, where Node's socket takes it over).
import { EBADF, EMFILE } from './abi.ts';
import type { Memory, Syscalls } from './syscalls.ts';

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
  readonly #calls: Syscalls;

  /** `memory`: another thread's ledger, or how many descriptors a new one holds. */
  constructor(memory: LedgerMemory | number, calls: Syscalls) {
    this.memory = typeof memory === 'number' ? { cells: new SharedArrayBuffer((memory + firstCell) * 4) } : memory;
    this.#cells = new Int32Array(this.memory.cells);
    this.capacity = this.#cells.length - firstCell;
    this.#calls = calls;
  }

  /** socket(2) in a worker's name. */
  socket(owner: number, domain: number, type: number): number {
    const cells = this.#cells;
    const { socket } = this.#calls;
    const fd = socket(domain, type);
    if (fd >= 0 && fd < this.capacity) Atomics.store(cells, fd + firstCell, owner + 1);
    return fd < this.capacity ? fd : this.#refuse(fd);
  }

  /** accept4(2) in a worker's name. */
  accept(owner: number, listening: number, address: Memory, length: number, flags: number): number {
    const cells = this.#cells;
    const { accept4 } = this.#calls;
    const fd = accept4(listening, address, 0, length, flags);
    if (fd >= 0 && fd < this.capacity) Atomics.store(cells, fd + firstCell, owner + 1);
    return fd < this.capacity ? fd : this.#refuse(fd);
  }

  /** epoll_create1(2) in a worker's name. */
  epoll(owner: number, flags: number): number {
    const cells = this.#cells;
    const { epollCreate } = this.#calls;
    const fd = epollCreate(flags);
    if (fd >= 0 && fd < this.capacity) Atomics.store(cells, fd + firstCell, owner + 1);
    return fd < this.capacity ? fd : this.#refuse(fd);
  }

  /** pipe2(2) in a worker's name; the two ends go to the first words of `ends`. */
  pipe(owner: number, ends: Memory, flags: number): number {
    const cells = this.#cells;
    const { words } = ends;
    const { pipe } = this.#calls;
    const result = pipe(ends, flags);
    if (result === 0) {
      Atomics.store(cells, (words[0] as number) + firstCell, owner + 1);
      Atomics.store(cells, (words[1] as number) + firstCell, owner + 1);
    }
    return result;
  }

  /** The limit was raised above the ledger's ceiling: such a descriptor is not used. */
  #refuse(fd: number): number {
    this.#calls.close(fd);
    return -EMFILE;
  }

  /** Puts a descriptor of the main thread's (which takes the whole process with it when it dies) in a worker's name. */
  give(fd: number, owner: number): void {
    Atomics.store(this.#cells, fd + firstCell, owner + 1);
  }

  /** Takes a descriptor out of the ledger without closing it: whoever asked owns it from here. */
  release(fd: number): void {
    Atomics.store(this.#cells, fd + firstCell, 0);
  }

  /** Gives up and closes. The cell is cleared first: from the close on, another thread may hold the same number. */
  close(fd: number): void {
    const cells = this.#cells;
    const { close } = this.#calls;
    Atomics.store(cells, fd + firstCell, 0);
    const result = close(fd);
    if (result === -EBADF) Atomics.add(cells, closedTwiceCell, 1);
  }

  /** Closes everything a worker's thread left behind. Its thread must have ended. Answers how many there were. */
  sweep(owner: number): number {
    let closed = 0;
    for (let fd = 0; fd < this.capacity; fd++) {
      if (Atomics.load(this.#cells, fd + firstCell) !== owner + 1) continue;
      this.close(fd);
      closed++;
    }
    return closed;
  }

  owned(owner: number): number {
    let count = 0;
    for (let fd = 0; fd < this.capacity; fd++) if (this.#cells[fd + firstCell] === owner + 1) count++;
    return count;
  }

  get closedTwice(): number {
    return Atomics.load(this.#cells, closedTwiceCell);
  }
}
