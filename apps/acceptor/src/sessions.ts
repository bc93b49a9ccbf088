// The sessions of one worker: does what each session decides (libs/session) on the worker's engine, and accounts for it.
import {
  type End,
  type EngineError,
  engineErrors,
  movedTo,
  type RelayReport,
  type TlsContext,
  type TlsEngine,
  type WorkerEngine,
} from '@sluice/engine';
import type { BulkLog } from '@sluice/observe';
import { createFacts } from '@sluice/route-table';
import { type Outcome, Session, type SessionScope, type Step, trust } from '@sluice/session';
import { writeSession } from './access-log.ts';
import { counterIndex, outcomeIndex, type Row, rowOf } from './counters.ts';
import { Figures, figureIndex } from './figures.ts';
import type { SessionRow, SessionSelector, WorkerTask } from './messages.ts';
import { dialName } from './names.ts';
import { RefusedConnections } from './refused-connections.ts';
import { Running } from './running.ts';
import { RunningList } from './running-list.ts';
import { Seldom } from './seldom.ts';
import type { TurnBook } from './turn-book.ts';
import { openWorkerLog } from './worker-log.ts';

/** Between two complaints that no descriptor is left: every connection meets that, and one line says it. */
const descriptorComplaintMs = 10_000;

export class Sessions {
  readonly #task: WorkerTask;
  readonly #turns: TurnBook;
  readonly #scope: SessionScope;
  readonly #row: Row;
  readonly #figures: Figures;
  readonly #log: BulkLog;
  readonly #refused: RefusedConnections;
  readonly #withoutDescriptor = new Seldom(descriptorComplaintMs);
  readonly #running = new RunningList<Running>();
  /** Connections of a listener whose version is prepared but not in force yet. */
  readonly #waiting: { readonly end: End; readonly listener: number }[] = [];
  #engine: WorkerEngine | null = null;
  #tls: TlsEngine | null = null;
  #nextId = 1;

