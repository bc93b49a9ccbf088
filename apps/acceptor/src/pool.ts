// The acceptor's workers: a Piscina pool in which every thread runs one task for its whole life. It starts them, hands
// them versions, and replaces a thread that died. It does not know what a version means.
import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { AcceptingEngine, EngineName } from '@sluice/engine';
import type { Logger } from '@sluice/observe';
import type { SessionSettings } from '@sluice/session';
import { clearWorker, createLive, openLive } from '@sluice/upstream';
import { Piscina } from 'piscina';
import { Counters, counterIndex } from './counters.ts';
import { Figures } from './figures.ts';
import type { FromWorker, Prepare, SessionRow, SessionSelector, ToWorker, WorkerTask } from './messages.ts';
import { Placement } from './placement.ts';

/** A thread that dies again this soon after its start is started again only after this long, so as not to spin. */
const restartPauseMs = 1000;

/** A worker that has not answered for so long hangs; it must not keep the others from a version for ever. */
const answerMs = 10_000;

/** Rows of one answer to `/sessions` from each worker. */
const listedSessions = 1000;

export interface PoolOptions {
  readonly acceptorId: string;
  readonly workers: number;
  readonly engine: EngineName;
  readonly settings: SessionSettings;
  /** Sessions of all workers together; 0 = no limit. */
  readonly maxSessions: number;
  readonly logLevel: string;
  readonly log: Logger;
  /** Longer than any drain: Piscina ends live tasks after it. */
  readonly closeTimeoutMs: number;
  /** A worker died and is being replaced; its sessions are gone. */
  readonly onDeath: (worker: number, error: Error) => void;
}

interface Seat {
  readonly control: MessagePort;
  readonly dead: Promise<void>;
}

