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

  /** The least loaded of these workers, and counts the connection as on its way there; -1 where there are none. */
  place(workers: Iterable<number>): number {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const worker of workers) {
      const onTheWay = this.#placed[worker] - this.#counters.of(worker, 'taken');
      const load = this.#counters.of(worker, 'active') + onTheWay;
      if (load < least) {
        best = worker;
        least = load;
      }
    }
    if (best >= 0) this.#placed[best]++;
    return best;
  }

  /** The worker's row of counters begins anew. */
  restart(worker: number): void {
    this.#placed[worker] = 0;
    this.#settled[worker] = 0;
  }

  /**
   * To be called now and then: what was placed before the last call and has not arrived never will (the client left in
   * between), so a worker that got nothing since then has nothing on its way.
   */
  settle(): void {
    for (let worker = 0; worker < this.#placed.length; worker++) {
      if (this.#placed[worker] === this.#settled[worker]) this.#placed[worker] = this.#counters.of(worker, 'taken');
      this.#settled[worker] = this.#placed[worker];
    }
  }
}
