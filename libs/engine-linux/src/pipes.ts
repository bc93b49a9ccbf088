// Pipes for bulk: splice(2) moves pages from one socket to the other without copying them to this process. Each direction
// that is bulk has one while it is; what is in it waits for the other side's room, so it is bounded as a leftover is.
import * as abi from './abi.ts';
import type { Ledger } from './ledger.ts';
import type { Leftovers } from './leftovers.ts';
import { errnoName, Memory, type Syscalls, syscalls } from './syscalls.ts';

/** pipe(7): the most an unprivileged process may ask for (fs.pipe-max-size). Smaller ones gain little over copying. */
const pipeBytes = 1 << 20;
const leastPipeBytes = 256 << 10;
/** Directions in bulk at once that get one; a process without privileges is allowed 64 MB (fs.pipe-user-pages-soft). */
const mostPipes = 48;
/** Kept for the next, empty. */
const mostUnused = 8;
/** Fills by others after which a direction counts as silent: then its empty pipe may go to one that has none. */
const silentFills = 64 * mostPipes;
/** Asked for in vain before one is tried again, where the kernel gave none: others may have given theirs back. */
const patience = 1024;

/** Why nothing is spliced on this machine, so that bulk is copied; null where it is. A sandbox may refuse the call. */
export function spliceRefusal(calls: Syscalls = syscalls()): string | null {
  // On no descriptor it says EBADF where it is there.
  const result = calls.splice(-1, -1, 1, flags);
  return result === -abi.EBADF ? null : `splice: ${errnoName(result)}`;
}

const flags = abi.SPLICE_F_MOVE | abi.SPLICE_F_NONBLOCK;

export class Pipes {
  readonly #calls: Syscalls;
  readonly #ledger: Ledger;
  readonly #owner: number;
  /** By the descriptor that a direction sends to; 0 where it has no pipe. */
  readonly #readEnd: Int32Array;
  readonly #writeEnd: Int32Array;
  readonly #pending: Int32Array;
  /** Turns in a row in which little came. */
  readonly #trickled: Uint8Array;
  readonly #unused: (readonly [number, number])[] = [];
  readonly #made = new Memory(8);
  /** Directions that have one, and how many fills there were when each was filled last. */
  readonly #filled = new Map<number, number>();
  #fills = 0;
  #count = 0;
  readonly #refused: boolean;
  #patience = 0;

  constructor(calls: Syscalls, ledger: Ledger, owner: number, capacity: number) {
    this.#calls = calls;
    this.#ledger = ledger;
    this.#owner = owner;
    this.#readEnd = new Int32Array(capacity);
    this.#writeEnd = new Int32Array(capacity);
    this.#pending = new Int32Array(capacity);
    this.#trickled = new Uint8Array(capacity);
    this.#refused = spliceRefusal(calls) !== null;
  }

  has(to: number): boolean {
    return this.#readEnd[to] !== 0;
  }

  /** Bytes in the pipe that the descriptor would not take yet. */
  pending(to: number): number {
    return this.#pending[to] as number;
  }

  /** False where there are no more, or none large enough is allowed: then bytes are copied. */
  take(to: number): boolean {
    const pipe = this.#unused.pop() ?? this.#make() ?? this.#takeBack();
    if (pipe === null) return false;
    this.#filled.set(to, this.#fills);
    this.#readEnd[to] = pipe[0];
    this.#writeEnd[to] = pipe[1];
    this.#trickled[to] = 0;
    return true;
  }

  /** Notes whether little came in a turn; answers for how many in a row it has been so. */
  trickles(to: number, little: boolean): number {
    this.#trickled[to] = little ? (this.#trickled[to] as number) + 1 : 0;
    return this.#trickled[to] as number;
  }

  /** Takes from the socket what the pipe has room for: bytes, 0 at the end, or minus the errno. EAGAIN may mean either. */
  fill(from: number, to: number): number {
    const count = this.#calls.splice(from, this.#writeEnd[to] as number, pipeBytes, flags);
    this.#filled.set(to, ++this.#fills);
    if (count > 0) this.#pending[to] = (this.#pending[to] as number) + count;
    return count;
  }

  drain(to: number): number {
    const count = this.#calls.splice(this.#readEnd[to] as number, to, this.#pending[to] as number, flags);
    if (count > 0) this.#pending[to] = (this.#pending[to] as number) - count;
    return count;
  }

  /** Takes the pipe from a direction; what is in it is lost. */
  drop(to: number): void {
    const readEnd = this.#readEnd[to] as number;
    if (readEnd === 0) return;
    const writeEnd = this.#writeEnd[to] as number;
    if (this.#pending[to] === 0 && this.#unused.length < mostUnused) this.#unused.push([readEnd, writeEnd]);
    else this.#close(readEnd, writeEnd);
    this.#readEnd[to] = 0;
    this.#pending[to] = 0;
    this.#filled.delete(to);
  }

  /** Takes what is in the pipe out of it, to be sent as a leftover. */
  empty(to: number, leftovers: Leftovers): void {
    const memory = new Memory(pipeBytes);
    const count = this.#calls.readPipe(this.#readEnd[to] as number, memory, 0, this.#pending[to] as number);
    if (count > 0) leftovers.keep(to, memory.bytes, 0, count);
    this.#pending[to] = 0;
    this.drop(to);
  }

  stop(): void {
    for (const [readEnd, writeEnd] of this.#unused.splice(0)) this.#close(readEnd, writeEnd);
  }

  #make(): readonly [number, number] | null {
    if (this.#refused || this.#count >= mostPipes || --this.#patience > 0) return null;
    if (this.#ledger.pipe(this.#owner, this.#made, abi.O_NONBLOCK | abi.O_CLOEXEC) < 0) return this.#wait();
    const [readEnd, writeEnd] = this.#made.words as unknown as [number, number];
    this.#count++;
    if (this.#calls.setPipeSize(writeEnd, pipeBytes) >= leastPipeBytes) return [readEnd, writeEnd];
    this.#close(readEnd, writeEnd);
    return this.#wait();
  }

  #wait(): null {
    this.#patience = patience;
    return null;
  }

  /** From a session that was bulk once and is silent now: it is still open, and may be for days. */
  #takeBack(): readonly [number, number] | null {
    for (const [to, at] of this.#filled) {
      if (this.#pending[to] !== 0 || this.#fills - at < silentFills) continue;
      this.drop(to);
      return this.#unused.pop() ?? null;
    }
    return null;
  }

  #close(readEnd: number, writeEnd: number): void {
    this.#count--;
    this.#ledger.close(readEnd);
    this.#ledger.close(writeEnd);
  }
}
