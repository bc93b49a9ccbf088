// A worker thread for kill.test.ts: it relays every connection to one endpoint, and dies as it is told. Tests only.
import { parentPort, workerData } from 'node:worker_threads';
import type { RelayLimits, WorkerEngineOptions } from '@sluice/engine';
import { openWorker } from './worker.ts';

export interface KilledWorkerData {
  readonly seat: unknown;
  readonly port: number;
  /** Sessions begun before the thread ends itself; 0: it waits to be terminated. */
  readonly dieAfter: number;
  readonly die: 'throw' | 'exit';
}

const { seat, port, dieAfter, die } = workerData as KilledWorkerData;
const limits: RelayLimits = { idleMs: 30_000, halfCloseMs: 30_000, maxDurationMs: 0, closeMs: 0 };
let sessions = 0;

const options: WorkerEngineOptions = {
  mayTake: () => true,
  onFault(error) {
    throw new Error(error.message);
  },
  accepted(end) {
    sessions++;
    if (sessions === dieAfter) {
      if (die === 'exit') process.exit(0);
      throw new Error('told to die');
    }
    const dial = () =>
      engine.dial({ address: '127.0.0.1', port, timeoutMs: 5_000, keepalive: null }, (dialed) => {
        if (dialed.ok) engine.relay(end, dialed.value, limits, () => {});
        else engine.reset(end);
      });
    // Some look first, so that threads die in every phase of a session.
    if (sessions % 3 === 0)
      engine.peek(
        end,
        { bytes: 64, deadlineMs: 5_000 },
        () => 'enough',
        (how) => (how === 'enough' ? dial() : engine.close(end)),
      );
    else dial();
  },
};

// Without time to spare, so that threads die with pipes in use.
const engine = openWorker(seat, options, () => 1);

// koffi ends the process when a thread is terminated while it declares its functions; from here on it cannot.
parentPort?.postMessage('open');