export class Pool {
  readonly counters: Counters;
  readonly figures: Figures;
  readonly live: SharedArrayBuffer;
  readonly turns = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #options: PoolOptions;
  readonly #piscina: Piscina;
  readonly #placement: Placement;
  readonly #seats = new Map<number, Seat>();
  readonly #answers = new Map<string, (message: FromWorker) => void>();
  #accepting: AcceptingEngine | null = null;
  /** What a worker that starts now must hold: the version in force, and one being prepared. */
  #held: readonly Prepare[] = [];
  #nextRequest = 1;
  #started = false;
  #closing = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.counters = new Counters(options.workers);
    this.figures = new Figures(options.workers);
    this.#placement = new Placement(this.counters, options.workers);
    this.live = createLive(options.workers);
    this.#piscina = new Piscina({
      filename: new URL('./worker.ts', import.meta.url).href,
      minThreads: options.workers,
      maxThreads: options.workers,
      concurrentTasksPerWorker: 1,
      // The default parks an idle thread in Atomics.wait: its timers and sockets would stand still.
      atomics: 'disabled',
      idleTimeout: Number.POSITIVE_INFINITY,
      closeTimeout: options.closeTimeoutMs,
      recordTiming: false,
    });
    // A thread's error comes by its task's promise too; without a listener this event would end the process.
    this.#piscina.on('error', (error: Error) => options.log.debug({ event: 'pool-error', err: error }));
  }

  /** Rejects where a thread cannot even start: it would be the same again, so starting again is no answer. */
  async start(accepting: AcceptingEngine): Promise<void> {
    this.#accepting = accepting;
    await Promise.race([
      once(this.#piscina, 'error').then(([error]) => Promise.reject(error)),
      Promise.all(Array.from({ length: this.#options.workers }, (_, worker) => this.#run(worker))),
    ]);
    this.#started = true;
  }

  /** The worker for the next connection; -1 where none lives, or all have as many sessions together as they may. */
  place(): number {
    return this.#placement.place(this.#seats.keys(), this.#options.maxSessions);
  }

  /** Workers that take connections. */
  get serving(): number {
    return this.#seats.size;
  }

  /** Once a second: see Placement. */
  settle(): void {
    this.#placement.settle();
  }

  /**
   * Resolves when every living worker holds the version ready, with what those say that cannot, or did not answer in time.
   * `inForce`: what a worker started meanwhile takes first.
   */
  async prepare(prepare: Prepare, inForce: Prepare | null): Promise<readonly string[]> {
    this.#held = inForce === null ? [prepare] : [inForce, prepare];
    const errors = new Set<string>();
    const silent = await this.#all(prepare, `prepared ${prepare.turn}`, (message) => {
      if (message.type === 'prepared' && message.error !== '') errors.add(message.error);
    });
    return [...errors, ...(silent.length > 0 ? [`worker ${silent.join(', ')} does not answer`] : [])];
  }

  /** Switches all workers at once, and resolves when each has said so (or hangs: then its own row tells its version). */
  async commit(prepare: Prepare): Promise<void> {
    this.#held = [prepare];
    Atomics.store(new Int32Array(this.turns), 0, prepare.turn);
    await this.#all({ type: 'committed', turn: prepare.turn }, `committed ${prepare.turn}`);
  }

  abandon(prepare: Prepare, inForce: Prepare | null): void {
    this.#held = inForce === null ? [] : [inForce];
    for (const worker of this.#seats.keys()) this.#post(worker, { type: 'abandoned', turn: prepare.turn });
  }

  sessions(): Promise<SessionRow[]> {
    return this.#list(listedSessions);
  }

  /** Resolves when every worker has come round twice: what was handed to it before is then counted as its session. */
  async cameRound(): Promise<void> {
    for (let round = 0; round < 2; round++) await this.#list(0);
  }

  async #list(limit: number): Promise<SessionRow[]> {
    const request = this.#nextRequest++;
    const rows: SessionRow[] = [];
    await this.#all({ type: 'list', request, limit }, `sessions ${request}`, (message) => {
      if (message.type === 'sessions') for (const row of message.sessions) rows.push(row);
    });
    return rows;
  }

  /** Ends the sessions chosen, in all workers; resolves with how many there were. */
  async end(select: SessionSelector, how: 'close' | 'reset'): Promise<number> {
    const request = this.#nextRequest++;
    let count = 0;
    await this.#all({ type: 'end', request, select, how }, `ended ${request}`, (message) => {
      if (message.type === 'ended') count += message.count;
    });
    return count;
  }

  throwIn(worker: number): boolean {
    return this.#post(worker, { type: 'throw' });
  }

  workers(): { readonly id: number; readonly version: number; readonly sessions: number }[] {
    return Array.from({ length: this.#options.workers }, (_, id) => ({
      id,
      version: this.counters.of(id, 'version'),
      sessions: this.counters.of(id, 'active'),
    }));
  }

  activeSessions(): number {
    return this.counters.total(counterIndex.active);
  }

  /** A thread that is ended has no last word, so what its sessions logged is written first. */
  async close(): Promise<void> {
    this.#closing = true;
    const request = this.#nextRequest++;
    await this.#all({ type: 'flush', request }, `flushed ${request}`);
    await this.#piscina.destroy();
  }

  async #run(worker: number): Promise<void> {
    const startedMs = performance.now();
    const { port1: control, port2 } = new MessageChannel();
    const ticket = (this.#accepting as AcceptingEngine).seat(worker);
    const { acceptorId, engine, settings, maxSessions, logLevel } = this.#options;
    const task: WorkerTask = {
      worker,
      acceptorId,
      engine,
      ticket: ticket.message,
      control: port2,
      turns: this.turns,
      counters: this.counters.buffer,
      figures: this.figures.buffer,
      live: this.live,
      settings,
      maxSessions,
      logLevel,
    };
    const run = this.#piscina.run(task, { transferList: [port2, ...(ticket.transfer as MessagePort[])] as never });
    let alive = true;
    const died = (error: Error) => {
      alive = false;
      return this.#died(worker, startedMs, error);
    };
    const dead = run.then(() => died(new Error('the task ended')), died);
    const seat: Seat = { control, dead };
    control.on('message', (message: FromWorker) => this.#answers.get(answerName(worker, message))?.(message));
    await this.#answer(seat, `${worker} ready`);
    // It gets connections only when it holds what the others hold, however often that changes meanwhile.
    for (let held: readonly Prepare[] | null = null; alive && held !== this.#held; ) {
      held = this.#held;
      for (const prepare of held) await this.#ask(seat, prepare, `${worker} prepared ${prepare.turn}`);
      const turn = this.#turnInForce();
      if (turn > 0) await this.#ask(seat, { type: 'committed', turn }, `${worker} committed ${turn}`);
    }
    if (!alive) return;
    this.#seats.set(worker, seat);
    this.#accepting?.serves(worker);
  }

  async #died(worker: number, startedMs: number, error: Error): Promise<void> {
    if (this.#closing) return;
    if (!this.#started) throw error;
    this.#seats.get(worker)?.control.close();
    this.#seats.delete(worker);
    this.#accepting?.unseat(worker);
    this.counters.fold(worker);
    this.#placement.restart(worker);
    this.figures.clearOpen(worker);
    clearWorker(openLive(this.live), worker);
    this.#options.onDeath(worker, error);
    const pauseMs = performance.now() - startedMs < restartPauseMs ? restartPauseMs : 0;
    setTimeout(() => {
      if (!this.#closing) void this.#run(worker);
    }, pauseMs);
  }

  #post(worker: number, message: ToWorker): boolean {
    const seat = this.#seats.get(worker);
    seat?.control.postMessage(message);
    return seat !== undefined;
  }

  /** Posts to every living worker and waits until each has answered, or died; resolves with those that did neither. */
  async #all(message: ToWorker, answer: string, each: (message: FromWorker) => void = () => {}): Promise<number[]> {
    const silent = new Set(this.#seats.keys());
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, answerMs);
    const answers = [...this.#seats].map(async ([worker, seat]) => {
      await this.#ask(seat, message, `${worker} ${answer}`, each);
      silent.delete(worker);
    });
    await Promise.race([Promise.all(answers), late.promise]);
    clearTimeout(timer);
    return [...silent];
  }

  #ask(seat: Seat, message: ToWorker, name: string, each?: (message: FromWorker) => void): Promise<void> {
    const answered = this.#answer(seat, name, each);
    seat.control.postMessage(message);
    return answered;
  }

  /** Resolves with the named answer, or the worker's death. */
  async #answer(seat: Seat, name: string, each: (message: FromWorker) => void = () => {}): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      this.#answers.set(name, (got) => {
        each(got);
        resolve();
      });
    });
    await Promise.race([answered, seat.dead]);
    this.#answers.delete(name);
  }

  #turnInForce(): number {
    return Atomics.load(new Int32Array(this.turns), 0);
  }
}

/** Answers are told apart by who and what: `0 prepared 3`. */
function answerName(worker: number, message: FromWorker): string {
  if (message.type === 'ready') return `${worker} ready`;
  const mark = 'turn' in message ? message.turn : message.request;
  return `${worker} ${message.type} ${mark}`;
}
