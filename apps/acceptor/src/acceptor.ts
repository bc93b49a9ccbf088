// One acceptor: takes versions as the config thread compiles them, serves connections on its workers, drains, ends.
import type { AcceptingEngine } from '@sluice/engine';
import type { Logger } from '@sluice/observe';
import { defaultSettings } from '@sluice/session';
import { AcceptorState } from './acceptor-state.ts';
import { ConfigFollower } from './config-follower.ts';
import { Edge } from './edge.ts';
import { chooseEngine } from './engines.ts';
import { sessionLimit, tellEngineLimits } from './limits.ts';
import type { FromConfig } from './messages.ts';
import { Pool } from './pool.ts';
import { Quarantine } from './quarantine.ts';
import type { Quarantined } from './quarantine-file.ts';
import { RefusedConnections } from './refused-connections.ts';
import type { Settings } from './settings.ts';

/** Of a version that is quarantined. */
const crashedWorkers = 'quarantined: workers died twice within a minute of its commit';

/** How often an acceptor reports itself when nothing happens. */
const reportMs = 1000;

/** How often a drain looks whether the last session has gone. */
const drainLookMs = 20;

/** For the last report to reach the store. */
const lastReportMs = 2000;

export class Acceptor {
  readonly state: AcceptorState;
  readonly #settings: Settings;
  readonly #log: Logger;
  /** Sessions at once; 0 = no limit of ours. */
  readonly maxSessions: number;
  readonly #accepting: AcceptingEngine;
  readonly #pool: Pool;
  readonly #edge: Edge;
  readonly #config: ConfigFollower;
  readonly #quarantine = new Quarantine(() => performance.now());
  #reporting: NodeJS.Timeout | undefined;
  #taking: Promise<void> = Promise.resolve();
  #drained: Promise<void> | null = null;
  #hurried = false;

