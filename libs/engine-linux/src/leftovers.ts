// Bytes taken from one side that the other would not take yet: at most one piece per descriptor, no larger than the
// receive buffer (or a pipe), and while it is there nothing more is read for it. Pieces are reused, so a slow reader
// allocates once.
import { Memory } from './syscalls.ts';

/** Pieces come in these sizes, so that a small rest does not hold a large piece. */
const sizes = [4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20] as const;
/** Unused pieces kept for the next time, in bytes of each size; what is above it goes back to the system. */
const keptBytesOfEachSize = 2 << 20;

export class Leftovers {
  readonly #pieces: (Memory | undefined)[] = [];
  readonly #from: Int32Array;
  readonly #length: Int32Array;
  readonly #unused: Memory[][] = sizes.map(() => []);

  constructor(capacity: number) {
    this.#from = new Int32Array(capacity);
    this.#length = new Int32Array(capacity);
  }

  /** Bytes waiting for this descriptor. */
  length(fd: number): number {
    return this.#length[fd] as number;
  }

  /** Where they begin in memory(fd). */
  offset(fd: number): number {
    return this.#from[fd] as number;
  }

  memory(fd: number): Memory {
    return this.#pieces[fd] as Memory;
  }

  /** Copies what `bytes` holds from `start` to `end`; there must be none waiting. At most 1 MB. */
  keep(fd: number, bytes: Uint8Array, start: number, end: number): void {
    const size = sizes.findIndex((each) => each >= end - start);
    const piece = this.#unused[size]?.pop() ?? new Memory(sizes[size] as number);
    piece.bytes.set(bytes.subarray(start, end), 0);
    this.#pieces[fd] = piece;
    this.#from[fd] = 0;
    this.#length[fd] = end - start;
  }

  /** The first `count` bytes were sent. */
  sent(fd: number, count: number): void {
    const left = (this.#length[fd] as number) - count;
    if (left === 0) return this.drop(fd);
    this.#from[fd] = (this.#from[fd] as number) + count;
    this.#length[fd] = left;
  }

  drop(fd: number): void {
    if (this.#length[fd] === 0) return;
    this.#length[fd] = 0;
    const piece = this.#pieces[fd] as Memory;
    this.#pieces[fd] = undefined;
    const unused = this.#unused[sizes.indexOf(piece.byteLength as (typeof sizes)[number])] as Memory[];
    if ((unused.length + 1) * piece.byteLength <= keptBytesOfEachSize) unused.push(piece);
  }
}
