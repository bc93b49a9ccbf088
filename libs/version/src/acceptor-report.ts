// What an acceptor says of itself: the version in force in each worker, what it refused and why, and its figures.

/** starting: nothing committed yet; stale: serves its last known good while the store is away. */
export type AcceptorPhase = 'starting' | 'serving' | 'stale' | 'draining' | 'stopped';

/** What happened to sessions that were opened under one version, counted since that version's commit. */
export interface VersionFigures {
  readonly version: number;
  /** Sessions open now. */
  readonly open: number;
  readonly connections: number;
  readonly connectFailures: number;
  readonly noRoute: number;
  /** Resets by the endpoint before its first byte. */
  readonly earlyResets: number;
}

export interface ReportedWorker {
  readonly id: number;
  /** The version it takes new sessions with; 0 before the first. */
  readonly version: number;
  readonly sessions: number;
}

export interface AcceptorReport {
  readonly id: string;
  /** The version committed in every worker (ACK); 0 before the first. */
  readonly version: number;
  readonly digest: string;
  /** Milliseconds since it committed `version`; 0 before the first. */
  readonly inForceMs: number;
  readonly state: AcceptorPhase;
  readonly workers: readonly ReportedWorker[];
  readonly labels: Readonly<Record<string, string>>;
  readonly engine: string;
  /** NACK: why a version was refused, or why what the store holds is not followed; null for neither. */
  readonly error: string | null;
  /** The version that `error` is about. */
  readonly refused: number | null;
  /** Versions this acceptor will not take again because they crashed its workers. */
  readonly quarantined: readonly number[];
  readonly listeners: readonly { readonly name: string; readonly address: string }[];
  /** Servers of its gateways that have no listener, and why. */
  readonly idle: readonly {
    readonly gateway: string;
    readonly port: number;
    readonly code: string;
    readonly reason: string;
  }[];
  /** By version, newest first; those with open sessions and those of a roll-out at least. */
  readonly figures: readonly VersionFigures[];
  /** Milliseconds from admission to commit of its newest versions (at most 100), newest last. */
  readonly commitMs: readonly number[];
  /** When it started, by its own clock. */
  readonly startedMs: number;
  /** When this was said, by its own clock. */
  readonly timeMs: number;
}
