// Chooses the worker for a connection: the one with the fewest sessions, those on their way to it included. Pure.
import type { Counters } from './counters.ts';

export class Placement {
  readonly #counters: Counters;
  readonly #placed: Float64Array;
  readonly #settled: Float64Array;

  constructor(counters: Counters, workers: number) {
    this.#counters = counters;
    this.#placed = new Float64Array(workers);
    this.#settled = new Float64Array(workers);
  }

  /**
   * The least loaded of these workers, and counts the connection as on its way there; -1 where there are none, or where
   * all together have `limit` sessions already (0 = none). A burst is counted before any of it arrives.
   */
  place(workers: Iterable<number>, limit = 0): number {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    let total = 0;
    for (const worker of workers) {
      const onTheWay = Math.max(0, this.#placed[worker] - this.#counters.of(worker, 'taken'));
      const load = this.#counters.of(worker, 'active') + onTheWay;
      total += load;
      if (load < least) {
        best = worker;
        least = load;
      }
    }
    if (best < 0 || (limit > 0 && total >= limit)) return -1;
    this.#placed[best]++;
    return best;
  }

  /** The worker's row of counters begins anew. */
  restart(worker: number): void {
    this.#placed[worker] = 0;
    this.#settled[worker] = 0;
  }

  /** To be called now and then: what was placed before the last call and has not arrived never will: its client left. */
  settle(): void {
    for (let worker = 0; worker < this.#placed.length; worker++) {
      const taken = this.#counters.of(worker, 'taken');
      const lost = Math.max(0, this.#settled[worker] - taken);
      this.#placed[worker] = Math.max(this.#placed[worker] - lost, taken);
      this.#settled[worker] = this.#placed[worker];
    }
  }
}
