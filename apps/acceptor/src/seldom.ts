// Lets one of many happenings through in each period and counts the rest, so that what fails for every connection does not
// fill a log. It keeps no clock.

export class Seldom {
  readonly #periodMs: number;
  #count = 0;
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  /** How many there were since one was let through, this one included; 0 where this one is not to be told. */
  pass(nowMs: number): number {
    this.#count++;
    if (nowMs < this.#nextMs) return 0;
    const count = this.#count;
    this.#count = 0;
    this.#nextMs = nowMs + this.#periodMs;
    return count;
  }
}
