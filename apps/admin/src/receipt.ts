// Waits until a version is in force everywhere, and says who is behind.
import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '@sluice/store';
import { type AcceptorReceipt, type Receipt, receiptOf } from '@sluice/version';
import { endProgress, progress } from './output.ts';

/** Acceptors report a commit at once; this is how long it may go unnoticed here. */
const LOOK_MS = 25;

export interface WaitedReceipt extends Receipt {
  readonly waitedMs: number;
}

/** `expected`: of whom it is asked; in a roll-out not of everybody. */
export async function waitForReceipt(
  store: Store,
  version: number,
  timeoutMs: number,
  expected: (acceptor: string) => boolean = () => true,
): Promise<WaitedReceipt> {
  const startMs = performance.now();
  for (;;) {
    const receipt = receiptOf(
      version,
      (await store.reports.list()).filter(({ id }) => expected(id)),
    );
    const waitedMs = performance.now() - startMs;
    if (receipt.settled || waitedMs >= timeoutMs) {
      endProgress();
      return { ...receipt, waitedMs: Math.round(waitedMs) };
    }
    const there = receipt.acceptors.filter(({ standing }) => standing === 'committed').length;
    progress(
      `version ${version}: ${there} of ${receipt.acceptors.length} acceptors, ${(waitedMs / 1000).toFixed(1)} s`,
    );
    await delay(LOOK_MS);
  }
}

export function receiptJson({ everywhere, waitedMs, acceptors }: WaitedReceipt): unknown {
  return { converged: everywhere, waitedMs, acceptors };
}

export function receiptText({ version, everywhere, acceptors, waitedMs }: WaitedReceipt): string {
  const behind = acceptors.filter(({ standing }) => standing === 'late' || standing === 'refused');
  const there = acceptors.length - behind.length;
  if (everywhere) {
    const committed = acceptors.filter(({ standing }) => standing === 'committed');
    const workers = committed.reduce((sum, { workers }) => sum + workers, 0);
    const lost = acceptors.filter(({ standing }) => standing === 'lost').map((one) => `\n  ${laggardText(one)}`);
    return `version ${version} is in force in ${plural(workers, 'worker')} of ${plural(committed.length, 'acceptor')}, after ${waitedMs} ms${lost.join('')}`;
  }
  if (acceptors.length === 0) return `version ${version} is in force nowhere: no acceptor reports to this store`;
  const lines = behind.map((one) => `\n  ${laggardText(one)}`);
  return `version ${version} is not in force everywhere after ${waitedMs} ms: ${there} of ${plural(acceptors.length, 'acceptor')} are not behind${lines.join('')}`;
}

function laggardText({ id, standing, version, workers, workersThere, reason }: AcceptorReceipt): string {
  const why = reason === null ? '' : `: ${reason}`;
  return `${id}: ${standing}, at version ${version}, ${workersThere} of ${plural(workers, 'worker')} there${why}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
