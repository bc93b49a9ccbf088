// The log of one worker: a line for each session, and whatever else its sessions tell. Nothing of it is lost when the thread
// ends by itself or by a fault; a process that is killed loses what has waited, at most a tenth of a second.
import { BulkLog } from '@sluice/observe';
import { openOutput, standardOutput, writeBytesFor } from './log-output.ts';
import type { WorkerTask } from './messages.ts';

/** A reader of the log that stands still must not keep a faulty thread for longer. */
const lastWriteMs = 1_000;

export function openWorkerLog({ acceptorId, worker, logLevel }: WorkerTask): BulkLog {
  const log = new BulkLog({
    component: 'acceptor',
    level: logLevel,
    fields: { acceptor: acceptorId, worker },
    writeBytes: writeBytesFor(standardOutput),
    open: openOutput(standardOutput),
    later: (call, ms) => setTimeout(call, ms).unref(),
  });
  process.once('exit', () => log.flushSync());
  // A write that a pool of threads has not begun is taken back with the thread: the fault waits for those under way.
  process.once('uncaughtException', (fault) => {
    let told = false;
    const end = () => {
      if (told) return;
      told = true;
      setImmediate(() => {
        throw fault;
      });
    };
    void log.flushed().then(end);
    setTimeout(end, lastWriteMs);
  });
  return log;
}
