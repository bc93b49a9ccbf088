// What a worker knows of each end, in typed arrays indexed by descriptor: no object per end, none per event. Pure
// state; it must not make a system call. An End is the descriptor with a generation above it, so that an end used after
// it was closed is noticed although its descriptor's number has come back.
import type { End } from '@sluice/engine';

/** What an end is doing. */
export const phase = { free: 0, held: 1, peeking: 2, dialing: 3, relaying: 4, closing: 5 } as const;
export type Phase = (typeof phase)[keyof typeof phase];

/** What the kernel has told of an end (edges, so it is remembered), and what was done with it. */
export const flag = {
  /** Something to read, or an end or error to be told by reading. */
  readable: 1,
  /** EPOLLRDHUP: the peer sends no more; what it sent may still wait to be read. */
  ended: 2,
  /** EPOLLERR: reset, or unreachable since. */
  broken: 4,
  /** recv answered 0: everything was read. */
  drained: 8,
  /** We sent FIN. */
  shut: 16,
  /** Handed over by the accepting thread, with a note of its address. */
  accepted: 32,
  /**
   * A short read does not say that all was read: urgent data came once (tcp(7), a read stops at its mark), or it is a
   * unix socket (unix(7), a read stops at passed descriptors).
   */
  stopsShort: 128,
  /** In the list of those to go on with after the batch. */
  waiting: 64,
} as const;

const descriptorBits = 20;
const descriptorMask = (1 << descriptorBits) - 1;
/** 10 bits above the descriptor keep an End within 30 bits, where numbers cost nothing. */
const generationMask = 0x3ff;

export class Ends {
  readonly phase: Uint8Array;
  readonly flags: Uint8Array;
  /** The other end of the relay. */
  readonly peer: Int32Array;
  /** Payload read from this end. */
  readonly bytesRead: Float64Array;
  readonly #generation: Uint16Array;
  #held = 0;

  constructor(capacity: number) {
    this.phase = new Uint8Array(capacity);
    this.flags = new Uint8Array(capacity);
    this.peer = new Int32Array(capacity);
    this.bytesRead = new Float64Array(capacity);
    this.#generation = new Uint16Array(capacity);
  }

  get held(): number {
    return this.#held;
  }

  open(fd: number, as: Phase, flags: number): End {
    this.phase[fd] = as;
    this.flags[fd] = flags;
    this.bytesRead[fd] = 0;
    this.#held++;
    return this.end(fd);
  }

  free(fd: number): void {
    this.phase[fd] = phase.free;
    this.#generation[fd] = ((this.#generation[fd] as number) + 1) & generationMask;
    this.#held--;
  }

  end(fd: number): End {
    return ((this.#generation[fd] as number) << descriptorBits) | fd;
  }

  /** Throws where the end was closed: using it is a mistake of the caller's, never of a peer's. */
  descriptor(end: End): number {
    const fd = end & descriptorMask;
    if (this.phase[fd] === phase.free || this.#generation[fd] !== end >> descriptorBits)
      throw new Error(`end ${end} is not held`);
    return fd;
  }

  has(fd: number, bit: number): boolean {
    return ((this.flags[fd] as number) & bit) !== 0;
  }

  set(fd: number, bit: number): void {
    this.flags[fd] = (this.flags[fd] as number) | bit;
  }

  clear(fd: number, bit: number): void {
    this.flags[fd] = (this.flags[fd] as number) & ~bit;
  }
}