  constructor(task: WorkerTask, turns: TurnBook, log: BulkLog = openWorkerLog(task)) {
    this.#task = task;
    this.#turns = turns;
    this.#row = rowOf(task.counters, task.worker);
    this.#figures = new Figures(turns.live.workers, task.figures);
    this.#log = log;
    this.#refused = new RefusedConnections(log.logger, () => performance.now());
    this.#scope = {
      settings: task.settings,
      trustsProxy: trust(task.settings.proxyFrom),
      live: turns.live,
      worker: task.worker,
      facts: createFacts(),
      random: Math.random,
    };
  }

  /** `tls`: what ends TLS, `engine` itself or one beside it. */
  use(engine: WorkerEngine, tls: TlsEngine): void {
    this.#engine = engine;
    this.#tls = tls;
  }

  /** Asked of a lone worker that takes connections itself: all sessions are its own then. */
  mayTake(): boolean {
    const { maxSessions } = this.#task;
    const may = maxSessions === 0 || this.#row[counterIndex.active] + this.#waiting.length < maxSessions;
    if (!may) this.#refused.withoutPlace(1, maxSessions);
    return may;
  }

  /** Something went wrong while connections were taken. */
  takingFailed(error: EngineError): void {
    this.#refused.fault(error);
  }

  accepted(end: End, listener: number): void {
    this.#row[counterIndex.taken]++;
    this.#decide(end, listener);
  }

  decideWaiting(): void {
    for (const { end, listener } of this.#waiting.splice(0)) this.#decide(end, listener);
  }

  list(limit: number): SessionRow[] {
    return this.#running.first(limit).map((running) => running.row(this.#task.worker));
  }

  end(select: SessionSelector, how: 'close' | 'reset'): number {
    let count = 0;
    for (const running of this.#running.all()) {
      if (!running.isChosen(select)) continue;
      count++;
      if (running.relay !== null) running.relay.end(how);
      else if (running.giveUp !== null) running.giveUp();
      else running.engine.reset(running.end);
    }
    return count;
  }

  /** Resolves when everything logged so far is written. */
  logged(): Promise<void> {
    return this.#log.flushed();
  }

  /** Adds what running sessions have moved since the last time. */
  tally(): void {
    for (const running of this.#running.all()) running.countBytes(this.#row);
  }

  #decide(end: End, listener: number): void {
    const inForce = this.#turns.inForce(listener);
    if ((inForce === null || inForce.listener < 0) && this.#turns.isComing(listener)) {
      this.#waiting.push({ end, listener });
      return;
    }
    if (inForce === null) return this.#use().reset(end);
    const session = new Session(this.#scope, inForce.version, inForce.listener, this.#use().addresses(end));
    this.#start(new Running(this.#nextId++, this.#use(), end, session, inForce.turn));
  }

  #use(): WorkerEngine {
    return this.#engine as WorkerEngine;
  }

  #start(running: Running): void {
    this.#running.add(running);
    this.#row[counterIndex.opened]++;
    this.#row[counterIndex.active]++;
    this.#figure(running, figureIndex.connections, 1);
    this.#figure(running, figureIndex.open, 1);
    this.#do(running, running.session.begin());
  }

  #do(running: Running, step: Step): void {
    const { session, engine, end } = running;
    switch (step.kind) {
      case 'peek':
        return engine.peek(end, step, step.look, (how) => {
          // The end is gone already: whoever aborts a peek closes it.
          if (how === 'aborted') this.#finish(running, 'ordered', null);
          else this.#do(running, session.peeked(how));
        });
      case 'discard':
        engine.discard(end, step.bytes);
        return this.#do(running, session.discarded());
      case 'secure':
        return this.#secure(running, step);
      case 'dial':
        return this.#dial(running, step);
      case 'relay':
        return this.#relay(running, step);
      case 'refuse':
        engine.reset(end);
        return this.#finish(running, step.outcome, null);
      case 'gone':
        return this.#finish(running, step.outcome, null);
    }
  }

  /** From here both ends are with the engine that ends TLS; payload is the same to all that follows. */
  #secure(running: Running, { context, deadlineMs }: Extract<Step, { kind: 'secure' }>): void {
    const { session } = running;
    const tls = this.#tls as TlsEngine;
    running.end = movedTo(tls, running.engine, running.end);
    running.engine = tls;
    tls.secure(running.end, context as TlsContext, deadlineMs, (result) => {
      if (result.ok) {
        this.#row[counterIndex.secured]++;
        return this.#do(running, session.secured(result.value));
      }
      // The end is gone already: whoever gives a handshake up closes it.
      const { code, message } = result.error;
      if (code === 'aborted') this.#finish(running, 'ordered', null);
      else this.#do(running, session.secureFailed(code, message));
    });
  }

  #dial(running: Running, { endpoint, policy }: Extract<Step, { kind: 'dial' }>): void {
    const to = { timeoutMs: policy.connectTimeoutMs, keepalive: policy.keepalive };
    running.giveUp = dialName(running.engine, endpoint, to, (result) => {
      running.giveUp = null;
      if (result.ok) {
        running.upstreamEnd = result.value;
        return this.#do(running, running.session.dialed());
      }
      if (result.error.code === 'aborted') {
        running.engine.reset(running.end);
        return this.#finish(running, 'ordered', null);
      }
      this.#row[counterIndex.connectFailures]++;
      this.#tellFailure(running, endpoint.key, result.error);
      this.#do(running, running.session.dialFailed(result.error.code));
    });
  }

  #relay(running: Running, step: Extract<Step, { kind: 'relay' }>): void {
    const { engine } = running;
    if (step.preface !== null) engine.preface(running.upstreamEnd, step.preface);
    running.upstreamLocal = engine.localAddress(running.upstreamEnd);
    running.relay = engine.relay(running.end, running.upstreamEnd, step, (report) =>
      this.#finish(running, report.cause, report),
    );
  }

  #tellFailure({ id: session }: Running, endpoint: string, { code, message }: EngineError): void {
    const { logger } = this.#log;
    logger.debug({ event: 'connect-failed', session, endpoint, code });
    if (code !== 'descriptors') return;
    const failures = this.#withoutDescriptor.pass(performance.now());
    if (failures > 0)
      logger.error({ event: 'no-descriptor', endpoint, failures, reason: message }, engineErrors.descriptors.solve);
  }

  #finish(running: Running, outcome: Outcome, report: RelayReport | null): void {
    running.countBytes(this.#row);
    this.#running.remove(running);
    this.#row[counterIndex.active]--;
    this.#row[counterIndex.closed]++;
    this.#row[outcomeIndex[outcome]]++;
    this.#figure(running, figureIndex.open, -1);
    if (outcome === 'no-route') this.#figure(running, figureIndex.noRoute, 1);
    if (outcome === 'connect-failed') this.#figure(running, figureIndex.connectFailures, 1);
    if (outcome === 'upstream-reset' && report?.bytesDown === 0) this.#figure(running, figureIndex.earlyResets, 1);
    if (this.#log.logger.isLevelEnabled('info')) this.#tell(running, outcome, report);
    running.session.ended();
  }

  #tell(running: Running, outcome: Outcome, report: RelayReport | null): void {
    const nowMs = Date.now();
    const line = this.#log.beginInfo(nowMs);
    if (line === null) return;
    writeSession(line, running, outcome, report, nowMs);
    this.#log.end();
  }

  #figure(running: Running, figure: number, count: number): void {
    this.#figures.add(this.#task.worker, running.turn, running.session.version.number, figure, count);
  }
}
