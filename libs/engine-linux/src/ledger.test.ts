// Threads terminated while they open and close descriptors: each is in the ledger, or closed.
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Ledger } from './ledger.ts';
import type { OpeningThreadData } from './opening-thread.ts';
import { syscalls } from './syscalls.ts';

const test = suite('ledger');
const deaths = 30;

/** Open sockets of the process. */
function sockets(): string[] {
  const target = (fd: string): string => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // the descriptor of this very reading
    }
  };
  return readdirSync('/proc/self/fd')
    .map(target)
    .filter((to) => to.startsWith('socket:'));
}

test('a thread terminated between a system call and its note leaves nothing that a sweep does not find', () =>
  endThreads(false));

test('a thread terminated while it gives a socket to Node leaves it to Node, or to the sweep', () => endThreads(true));

async function endThreads(leaves: boolean): Promise<void> {
  const ledger = new Ledger(4096, syscalls());
  const before = sockets();
  for (let i = 0; i < deaths; i++) {
    const thread = new Worker(new URL('./opening-thread.ts', import.meta.url), {
      workerData: { memory: ledger.memory, leaves } satisfies OpeningThreadData,
    });
    await once(thread, 'message');
    // At a moment of its own each time: early ones meet code that is not compiled yet.
    for (let turns = i * 5; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    await thread.terminate();
    ledger.sweep(0);
    assert.equal(sockets(), before, `death ${i}`);
  }
  assert.is(ledger.closedTwice, 0);
}

test.run();
