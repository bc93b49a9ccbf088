// What an acceptor is at this moment, for those who report it: the admin endpoint, metrics, the store.
import type { AcceptorPhase, AcceptorReport } from '@sluice/version';
import type { Edge } from './edge.ts';
import type { IdleReason } from './messages.ts';
import type { Pool } from './pool.ts';
import type { Quarantined } from './quarantine-file.ts';
import type { Settings } from './settings.ts';

/** Commit times told in a report, at most. */
const commitTimesTold = 100;

export class AcceptorState {
  readonly id: string;
  readonly pool: Pool;
  readonly edge: Edge;
  readonly startedMs = Date.now();
  /** What crashed workers here, oldest first; this acceptor takes none of it again. */
  quarantined: readonly Quarantined[] = [];
  idle: readonly IdleReason[] = [];
  refused: { readonly version: number; readonly error: string } | null = null;
  /** Why the log cannot be followed now; null while it is. */
  storeAway: { readonly code: string; readonly reason: string } | null = null;
  draining = false;
  stopped = false;
  workerDeaths = 0;
  refusals = 0;
  readonly #labels: Settings['labels'];
  readonly #engine: string;
  readonly #commitMs: number[] = [];
  #inForceSinceMs = 0;

  constructor(settings: Settings, engine: string, pool: Pool, edge: Edge) {
    this.id = settings.id;
    this.pool = pool;
    this.edge = edge;
    this.#labels = settings.labels;
    this.#engine = engine;
  }

  phase(): AcceptorPhase {
    if (this.stopped) return 'stopped';
    if (this.draining) return 'draining';
    if (!this.#hasVersion()) return 'starting';
    return this.storeAway === null ? 'serving' : 'stale';
  }

  /** A version is in force and its listeners are bound, and nothing is being drained. */
  isReady(): boolean {
    return !this.draining && this.#hasVersion();
  }

  /** Version 0 is the empty log: nothing was published yet. */
  #hasVersion(): boolean {
    return (this.edge.inForce?.version ?? 0) > 0;
  }

  /** At each commit; null where it is not known when the version was admitted. */
  /** The store can be reached, but holds what must not be applied. */
  #distrust(): string | null {
    const { code, reason } = this.storeAway ?? { code: '', reason: '' };
    return code === 'untrusted' || code === 'damaged' ? `${reason} (${code})` : null;
  }

  noteCommit(sinceAdmissionMs: number | null): void {
    this.#inForceSinceMs = performance.now();
    if (sinceAdmissionMs === null) return;
    this.#commitMs.push(sinceAdmissionMs);
    if (this.#commitMs.length > commitTimesTold) this.#commitMs.shift();
  }

  report(): AcceptorReport {
    const inForce = this.edge.inForce;
    return {
      id: this.id,
      version: inForce?.version ?? 0,
      digest: inForce?.digest ?? '',
      inForceMs: inForce === null ? 0 : Math.round(performance.now() - this.#inForceSinceMs),
      state: this.phase(),
      workers: this.pool.workers(),
      labels: this.#labels,
      engine: this.#engine,
      error: this.refused?.error ?? this.#distrust(),
      refused: this.refused?.version ?? null,
      quarantined: this.quarantined.map(({ version }) => version),
      listeners: this.edge.listeners().map(({ name, address, port }) => ({ name, address: `${address}:${port}` })),
      idle: this.idle,
      figures: this.pool.figures.list(this.edge.turn),
      commitMs: this.#commitMs,
      startedMs: this.startedMs,
      timeMs: Date.now(),
    };
  }
}
