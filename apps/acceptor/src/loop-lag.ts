// How late the main thread's event loop is: by how much a timer comes after its time. Looked at seldom, since each look
// wakes the thread; and closely for a while when a version is taken, which is what may hold it up.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

const seldomMs = 100;
const closelyMs = 10;
/** Taking a version takes less; what it leaves to collect comes within this, too. */
const closelyForMs = 1_000;

/** Nanoseconds, since the last reset. */
export type Lag = Pick<RecordableHistogram, 'min' | 'max' | 'mean' | 'stddev' | 'percentile' | 'count'>;

export class LoopLag {
  readonly #histogram = createHistogram();
  #dueMs = 0;
  #closelyUntilMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.#wait();
  }

  /** A version comes: a pause of a few milliseconds is not to be missed. */
  lookClosely(): void {
    this.#closelyUntilMs = performance.now() + closelyForMs;
    clearTimeout(this.#timer);
    this.#wait();
  }

  /** What was seen since it was last asked; it begins anew. */
  take<T>(read: (lag: Lag) => T): T {
    const value = read(this.#histogram);
    this.#histogram.reset();
    return value;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    const nowMs = performance.now();
    const afterMs = nowMs < this.#closelyUntilMs ? closelyMs : seldomMs;
    this.#dueMs = nowMs + afterMs;
    this.#timer = setTimeout(() => this.#look(), afterMs).unref();
  }

  #look(): void {
    this.#histogram.record(Math.max(1, Math.round((performance.now() - this.#dueMs) * 1e6)));
    this.#wait();
  }
}
