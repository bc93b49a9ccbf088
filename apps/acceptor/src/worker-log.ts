// The log of one worker: a line for each session, and whatever else its sessions tell. Nothing of it is lost when the thread
// ends by itself or by a fault; a process that is killed loses what has waited, at most a tenth of a second.
import { BulkLog } from '@sluice/observe';
import { openOutput, standardOutput, writeBytesFor } from './log-output.ts';
import type { WorkerTask } from './messages.ts';

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
  return log;
}
