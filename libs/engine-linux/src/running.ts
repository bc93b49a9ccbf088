// One relay as the session sees it: its outcome, its limits, its counts. It moves no byte and closes nothing itself.
import type { EndOutcome, Relay, RelayCause, RelayLimits, RelayReport } from '@sluice/engine';
import type { Ends } from './ends.ts';

const never = Number.POSITIVE_INFINITY;

export interface Orders {
  order(running: Running, how: 'close' | 'reset'): void;
}

export class Running implements Relay {
  readonly down: number;
  readonly up: number;
  readonly startedMs: number;
  /** Ends closed so far, where they are closed one by one. */
  closed = 0;
  over = false;
  readonly #ends: Ends;
  readonly #limits: RelayLimits;
  readonly #done: (report: RelayReport) => void;
  readonly #orders: Orders;
  #cause: RelayCause = 'closed';
  #downstream: EndOutcome = 'open';
  #upstream: EndOutcome = 'open';
  #bytesUp = 0;
  #bytesDown = 0;

  constructor(
    ends: Ends,
    down: number,
    up: number,
    limits: RelayLimits,
    startedMs: number,
    done: (report: RelayReport) => void,
    orders: Orders,
  ) {
    this.#ends = ends;
    this.down = down;
    this.up = up;
    this.#limits = limits;
    this.startedMs = startedMs;
    this.#done = done;
    this.#orders = orders;
  }

  // Once settled no more is read, and the descriptors' columns may soon be another relay's.
  get bytesUp(): number {
    return this.#settled ? this.#bytesUp : (this.#ends.bytesRead[this.down] as number);
  }

  get bytesDown(): number {
    return this.#settled ? this.#bytesDown : (this.#ends.bytesRead[this.up] as number);
  }

  /** How long an ordered close may take, in milliseconds; Infinity where there is no limit. */
  get closeMs(): number {
    return this.#limits.closeMs > 0 ? this.#limits.closeMs : never;
  }

  end(how: 'close' | 'reset'): void {
    this.#orders.order(this, how);
  }

  told(fd: number, outcome: EndOutcome): void {
    if (fd === this.down) this.#downstream = outcome;
    else this.#upstream = outcome;
  }

  #settled = false;

  /** Fixes why it ends, and what is told of ends that are still open. False where that was fixed before. */
  settle(cause: RelayCause, open: EndOutcome): boolean {
    if (this.#settled) return false;
    this.#bytesUp = this.bytesUp;
    this.#bytesDown = this.bytesDown;
    this.#settled = true;
    this.#cause = cause;
    if (this.#downstream === 'open') this.#downstream = open;
    if (this.#upstream === 'open') this.#upstream = open;
    return true;
  }

  report(): void {
    if (this.over) return;
    this.settle('closed', 'open');
    this.over = true;
    this.#done({
      cause: this.#cause,
      downstream: this.#downstream,
      upstream: this.#upstream,
      bytesUp: this.#bytesUp,
      bytesDown: this.#bytesDown,
    });
  }

  /** The earliest moment at which a limit could be passed, given the last byte's. */
  dueMs(lastMs: number): number {
    return Math.min(this.#idleDueMs(lastMs), this.#halfDueMs(lastMs), this.#maximumDueMs());
  }

  overdue(lastMs: number, nowMs: number): RelayCause | null {
    if (this.#maximumDueMs() <= nowMs) return 'max-duration';
    if (this.#halfDueMs(lastMs) <= nowMs) return 'half-close-timeout';
    return this.#idleDueMs(lastMs) <= nowMs ? 'idle-timeout' : null;
  }

  #idleDueMs(lastMs: number): number {
    return this.#limits.idleMs > 0 ? lastMs + this.#limits.idleMs : never;
  }

  #halfDueMs(lastMs: number): number {
    const half = this.#downstream === 'end' || this.#upstream === 'end';
    return half && this.#limits.halfCloseMs > 0 ? lastMs + this.#limits.halfCloseMs : never;
  }

  #maximumDueMs(): number {
    return this.#limits.maxDurationMs > 0 ? this.startedMs + this.#limits.maxDurationMs : never;
  }
}
