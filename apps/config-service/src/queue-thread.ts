// Takes proposals from the store's queue in a thread of its own, and has each decided by the main thread. However long that
// takes, this thread goes on saying that somebody is there, and keeps the proposal from being given to another.
import { parentPort, workerData } from 'node:worker_threads';
import { createLogger } from '@sluice/observe';
import { isStoreFault, openStore } from '@sluice/store';
import type { Admission, Proposal } from '@sluice/version';
import type { FromQueue, QueueTask, ToQueue } from './queue.ts';

/**
 * A main thread that has not decided for so long hangs: the process is ended, so that another takes the proposal up. The
 * largest states (hundreds of thousands of routes at once) take some ten seconds.
 */
const DECISION_MS = 300_000;

const { store: url, logLevel } = workerData as QueueTask;
const logger = createLogger({ component: 'config-service', level: logLevel, fields: { thread: 'queue' } });
const post = (message: FromQueue) => parentPort?.postMessage(message);

interface Pending {
  readonly resolve: (admission: Admission) => void;
  readonly reject: (error: Error) => void;
}

const pending = new Map<number, Pending>();
let lastId = 0;

function decided(proposal: Proposal): Promise<Admission> {
  const id = ++lastId;
  const { promise, resolve, reject } = Promise.withResolvers<Admission>();
  pending.set(id, { resolve, reject });
  post({ type: 'proposal', id, proposal });
  const late = setTimeout(() => {
    logger.fatal({ event: 'decision-hangs', submission: proposal.submission }, 'ended for another to take over');
    process.kill(process.pid, 'SIGKILL');
  }, DECISION_MS);
  return promise.finally(() => {
    clearTimeout(late);
    pending.delete(id);
  });
}

const { store, serving } = await serve().catch(refused);
parentPort?.on('message', (message: ToQueue) => {
  switch (message.type) {
    case 'decided':
      return pending.get(message.id)?.resolve(message.admission);
    case 'undecided':
      return pending.get(message.id)?.reject(new Error(message.reason));
    case 'close':
      return void close();
  }
});
post({ type: 'serving' });

async function serve() {
  // The main thread watches the store's health already.
  const opened = await openStore(url, { role: 'config-service', logger, watchesHealth: false });
  if (!opened.ok) throw opened.fault;
  return { store: opened.value, serving: await opened.value.admissions.serve(decided) };
}

/** Never resolves where the store is at fault: the main thread ends this one. */
function refused(error: unknown): Promise<never> {
  if (!isStoreFault(error)) throw error;
  post({ type: 'refused', code: error.code, message: error.message });
  return new Promise(() => {});
}

async function close(): Promise<void> {
  await serving.close();
  await store.close();
  process.exit();
}
