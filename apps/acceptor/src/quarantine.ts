// When a version is taken back by itself: workers died often, soon after its commit. Pure: the clock is handed in, one that nobody sets.

/** So many deaths, so soon after the commit, are laid at the version's door. */
const deaths = 2;
const withinMs = 60_000;

export class Quarantine {
  readonly #now: () => number;
  #version = 0;
  #committedMs = 0;
  #deaths = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  committed(version: number): void {
    this.#version = version;
    this.#committedMs = this.#now();
    this.#deaths = 0;
  }

  /** A worker died while this version was in force; true where that condemns it, and with each death more while it is served on. */
  died(version: number): boolean {
    if (version !== this.#version || this.#now() - this.#committedMs > withinMs) return false;
    this.#deaths++;
    return this.#deaths >= deaths;
  }
}
