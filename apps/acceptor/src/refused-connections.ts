// Tells of connections that reached no worker: the engine could not take or hand over one, or there was no place for it.
// Where that happens to one it happens to thousands, so each kind is told once in a while with how many there were.
import { type EngineError, engineErrors } from '@sluice/engine';
import type { Logger } from '@sluice/observe';
import { Seldom } from './seldom.ts';

/** Between two lines of one kind. */
const tellMs = 10_000;

export class RefusedConnections {
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #faults = new Map<string, Seldom>();
  readonly #withoutPlace = new Seldom(tellMs);

  constructor(log: Logger, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** An engine's onFault. */
  fault({ code, message }: EngineError): void {
    let seldom = this.#faults.get(code);
    if (seldom === undefined) this.#faults.set(code, (seldom = new Seldom(tellMs)));
    const failures = seldom.pass(this.#nowMs());
    if (failures === 0) return;
    const advice = code === 'descriptors' ? engineErrors.descriptors.solve : undefined;
    this.#log.error({ event: 'accept-failed', code, message, failures }, advice);
  }

  /** A connection is reset: no worker serves, or all together have `maxSessions` (0 = no limit). */
  withoutPlace(workers: number, maxSessions: number): void {
    const refused = this.#withoutPlace.pass(this.#nowMs());
    if (refused === 0) return;
    const why =
      workers === 0
        ? 'connections are reset: no worker serves at this moment'
        : 'connections are reset: sessions at once have reached SLUICE_MAX_SESSIONS, or what fits into the descriptor limit (ulimit -n, LimitNOFILE)';
    this.#log.warn({ event: 'connections-refused', refused, workers, maxSessions }, why);
  }
}
