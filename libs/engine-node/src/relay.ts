// Moves bytes between two sockets until both are closed. A slow reader stops the other side's reading (write returns
// false, drain resumes it), so what is in memory is bounded by the two sockets' high-water marks.
import type { Socket } from 'node:net';
import type { EndOutcome, Relay, RelayCause, RelayLimits, RelayReport } from '@sluice/engine';
import { deadline } from './deadline.ts';
import type { Held } from './held.ts';

export function relay(
  downstream: Held,
  upstream: Held,
  limits: RelayLimits,
  done: (report: RelayReport) => void,
): Relay {
  const running = new Running(downstream, upstream, limits, done);
  running.start();
  return running;
}

/** One direction: what it reads from, and what came of that. */
interface Side {
  readonly held: Held;
  readonly socket: Socket;
  outcome: EndOutcome;
  closed: boolean;
  bytesRead: number;
}

class Running implements Relay {
  readonly #down: Side;
  readonly #up: Side;
  readonly #limits: RelayLimits;
  readonly #done: (report: RelayReport) => void;
  #cause: RelayCause = 'closed';
  #over = false;
  #lastByteMs = performance.now();
  #callOff = () => {};
  #maximum: NodeJS.Timeout | undefined;
  #isClosing = false;
  #closeLimit: NodeJS.Timeout | undefined;

  constructor(down: Held, up: Held, limits: RelayLimits, done: (report: RelayReport) => void) {
    this.#down = side(down);
    this.#up = side(up);
    this.#limits = limits;
    this.#done = done;
  }

  get bytesUp(): number {
    return this.#down.bytesRead;
  }

  get bytesDown(): number {
    return this.#up.bytesRead;
  }

  start(): void {
    this.#join(this.#down, this.#up);
    this.#join(this.#up, this.#down);
    if (this.#limits.maxDurationMs > 0)
      this.#maximum = setTimeout(() => this.#stop('max-duration', 'timeout', 'reset'), this.#limits.maxDurationMs);
    this.#watch();
    // Who left while nobody relayed tells it no more.
    if (this.#down.held.broken || this.#down.closed) this.#reset(this.#down, this.#up);
    else if (this.#up.held.broken || this.#up.closed) this.#reset(this.#up, this.#down);
  }

  end(how: 'close' | 'reset'): void {
    this.#stop('ordered', 'ordered', how);
  }

  #join(from: Side, to: Side): void {
    const { socket } = from;
    const take = (chunk: Buffer) => {
      // Read, lest it be answered with RST; but no more is taken, and a write would break off what still waits.
      if (this.#cause !== 'closed') return;
      from.bytesRead += chunk.length;
      this.#lastByteMs = performance.now();
      if (!to.socket.write(chunk)) socket.pause();
    };
    to.socket.on('drain', () => socket.resume());
    socket.on('data', take);
    socket.on('end', () => this.#ended(from, to));
    socket.on('error', () => this.#reset(from, to));
    socket.on('close', () => this.#closed(from, to));
    const head = from.held.takeHead();
    if (head.length > 0) take(head);
    if (from.held.ended) this.#ended(from, to);
    else if (!to.socket.writableNeedDrain) socket.resume();
  }

  #ended(from: Side, to: Side): void {
    if (from.held.isCut) return this.#reset(from, to);
    if (from.outcome === 'open') from.outcome = 'end';
    this.#lastByteMs = performance.now();
    to.socket.end();
    this.#watch();
  }

  /** RST on one side is RST on the other: a client must not take a broken answer for a whole one. */
  #reset(from: Side, to: Side): void {
    if (this.#over || this.#cause !== 'closed') return;
    from.outcome = 'reset';
    this.#cause = from === this.#down ? 'downstream-reset' : 'upstream-reset';
    from.socket.destroy();
    to.held.reset();
  }

  #stop(cause: RelayCause, outcome: EndOutcome, how: 'close' | 'reset'): void {
    if (this.#over) return;
    if (this.#isClosing && how === 'reset') return this.#resetBoth();
    if (this.#cause !== 'closed') return;
    this.#cause = cause;
    this.#callOff();
    for (const each of [this.#down, this.#up]) if (each.outcome === 'open') each.outcome = outcome;
    if (how === 'reset') return this.#resetBoth();
    const { closeMs } = this.#limits;
    for (const { socket } of [this.#down, this.#up]) {
      socket.resume();
      socket.destroySoon();
    }
    this.#isClosing = true;
    if (closeMs > 0) this.#closeLimit = setTimeout(() => this.#resetBoth(), closeMs);
  }

  #resetBoth(): void {
    for (const each of [this.#down, this.#up]) if (!each.closed) each.held.reset();
  }

  #closed(each: Side, other: Side): void {
    each.closed = true;
    // Closed without a word: its end was told before it was listened to.
    if (each.outcome === 'open') this.#reset(each, other);
    if (this.#over || !this.#down.closed || !this.#up.closed) return;
    this.#over = true;
    this.#callOff();
    clearTimeout(this.#maximum);
    clearTimeout(this.#closeLimit);
    this.#done({
      cause: this.#cause,
      downstream: this.#down.outcome,
      upstream: this.#up.outcome,
      bytesUp: this.bytesUp,
      bytesDown: this.bytesDown,
    });
  }

  /** One timer for idle and half-close, set for the earliest moment it could be due and set again if bytes came. */
  #watch(): void {
    this.#callOff();
    if (this.#over || this.#cause !== 'closed') return;
    const half = this.#down.outcome === 'end' || this.#up.outcome === 'end';
    const halfCloseMs = half ? this.#limits.halfCloseMs : 0;
    const { idleMs } = this.#limits;
    const limitMs = halfCloseMs > 0 && (idleMs === 0 || halfCloseMs < idleMs) ? halfCloseMs : idleMs;
    if (limitMs === 0) return;
    const cause = limitMs === halfCloseMs ? 'half-close-timeout' : 'idle-timeout';
    const leftMs = this.#lastByteMs + limitMs - performance.now();
    this.#callOff = deadline(Math.max(1, Math.ceil(leftMs)), () => {
      if (performance.now() - this.#lastByteMs >= limitMs) this.#stop(cause, 'timeout', 'reset');
      else this.#watch();
    });
  }
}

function side(held: Held): Side {
  return { held, socket: held.socket, outcome: 'open', closed: held.socket.closed, bytesRead: 0 };
}
