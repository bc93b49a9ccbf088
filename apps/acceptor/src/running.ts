// One session with what the engine holds for it, and what is told of it while it runs.
import type { Address, End, Relay, WorkerEngine } from '@sluice/engine';
import type { Session } from '@sluice/session';
import { counterIndex, type Row } from './counters.ts';
import type { SessionRow, SessionSelector } from './messages.ts';

export class Running {
  readonly id: number;
  /** Both ends are this engine's; another one's from where TLS is ended. */
  engine: WorkerEngine;
  end: End;
  readonly session: Session;
  /** The acceptor's turn it began in, see TurnBook. */
  readonly turn: number;
  readonly startMs = Date.now();
  /** See RunningList. */
  place = -1;
  upstreamEnd: End = 0;
  upstreamLocal: Address | null = null;
  relay: Relay | null = null;
  /** Ends the connecting under way, which then answers `aborted`. */
  giveUp: (() => void) | null = null;
  #receivedTaken = 0;
  #sentTaken = 0;

  constructor(id: number, engine: WorkerEngine, end: End, session: Session, turn: number) {
    this.id = id;
    this.engine = engine;
    this.end = end;
    this.session = session;
    this.turn = turn;
  }

  /** Adds the bytes moved since the last call to a worker's counters. */
  countBytes(row: Row): void {
    if (this.relay === null) return;
    const { bytesUp, bytesDown } = this.relay;
    row[counterIndex.bytesReceived] += bytesUp - this.#receivedTaken;
    row[counterIndex.bytesSent] += bytesDown - this.#sentTaken;
    this.#receivedTaken = bytesUp;
    this.#sentTaken = bytesDown;
  }

  isChosen(select: SessionSelector): boolean {
    const row = this.row(0);
    return (Object.keys(select) as (keyof SessionSelector)[]).every((field) => row[field] === select[field]);
  }

  row(worker: number): SessionRow {
    const { session } = this;
    return {
      worker,
      id: this.id,
      version: session.version.number,
      engine: this.engine.name,
      tls: session.tls?.version ?? '',
      listener: session.listenerName(),
      route: session.routeName(),
      cluster: session.upstream?.policy.name ?? '',
      endpoint: session.endpoint?.key ?? '',
      source: `${session.client.address}:${session.client.port}`,
      bytesReceived: this.relay?.bytesUp ?? 0,
      bytesSent: this.relay?.bytesDown ?? 0,
      ageMs: Date.now() - this.startMs,
    };
  }
}
