// Waits until a version is in force everywhere, and says who is behind.
import { setTimeout as delay } from 'node:timers/promises';
import { type Head, isStoreFault, type ReceivedReport, type Store } from '@sluice/store';
import { type AcceptorReceipt, type AcceptorReport, EMPTY_STATE, type Receipt, receiptOf } from '@sluice/version';
import { interruption } from './interrupt.ts';
import { labelsText } from './labels-text.ts';
import { endProgress, progress } from './output.ts';

/** Acceptors report a commit at once; this is how long it may go unnoticed here. */
const LOOK_MS = 25;

/** Which acceptors a receipt is asked of. */
export interface Expected {
  /** Only those that have all of these labels; empty: all. */
  readonly labels: Readonly<Record<string, string>>;
  /** So many must have committed, whoever else there is. */
  readonly atLeast: number;
}

export const EVERYBODY: Expected = { labels: {}, atLeast: 1 };

export interface WaitedReceipt extends Receipt {
  readonly waitedMs: number;
  readonly expected: Expected;
  /** Why nobody could be asked at the end; null where the store was there. */
  readonly storeAway: string | null;
}

/** Outlasts an outage of the store; ends before its time where it is interrupted. `concerns`: of whom it is asked besides; in a roll-out not of everybody. */
export async function waitForReceipt(
  store: Store,
  version: number,
  timeoutMs: number,
  expected: Expected = EVERYBODY,
  concerns: (acceptor: string) => boolean = () => true,
): Promise<WaitedReceipt> {
  const startMs = performance.now();
  for (;;) {
    const { reports, head, storeAway } = await reportsOf(store);
    const asked = reports.filter((report) => concerns(report.id) && hasLabels(report, expected));
    const receipt = receiptOf(version, asked, head, expected.atLeast);
    const waitedMs = performance.now() - startMs;
    const isOver = waitedMs >= timeoutMs || interruption.aborted;
    if (storeAway === null ? receipt.settled || isOver : isOver) {
      endProgress();
      return { ...receipt, waitedMs: Math.round(waitedMs), expected, storeAway };
    }
    const there = receipt.acceptors.filter(({ standing }) => standing === 'committed').length;
    const of = Math.max(receipt.acceptors.length, expected.atLeast);
    const away = storeAway === null ? '' : ', the store is away';
    progress(`version ${version}: ${there} of ${of} acceptors, ${(waitedMs / 1000).toFixed(1)} s${away}`);
    await delay(LOOK_MS, undefined, { signal: interruption }).catch(() => {});
  }
}

interface Asked {
  readonly reports: readonly ReceivedReport[];
  readonly head: Head;
  readonly storeAway: string | null;
}

async function reportsOf(store: Store): Promise<Asked> {
  try {
    // One after the other: nobody who follows the log can then be ahead of its head.
    const reports = await store.reports.list();
    return { reports, head: await store.log.head(), storeAway: null };
  } catch (error) {
    if (!isStoreFault(error) || error.code !== 'away') throw error;
    return { reports: [], head: EMPTY_STATE, storeAway: error.message };
  }
}

function hasLabels({ labels: its }: AcceptorReport, { labels }: Expected): boolean {
  return Object.entries(labels).every(([key, value]) => its[key] === value);
}

export function receiptJson({ everywhere, waitedMs, acceptors, storeAway }: WaitedReceipt): unknown {
  return { converged: everywhere, waitedMs, acceptors, ...(storeAway === null ? {} : { storeAway }) };
}

export function receiptText(receipt: WaitedReceipt): string {
  const { version, everywhere, acceptors, waitedMs, expected, storeAway } = receipt;
  if (storeAway !== null)
    return `where version ${version} is in force cannot be asked after ${waitedMs} ms: ${storeAway}`;
  const of = (count: number) => `${plural(count, 'acceptor')}${withLabels(expected)}`;
  const behind = acceptors.filter(({ standing }) => standing === 'late' || standing === 'refused');
  const there = acceptors.length - behind.length;
  if (everywhere) {
    const committed = acceptors.filter(({ standing }) => standing === 'committed');
    const workers = committed.reduce((sum, { workers }) => sum + workers, 0);
    const lost = acceptors.filter(({ standing }) => standing === 'lost').map((one) => `\n  ${laggardText(one)}`);
    return `version ${version} is in force in ${plural(workers, 'worker')} of ${of(committed.length)}, after ${waitedMs} ms${lost.join('')}`;
  }
  if (acceptors.length === 0)
    return `version ${version} is in force nowhere: no acceptor${withLabels(expected)} reports to this store`;
  const lines = behind.map((one) => `\n  ${laggardText(one)}`);
  const live = acceptors.filter(({ standing }) => standing !== 'lost' && standing !== 'leaving').length;
  if (live < expected.atLeast) lines.unshift(`\n  only ${of(live)} of at least ${expected.atLeast} there`);
  return `version ${version} is not in force everywhere after ${waitedMs} ms: ${there} of ${of(acceptors.length)} are not behind${lines.join('')}`;
}

function withLabels({ labels }: Expected): string {
  return Object.keys(labels).length === 0 ? '' : ` with ${labelsText(labels)}`;
}

function laggardText({ id, standing, version, workers, workersThere, reason }: AcceptorReceipt): string {
  const why = reason === null ? '' : `: ${reason}`;
  return `${id}: ${standing}, at version ${version}, ${workersThere} of ${plural(workers, 'worker')} there${why}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
