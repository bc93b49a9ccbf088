// The main thread's side of the config thread: starts it, and starts it again should it die; what is in force goes on.
import { Worker } from 'node:worker_threads';
import type { Logger } from '@sluice/observe';
import type { AcceptorReport } from '@sluice/version';
import type { CompiledVersion, ConfigTask, FromConfig, ToConfig } from './messages.ts';

/** A thread that dies is started again after this long: what kills it at once would kill it again. */
const restartPauseMs = 1000;

export class ConfigFollower {
  readonly #task: Omit<ConfigTask, 'held'>;
  readonly #held: () => readonly CompiledVersion[];
  readonly #told: (message: FromConfig) => void;
  readonly #log: Logger;
  #thread: Worker | null = null;
  #closing = false;

  /** `held`: as the task's of the same name, at the moment a thread is started. */
  constructor(
    task: Omit<ConfigTask, 'held'>,
    held: () => readonly CompiledVersion[],
    log: Logger,
    told: (message: FromConfig) => void,
  ) {
    this.#task = task;
    this.#held = held;
    this.#log = log;
    this.#told = told;
  }

  start(): void {
    const workerData: ConfigTask = { ...this.#task, held: this.#held() };
    const thread = new Worker(new URL('./config-thread.ts', import.meta.url), { workerData });
    this.#thread = thread;
    thread.on('message', this.#told);
    thread.on('error', (err) => this.#log.error({ event: 'config-thread-died', err }));
    thread.on('exit', () => {
      this.#thread = null;
      setTimeout(() => {
        if (!this.#closing) this.start();
      }, restartPauseMs);
    });
  }

  post(message: ToConfig): void {
    this.#thread?.postMessage(message);
  }

  /** Resolves when the last report is said and the thread has ended, at the latest after the time given. */
  async close(report: AcceptorReport, withinMs: number): Promise<void> {
    this.#closing = true;
    const thread = this.#thread;
    if (thread === null) return;
    // Not events.once, which rejects where the thread ends by a fault.
    const ended = new Promise((resolve) => thread.once('exit', resolve));
    this.post({ type: 'close', report });
    const late = setTimeout(() => void thread.terminate(), withinMs);
    await ended;
    clearTimeout(late);
  }
}
