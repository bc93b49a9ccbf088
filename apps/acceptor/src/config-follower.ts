// The main thread's side of the config thread: starts it, and starts it again should it die; what is in force goes on.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Logger } from '@sluice/observe';
import type { AcceptorReport } from '@sluice/version';
import type { ConfigTask, FromConfig, ToConfig } from './messages.ts';

/** A thread that dies is started again after this long: what kills it at once would kill it again. */
const restartPauseMs = 1000;

export class ConfigFollower {
  readonly #task: ConfigTask;
  readonly #told: (message: FromConfig) => void;
  readonly #log: Logger;
  #thread: Worker | null = null;
  #closing = false;

  constructor(task: ConfigTask, log: Logger, told: (message: FromConfig) => void) {
    this.#task = task;
    this.#log = log;
    this.#told = told;
  }

  start(): void {
    const thread = new Worker(new URL('./config-thread.ts', import.meta.url), { workerData: this.#task });
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
    const ended = once(thread, 'exit');
    this.post({ type: 'close', report });
    const late = setTimeout(() => void thread.terminate(), withinMs);
    await ended;
    clearTimeout(late);
  }
}
