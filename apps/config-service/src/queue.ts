// The queue of proposals, served by a thread of its own (queue-thread.ts) while the main thread decides.
import { Worker } from 'node:worker_threads';
import { type AdmissionDesk, type StoreFaultCode, storeFault } from '@sluice/store';
import type { Admission, Proposal } from '@sluice/version';

export interface QueueTask {
  readonly store: string;
  readonly logLevel: string;
}

export type FromQueue =
  | { readonly type: 'serving' }
  /** The store cannot be served. In words of its own: an error loses its code on the way from thread to thread. */
  | { readonly type: 'refused'; readonly code: StoreFaultCode; readonly message: string }
  | { readonly type: 'proposal'; readonly id: number; readonly proposal: Proposal };

export type ToQueue =
  | { readonly type: 'decided'; readonly id: number; readonly admission: Admission }
  /** Not now: it is asked again. */
  | { readonly type: 'undecided'; readonly id: number; readonly reason: string }
  /** The running one may end. */
  | { readonly type: 'close' };

/**
 * Resolves when proposals are taken, or with null where the signal came before; rejects with why they cannot be, a
 * StoreFault where it is the store's. `lost`: the thread died later, which no other part of the process can mend.
 */
export async function serveQueue(
  task: QueueTask,
  desk: AdmissionDesk,
  signal: AbortSignal,
  lost: (error: Error) => void,
): Promise<{ close(): Promise<void> } | null> {
  const thread = new Worker(new URL('./queue-thread.ts', import.meta.url), { workerData: task });
  const post = (message: ToQueue) => thread.postMessage(message);
  const exit = new Promise((resolve) => thread.once('exit', resolve));
  const serving = Promise.withResolvers<void>();
  let closing = false;
  let isServing = false;
  thread.on('message', (message: FromQueue) => {
    if (message.type === 'serving') {
      isServing = true;
      return serving.resolve();
    }
    if (message.type === 'refused') {
      serving.reject(storeFault(message.code, message.message));
      return void thread.terminate();
    }
    const { id, proposal } = message;
    desk(proposal).then(
      (admission) => post({ type: 'decided', id, admission }),
      (error: Error) => post({ type: 'undecided', id, reason: error.message }),
    );
  });
  const died = (error: Error) => {
    serving.reject(error);
    if (isServing && !closing) lost(error);
  };
  thread.on('error', died);
  thread.on('exit', (code) => died(new Error(`the thread of the queue ended with ${code}`)));
  // A store that went away meanwhile lets the thread wait without an end.
  const aborted = () => {
    if (isServing) return;
    closing = true;
    serving.resolve();
    void thread.terminate();
  };
  signal.addEventListener('abort', aborted, { once: true });
  await serving.promise;
  if (!isServing) {
    await exit;
    return null;
  }
  return {
    async close() {
      closing = true;
      post({ type: 'close' });
      await exit;
    },
  };
}
