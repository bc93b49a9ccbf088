// A worker thread for ledger.test.ts: opens and closes descriptors, or gives them to Node, until it is terminated. Tests only.
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { AF_INET, AF_UNIX, O_CLOEXEC, SOCK_STREAM } from './abi.ts';
import { Ledger, type LedgerMemory } from './ledger.ts';
import { Memory, syscalls } from './syscalls.ts';

export interface OpeningThreadData {
  readonly memory: LedgerMemory;
  readonly leaves: boolean;
}

const { memory, leaves } = workerData as OpeningThreadData;
const ledger = new Ledger(memory, syscalls());
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

/** Loops before and after Node has it, in which the thread can be terminated. */
function leave(): void {
  const fd = ledger.socket(0, AF_INET, SOCK_STREAM);
  const socket = ledger.leave(fd, 0, () => {
    linger();
    const taken = new Socket({ fd });
    linger();
    return taken;
  });
  socket.destroy();
  setImmediate(leave);
}

function linger(): void {
  for (const end = performance.now() + 0.2; performance.now() < end; );
}

// koffi ends the process when a thread is terminated while it declares its functions; from here on it cannot.
parentPort?.postMessage('open');
if (leaves) leave();
else open();