  constructor(settings: Settings, log: Logger) {
    this.#settings = settings;
    this.#log = log;
    this.maxSessions = sessionLimit(settings, log);
    const { kind, fellBack } = chooseEngine(settings.engine);
    if (fellBack !== null) {
      const { code, message } = fellBack;
      const asked = settings.engine;
      log.warn(
        { event: 'engine-fell-back', asked, engine: kind.name, code, message },
        `engine ${kind.name} serves instead`,
      );
    }
    tellEngineLimits(kind.name, log);
    const { id: acceptorId, workers, logLevel, labels, stateDir, trustedKeys, store, proxyFrom } = settings;
    this.#pool = new Pool({
      acceptorId,
      workers,
      engine: kind.name,
      settings: { ...defaultSettings, proxyFrom },
      maxSessions: this.maxSessions,
      logLevel,
      log,
      closeTimeoutMs: settings.drainMs + 60_000,
      onDeath: (worker, error) => this.#workerDied(worker, error),
    });
    const refused = new RefusedConnections(log, () => performance.now());
    this.#accepting = kind.openAccepting({
      place: () => {
        const worker = this.#pool.place();
        if (worker < 0) refused.withoutPlace(this.#pool.serving, this.maxSessions);
        return worker;
      },
      lone: workers === 1,
      onFault: (error) => refused.fault(error),
    });
    const { bind, backlog, reusePort } = settings;
    this.#edge = new Edge({ accepting: this.#accepting, pool: this.#pool, bind, backlog, reusePort, log });
    this.state = new AcceptorState(settings, kind.name, this.#pool, this.#edge);
    this.#config = new ConfigFollower(
      { store, labels, stateDir, trustedKeys, live: this.#pool.live, logLevel, acceptorId },
      () => this.#edge.held(),
      log,
      (message) => this.#told(message),
    );
  }

  async start(): Promise<void> {
    await this.#pool.start(this.#accepting);
    this.#config.start();
    this.#reporting = setInterval(() => {
      this.#pool.settle();
      this.#report();
    }, reportMs);
  }

  /** Takes nothing new, waits for sessions up to the drain time, ends the rest, and says goodbye. Once. */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  /** Ends at once what is left of a drain. */
  hurry(): void {
    this.#hurried = true;
  }

  async #drain(): Promise<void> {
    this.state.draining = true;
    this.#log.info({ event: 'draining', sessions: this.#pool.activeSessions(), drainMs: this.#settings.drainMs });
    await this.#taking;
    // What a lone worker took itself is not known to be there until then; its limit holds for what still waits.
    this.#pool.settle();
    await this.#edge.closeListeners();
    await this.#pool.cameRound();
    this.#report();
    const deadlineMs = performance.now() + this.#settings.drainMs;
    while (this.#pool.activeSessions() > 0 && performance.now() < deadlineMs && !this.#hurried)
      await new Promise((resolve) => setTimeout(resolve, drainLookMs));
    const left = this.#pool.activeSessions();
    if (left > 0) {
      this.#log.warn({ event: 'drain-cut', sessions: left });
      await this.#pool.end({}, 'reset');
    }
    this.state.stopped = true;
    clearInterval(this.#reporting);
    await this.#config.close(this.state.report(), lastReportMs);
    await this.#accepting.close();
    await this.#pool.close();
    this.#log.info({ event: 'stopped' });
  }

  #told(message: FromConfig): void {
    switch (message.type) {
      case 'quarantined':
        // A config thread that was started again knows no more than we do, and less where the disk is full.
        if (this.state.quarantined.length === 0) this.state.quarantined = message.quarantined;
        return;
      case 'compiled':
        this.state.lag.lookClosely();
        this.#taking = this.#taking.then(() => this.#take(message));
        return;
      case 'uncompiled':
        return this.#refuse(message.version, `cannot be compiled: ${message.error}`);
      case 'away':
        this.state.storeAway = { code: message.code, reason: message.message };
        this.#report();
        return;
      case 'back':
        this.state.storeAway = null;
        return this.#report();
    }
  }

  async #take(made: Extract<FromConfig, { type: 'compiled' }>): Promise<void> {
    const { compiled, source, idle, dropped, admittedMs, insteadOf } = made;
    const { version, digest } = compiled;
    if (this.state.draining) return;
    // Something else came while it was looked for.
    const isLate = insteadOf !== undefined && (this.#edge.inForce?.digest ?? insteadOf.digest) !== insteadOf.digest;
    if (isLate) return this.#config.post({ type: 'took', version, committed: false });
    const condemned = this.state.quarantined.find((each) => each.digest === digest);
    const taken =
      condemned === undefined
        ? await this.#edge.take(compiled)
        : { ok: false as const, error: `quarantined: its state crashed workers here as version ${condemned.version}` };
    this.#config.post({ type: 'took', version, committed: taken.ok });
    if (!taken.ok) {
      this.#refuse(version, taken.error);
      if (condemned !== undefined && this.#edge.inForce === null) this.#findBefore({ version, digest });
      return;
    }
    this.state.tookIn({ idle, dropped });
    this.state.refused = null;
    this.#quarantine.committed(version);
    // What was admitted before this process was there says nothing of how long a change takes.
    const isNew = admittedMs > this.state.startedMs;
    this.state.noteCommit(isNew ? Math.max(0, Date.now() - admittedMs) : null);
    const listeners = this.#edge.listeners().map(({ name }) => name);
    this.#log.info({ event: 'committed', version, digest, source, listeners, idle });
    if (insteadOf !== undefined) return this.#condemn(insteadOf);
    this.#report();
  }

  #refuse(version: number, error: string): void {
    this.state.refusals++;
    this.state.refused = { version, error };
    this.#log.error({ event: 'refused', version, error, inForce: this.#edge.inForce?.version ?? 0 });
    this.#report();
  }

  #workerDied(worker: number, error: Error): void {
    this.state.workerDeaths++;
    this.#log.error({ event: 'worker-died', worker, err: error }, 'a worker died with its sessions and is replaced');
    const version = this.#edge.inForce?.version ?? 0;
    if (this.#quarantine.died(version)) this.#taking = this.#taking.then(() => this.#takeBack(version));
  }

  async #takeBack(version: number): Promise<void> {
    const bad = this.#edge.inForce;
    if (bad?.version !== version) return;
    if (!(await this.#edge.takeBack())) return this.#findBefore({ version, digest: bad.digest });
    this.state.quarantined = [...this.state.quarantined, { version, digest: bad.digest }];
    this.state.tookBack();
    this.state.noteCommit(null);
    this.#config.post({ type: 'took-back', quarantined: this.state.quarantined });
    this.#refuse(version, crashedWorkers);
  }

  /** A process that was started with the bad version has none before it; the log may. */
  #findBefore(bad: Quarantined): void {
    this.#config.post({ type: 'find-before', bad, quarantined: this.state.quarantined });
  }

  /** The version before, from the log, is in force in its place. */
  #condemn(bad: Quarantined): void {
    if (!this.state.quarantined.some(({ digest }) => digest === bad.digest))
      this.state.quarantined = [...this.state.quarantined, bad];
    this.#config.post({ type: 'condemned', quarantined: this.state.quarantined });
    this.#refuse(bad.version, crashedWorkers);
  }

  #report(): void {
    this.#config.post({ type: 'report', report: this.state.report() });
  }
}
