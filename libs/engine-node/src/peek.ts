// Looks at the first bytes of a socket. Node cannot peek (no MSG_PEEK), so it reads and keeps: the bytes become the
// end's head, and a relay sends them first. It must not wait without a deadline nor keep more than its limit.
import type { PeekEnd, PeekLimits, PeekVerdict } from '@sluice/engine';
import { deadline } from './deadline.ts';
import type { Held } from './held.ts';

export class Peek {
  readonly #held: Held;
  readonly #limits: PeekLimits;
  readonly #look: (bytes: Uint8Array, ended: boolean) => PeekVerdict;
  readonly #done: (how: PeekEnd) => void;
  #callOff = () => {};
  #finished = false;

  constructor(
    held: Held,
    limits: PeekLimits,
    look: (bytes: Uint8Array, ended: boolean) => PeekVerdict,
    done: (how: PeekEnd) => void,
  ) {
    this.#held = held;
    this.#limits = limits;
    this.#look = look;
    this.#done = done;
  }

  start(): void {
    const { socket } = this.#held;
    this.#callOff = deadline(this.#limits.deadlineMs, () => this.finish('timeout'));
    socket.on('readable', this.#onReadable);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    // Bytes kept by an earlier peek are looked at too, but never inside start: done comes after the call returns.
    if (this.#held.head.length > 0 || this.#held.ended) queueMicrotask(() => this.#judge());
    if (this.#held.broken) queueMicrotask(() => this.finish('closed'));
  }

  finish(how: PeekEnd): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#callOff();
    const { socket } = this.#held;
    socket.off('readable', this.#onReadable);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
    socket.pause();
    this.#done(how);
  }

  readonly #onReadable = (): void => {
    const { socket } = this.#held;
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    this.#held.append(chunk);
    this.#judge();
  };

  readonly #onEnd = (): void => {
    this.#held.ended = true;
    this.#judge();
  };

  readonly #onClose = (): void => this.finish('closed');

  #judge(): void {
    if (this.#finished) return;
    const { head, ended } = this.#held;
    if (head.length > 0 && this.#look(head.subarray(0, this.#limits.bytes), ended) === 'enough') this.finish('enough');
    else if (head.length >= this.#limits.bytes) this.finish('full');
    else if (ended) this.finish('closed');
  }
}
