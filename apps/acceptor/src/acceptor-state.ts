// What an acceptor is at this moment, for those who report it: the admin endpoint, metrics, the store.
import type { AcceptorPhase, AcceptorReport, Dropped } from '@sluice/version';
import type { Edge } from './edge.ts';
import { LoopLag } from './loop-lag.ts';
import type { IdleReason } from './messages.ts';
import type { Pool } from './pool.ts';
import type { Quarantined } from './quarantine-file.ts';
import type { Settings } from './settings.ts';

/** Commit times told in a report, at most. */
const commitTimesTold = 100;

/** What the version in force does not do, though it is written. */
interface LeftOut {
  /** Servers of this acceptor's gateways without a listener. */
  readonly idle: readonly IdleReason[];
  /** Counts of everything dropped, whatever acceptor it concerns. */
  readonly dropped: Dropped;
}

const NOTHING: LeftOut = { idle: [], dropped: {} };

export class AcceptorState {
  readonly id: string;
  readonly pool: Pool;
  readonly edge: Edge;
  readonly startedMs = Date.now();
  /** Of the main thread. */
  readonly lag = new LoopLag();
  /** What crashed workers here, oldest first; this acceptor takes none of it again. */
  quarantined: readonly Quarantined[] = [];
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
  #leftOut = NOTHING;
  #leftOutBefore = NOTHING;
  /** By code: what came to be dropped with the versions taken in since the start. */
  readonly drops = new Map<string, number>();

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

  /** The store can be reached, but what it holds cannot be followed. Who is away hears nothing of it anyhow. */
  #unfollowed(): string | null {
    const { code, reason } = this.storeAway ?? { code: 'away', reason: '' };
    return code === 'away' ? null : `${reason} (${code})`;
  }

  /** At each commit; null where it is not known when the version was admitted. */
  noteCommit(sinceAdmissionMs: number | null): void {
    this.#inForceSinceMs = performance.now();
    if (sinceAdmissionMs === null) return;
    this.#commitMs.push(sinceAdmissionMs);
    if (this.#commitMs.length > commitTimesTold) this.#commitMs.shift();
  }

  get dropped(): Dropped {
    return this.#leftOut.dropped;
  }

  /** At each commit. */
  tookIn(leftOut: LeftOut): void {
    for (const [code, now] of Object.entries(leftOut.dropped)) {
      const more = now - (this.#leftOut.dropped[code as keyof Dropped] ?? 0);
      if (more > 0) this.drops.set(code, (this.drops.get(code) ?? 0) + more);
    }
    this.#leftOutBefore = this.#leftOut;
    this.#leftOut = leftOut;
  }

  /** The version before is in force again. */
  tookBack(): void {
    this.#leftOut = this.#leftOutBefore;
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
      error: this.refused?.error ?? this.#unfollowed(),
      refused: this.refused?.version ?? null,
      quarantined: this.quarantined.map(({ version }) => version),
      listeners: this.edge.listeners().map(({ name, address, port }) => ({ name, address: `${address}:${port}` })),
      idle: this.#leftOut.idle,
      figures: this.pool.figures.list(this.edge.turn),
      commitMs: this.#commitMs,
      startedMs: this.startedMs,
      timeMs: Date.now(),
    };
  }
}
