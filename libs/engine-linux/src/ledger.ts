// Who owns which descriptor, in memory that outlives a worker's death: descriptor -> worker + 1, 0 for nobody's, and
// -(worker + 1) for one that is about to be Node's. There is no moment at which a thread can die with a descriptor open and in
// nobody's name: the system calls write the cells themselves (syscalls.ts, Claim).
import { EBADF, EMFILE } from './abi.ts';
import type { Claim, Memory, Syscalls } from './syscalls.ts';

/** Ends carry the descriptor in 20 bits; it is also Linux' own default ceiling (fs.nr_open). */
export const mostDescriptors = 1 << 20;

/** Cells before the first descriptor's: how often a close found the descriptor closed already. Always 0 but for a bug. */
const closedTwiceCell = 0;
/** Then, for each worker, the cookie of the socket that is about to be Node's: two words. */
const mostOwners = 1024;
const cookieCells = 1;
const firstCell = cookieCells + 2 * mostOwners;

export interface LedgerMemory {
  readonly cells: SharedArrayBuffer;
}

export class Ledger {
  readonly capacity: number;
  readonly memory: LedgerMemory;
  readonly #cells: Int32Array;
  readonly #counts: Int32Array;
  readonly #cookies: Int32Array;
  readonly #cookie = new Int32Array(2);
  readonly #claims: Claim[] = [];
  readonly #calls: Syscalls;

  /** `memory`: another thread's ledger, or how many descriptors a new one holds. */
  constructor(memory: LedgerMemory | number, calls: Syscalls) {
    this.memory = typeof memory === 'number' ? { cells: new SharedArrayBuffer((memory + firstCell) * 4) } : memory;
    this.#counts = new Int32Array(this.memory.cells, 0, cookieCells);
    this.#cookies = new Int32Array(this.memory.cells, cookieCells * 4, 2 * mostOwners);
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

  /**
   * Gives a worker's socket to Node, whose handle `take` makes. Node closes its handles when the thread ends, so a thread that
   * dies in here leaves the descriptor to Node or to the sweep: the one with another cookie, or none, is Node's no more.
   */
  leave<T>(fd: number, owner: number, take: () => T): T {
    const at = 2 * owner;
    // Linux before 4.12: then it is Node's from here on.
    const isKnown = owner < mostOwners && this.#calls.getCookie(fd, this.#cookies, at) === 0;
    this.#cells[fd] = isKnown ? -(owner + 1) : 0;
    const taken = take();
    this.#cells[fd] = 0;
    return taken;
  }

  /** Gives up and closes. */
  close(fd: number): void {
    const result = this.#calls.close(fd, this.#claim(0));
    if (result === -EBADF) Atomics.add(this.#counts, closedTwiceCell, 1);
  }

  /**
   * Closes everything a worker's thread left behind, sockets by RST: nobody may take what it broke off for a whole answer. Its
   * thread must have ended. Answers how many there were.
   */
  sweep(owner: number): number {
    let closed = 0;
    for (let fd = 0; fd < this.capacity; fd++) {
      const mark = this.#cells[fd];
      if (mark !== owner + 1 && !(mark === -(owner + 1) && this.#isStillHere(fd, owner))) continue;
      // What is no socket refuses it (ENOTSOCK).
      this.#calls.setLinger(fd, 1, 0);
      this.close(fd);
      closed++;
    }
    return closed;
  }

  /** Whether Node has not taken it: it is open, and the same socket. Its cell is cleared otherwise, if nobody else's by now. */
  #isStillHere(fd: number, owner: number): boolean {
    const at = 2 * owner;
    const cookie = this.#cookie;
    const isSame =
      this.#calls.getCookie(fd, cookie, 0) === 0 &&
      cookie[0] === this.#cookies[at] &&
      cookie[1] === this.#cookies[at + 1];
    if (!isSame) Atomics.compareExchange(this.#cells, fd, -(owner + 1), 0);
    return isSame;
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
