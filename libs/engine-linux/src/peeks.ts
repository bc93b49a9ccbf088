// Looks at the first bytes of an end without consuming them (recv(2), MSG_PEEK). Each arrival brings an edge of its
// own although nothing is read, so a look is repeated only when there is more. It must not wait without a deadline.
import type { PeekEnd, PeekLimits, PeekVerdict } from '@sluice/engine';
import * as abi from './abi.ts';
import type { Parts } from './descriptors.ts';
import { flag, phase } from './ends.ts';

interface Peek {
  readonly limits: PeekLimits;
  readonly look: (bytes: Uint8Array, ended: boolean) => PeekVerdict;
  readonly done: (how: PeekEnd) => void;
  shown: number;
}

export class Peeks {
  readonly #parts: Parts;
  readonly #peeks: (Peek | undefined)[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(fd: number, limits: PeekLimits, look: Peek['look'], done: Peek['done']): void {
    const { ends, deadlines, loop } = this.#parts;
    const peek = { limits, look, done, shown: -1 };
    this.#peeks[fd] = peek;
    ends.phase[fd] = phase.peeking;
    deadlines.set(fd, loop.nowMs + limits.deadlineMs);
    if (!ends.has(fd, flag.readable)) return;
    // What arrived before has had its edge.
    loop.later(() => {
      if (this.#peeks[fd] === peek) this.event(fd);
    });
  }

  /** There is more, or an end of it. */
  event(fd: number): void {
    const { calls, ends, buffer } = this.#parts;
    const peek = this.#peeks[fd] as Peek;
    if (!ends.has(fd, flag.readable)) return;
    const most = Math.min(peek.limits.bytes, buffer.byteLength);
    const count = calls.recv(fd, buffer, 0, most, abi.MSG_PEEK);
    if (count === -abi.EAGAIN) return ends.clear(fd, flag.readable);
    if (count <= 0) return this.finish(fd, 'closed');
    const ended = ends.has(fd, flag.ended);
    if (count === peek.shown && !ended) return;
    peek.shown = count;
    const verdict = peek.look(buffer.bytes.subarray(0, count), ended);
    // The look may have closed the end.
    if (this.#peeks[fd] !== peek) return;
    if (verdict === 'enough') this.finish(fd, 'enough');
    else if (count >= most) this.finish(fd, 'full');
    else if (ended) this.finish(fd, 'closed');
  }

  finish(fd: number, how: PeekEnd): void {
    const { ends, deadlines } = this.#parts;
    const peek = this.#peeks[fd] as Peek;
    this.#peeks[fd] = undefined;
    deadlines.clear(fd);
    ends.phase[fd] = phase.held;
    peek.done(how);
  }
}
