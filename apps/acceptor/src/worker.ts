// A worker thread of the acceptor's pool: one task that lasts as long as the thread. It owns sessions and decides each
// by the version in force when it arrives; it knows neither Redis nor the log of versions.
import { openEngine, openTlsEngine } from './engines.ts';
import type { FromWorker, ToWorker, WorkerTask } from './messages.ts';
import { Sessions } from './sessions.ts';
import { TurnBook } from './turn-book.ts';

/** How often the bytes of running sessions are added to the counters. Istio reports them every 5 s. */
const tallyMs = 1000;

/** Piscina calls it once in each thread; the promise settles only by an error, which ends the thread. */
export default function serve(task: WorkerTask): Promise<never> {
  const post = (message: FromWorker) => task.control.postMessage(message);
  const turns = new TurnBook(task);
  const sessions = new Sessions(task, turns);
  const engine = openEngine(task.engine, task.ticket, {
    accepted: (end, listener) => sessions.accepted(end, listener),
    mayTake: () => sessions.mayTake(),
    onFault: (error) => sessions.takingFailed(error),
  });
  sessions.use(engine, openTlsEngine(engine));
  setInterval(() => sessions.tally(), tallyMs);

  task.control.on('message', (data: ToWorker) => {
    switch (data.type) {
      case 'prepare':
        return post({ type: 'prepared', turn: data.turn, error: failure(() => turns.prepare(data)) });
      case 'committed':
        turns.committed(data.turn);
        sessions.decideWaiting();
        return post({ type: 'committed', turn: data.turn });
      case 'abandoned':
        turns.abandoned(data.turn);
        return sessions.decideWaiting();
      case 'list':
        return post({ type: 'sessions', request: data.request, sessions: sessions.list(data.limit) });
      case 'end':
        return post({ type: 'ended', request: data.request, count: sessions.end(data.select, data.how) });
      case 'flush':
        return void sessions.logged().then(() => post({ type: 'flushed', request: data.request }));
      case 'throw':
        // Outside the handler's own stack, as a fault in a session would be.
        setImmediate(() => {
          throw new Error('thrown on request');
        });
    }
  });
  post({ type: 'ready' });
  return new Promise(() => {});
}

/** '' where it succeeds. */
function failure(act: () => void): string {
  try {
    act();
    return '';
  } catch (cause) {
    return (cause as Error).message;
  }
}
