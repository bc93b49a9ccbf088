// The versions a worker holds: the one in force, and one that may come. Which is in force is one number in shared memory,
// switched by the main thread for all workers at once; a look at it is all that a new connection costs.
import { type Positions, Version } from '@sluice/session';
import { type Live, openLive } from '@sluice/upstream';
import { counterIndex, type Row, rowOf } from './counters.ts';
import { EndingBook } from './ending-book.ts';
import type { Prepare, WorkerTask } from './messages.ts';

interface Turn {
  readonly version: Version;
  readonly listeners: readonly number[];
}

/** What a connection that arrives now is decided by; `listener` is an index in the version's table. */
export interface Arrival {
  readonly turn: number;
  readonly version: Version;
  readonly listener: number;
}

export class TurnBook {
  readonly live: Live;
  readonly #inForce: Int32Array;
  readonly #row: Row;
  readonly #turns = new Map<number, Turn>();
  readonly #positions: Positions = new Map();
  readonly #endings = new EndingBook();

  constructor(task: WorkerTask) {
    this.live = openLive(task.live);
    this.#inForce = new Int32Array(task.turns);
    this.#row = rowOf(task.counters, task.worker);
  }

  /** Throws where a certificate of the version is of no use; the version is not held then. */
  prepare({ turn, compiled, listeners }: Prepare): void {
    const shared = { live: this.live, positions: this.#positions, random: Math.random };
    const version = new Version(
      compiled.version,
      compiled.table,
      compiled.slots,
      shared,
      this.#endings.endingsOf(compiled.tls),
    );
    this.#turns.set(turn, { version, listeners });
  }

  committed(turn: number): void {
    for (const older of this.#turns.keys()) if (older < turn) this.#turns.delete(older);
    this.#row[counterIndex.version] = this.#turns.get(turn)?.version.number ?? 0;
  }

  abandoned(turn: number): void {
    this.#turns.delete(turn);
  }

  /** The version in force and the listener's index in it (-1: none such); null before the first commit. */
  inForce(listener: number): Arrival | null {
    return this.#look(Atomics.load(this.#inForce, 0), listener);
  }

  /** Whether a prepared version, not in force yet, has this listener: then a connection may wait for the commit. */
  isComing(listener: number): boolean {
    const inForce = Atomics.load(this.#inForce, 0);
    for (const [turn, { listeners }] of this.#turns) {
      if (turn > inForce && (listeners[listener] ?? -1) >= 0) return true;
    }
    return false;
  }

  #look(turn: number, listener: number): Arrival | null {
    const held = this.#turns.get(turn);
    return held === undefined ? null : { turn, version: held.version, listener: held.listeners[listener] ?? -1 };
  }
}
