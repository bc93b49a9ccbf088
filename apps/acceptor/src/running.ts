// One session with what the engine holds for it, and what is told of it while it runs.
import type { End, EndAddresses, Relay } from '@sluice/engine';
import type { Session } from '@sluice/session';
import type { SessionRow, SessionSelector } from './messages.ts';

export class Running {
  readonly id: number;
  readonly end: End;
  readonly session: Session;
  /** The acceptor's turn it began in, see TurnBook. */
  readonly turn: number;
  readonly startMs = Date.now();
  /** See RunningList. */
  place = -1;
  upstreamEnd: End = 0;
  upstreamAddresses: EndAddresses | null = null;
  relay: Relay | null = null;
  /** Ends the connecting under way, which then answers `aborted`. */
  giveUp: (() => void) | null = null;
  #receivedTaken = 0;
  #sentTaken = 0;

  constructor(id: number, end: End, session: Session, turn: number) {
    this.id = id;
    this.end = end;
    this.session = session;
    this.turn = turn;
  }

  /** Bytes moved since the last call. */
  takeBytes(): { readonly received: number; readonly sent: number } {
    if (this.relay === null) return { received: 0, sent: 0 };
    const { bytesUp, bytesDown } = this.relay;
    const taken = { received: bytesUp - this.#receivedTaken, sent: bytesDown - this.#sentTaken };
    this.#receivedTaken = bytesUp;
    this.#sentTaken = bytesDown;
    return taken;
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
      ...session.names(),
      cluster: session.upstream?.policy.name ?? '',
      endpoint: session.endpoint?.key ?? '',
      source: `${session.client.address}:${session.client.port}`,
      bytesReceived: this.relay?.bytesUp ?? 0,
      bytesSent: this.relay?.bytesDown ?? 0,
      ageMs: Date.now() - this.startMs,
    };
  }
}
