// What became of the sessions of each version, counted since its commit: how a roll-out is judged. One shared region with
// a ring of turns for each worker; a worker writes its own row only.
import type { VersionFigures } from '@sluice/version';

/** Turns remembered: a session of an older one is no longer counted. */
const turnsKept = 64;

const fields = ['version', 'open', 'connections', 'connectFailures', 'noRoute', 'earlyResets'] as const;
type Figure = (typeof fields)[number];

export const figureIndex = Object.fromEntries(fields.map((name, at) => [name, at])) as Record<Figure, number>;
const stride = fields.length;

/** Versions told in one report, at most. */
const versionsTold = 16;

export class Figures {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Float64Array;
  readonly #workers: number;

  constructor(workers: number, buffer?: SharedArrayBuffer) {
    this.#workers = workers;
    this.buffer = buffer ?? new SharedArrayBuffer(workers * turnsKept * stride * Float64Array.BYTES_PER_ELEMENT);
    this.#cells = new Float64Array(this.buffer);
  }

  /** Adds to a worker's figure (`figureIndex`) of a turn; a turn whose place went to a later version is passed over. */
  add(worker: number, turn: number, version: number, figure: number, count: number): void {
    const at = this.#at(worker, turn);
    if (this.#cells[at] === version) this.#cells[at + figure] += count;
  }

  /** Makes the place of a turn that is about to be in force ready for its version. */
  begin(turn: number, version: number): void {
    for (let worker = 0; worker < this.#workers; worker++) {
      const at = this.#at(worker, turn);
      this.#cells.fill(0, at, at + stride);
      this.#cells[at] = version;
    }
  }

  /** The worker is gone with its open sessions. */
  clearOpen(worker: number): void {
    for (let turn = 0; turn < turnsKept; turn++) this.#cells[this.#at(worker, turn) + figureIndex.open] = 0;
  }

  /** Over all workers, newest turn first: the turn in force, and older ones with open sessions. */
  list(turnInForce: number): VersionFigures[] {
    const told: VersionFigures[] = [];
    for (let turn = turnInForce; turn > Math.max(0, turnInForce - turnsKept) && told.length < versionsTold; turn--) {
      const figures = this.#of(turn);
      if (turn > turnInForce - 2 || figures.open > 0) told.push(figures);
    }
    return told;
  }

  #of(turn: number): VersionFigures {
    const sums = new Array<number>(stride).fill(0);
    for (let worker = 0; worker < this.#workers; worker++) {
      const at = this.#at(worker, turn);
      for (let field = 0; field < stride; field++) sums[field] += this.#cells[at + field];
    }
    const [, open, connections, connectFailures, noRoute, earlyResets] = sums;
    const version = this.#cells[this.#at(0, turn)];
    return { version, open, connections, connectFailures, noRoute, earlyResets };
  }

  #at(worker: number, turn: number): number {
    return (worker * turnsKept + (turn % turnsKept)) * stride;
  }
}
