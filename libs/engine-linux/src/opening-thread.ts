// A worker thread for ledger.test.ts: opens and closes descriptors until it is terminated. Tests only.
import { parentPort, workerData } from 'node:worker_threads';
import { AF_UNIX, O_CLOEXEC, SOCK_STREAM } from './abi.ts';
import { Ledger, type LedgerMemory } from './ledger.ts';
import { Memory, syscalls } from './syscalls.ts';

const ledger = new Ledger(workerData as LedgerMemory, syscalls());
const ends = new Memory(8);

function open(): void {
  for (let i = 0; i < 20; i++) {
    const fd = ledger.socket(0, AF_UNIX, SOCK_STREAM);
    if (ledger.pipe(0, ends, O_CLOEXEC) === 0) {
      ledger.close(ends.words[0] as number);
      ledger.close(ends.words[1] as number);
    }
    if (fd >= 0) ledger.close(fd);
  }
  setImmediate(open);
}

// koffi ends the process when a thread is terminated while it declares its functions; from here on it cannot.
parentPort?.postMessage('open');
open();
