// Whether a version is in force everywhere, by what the acceptors report. Pure: reports in, receipt out.
import type { AcceptorReport } from './acceptor-report.ts';
import { isOfAnotherPast } from './another-past.ts';
import type { State } from './state.ts';

/** An acceptor says something every second; after so long without a word it counts as lost. */
export const LOST_AFTER_MS = 5_000;

/** Where an acceptor is with a version. `late`: not there yet; `refused`: says why not; `lost`: says nothing any more. */
export interface AcceptorReceipt {
  readonly id: string;
  readonly standing: 'committed' | 'late' | 'refused' | 'lost' | 'leaving';
  readonly version: number;
  /** Workers that serve the version, of how many. */
  readonly workersThere: number;
  readonly workers: number;
  readonly reason: string | null;
}

export interface Receipt {
  readonly version: number;
  /** Enough acceptors are there, and every one that is neither lost nor leaving has committed in every worker. */
  readonly everywhere: boolean;
  /** Nothing more is to be expected: all that have not committed have refused. */
  readonly settled: boolean;
  readonly acceptors: readonly AcceptorReceipt[];
}

type Head = Pick<State, 'version' | 'digest'>;

/** `head`: of the log, read after the reports. `atLeast`: acceptors that must have committed, whoever else there is; one at any rate. */
export function receiptOf(
  version: number,
  reports: readonly (AcceptorReport & { readonly ageMs: number })[],
  head: Head,
  atLeast = 1,
): Receipt {
  const acceptors = reports.map((report) => standingOf(version, report, head));
  const counted = acceptors.filter(({ standing }) => standing !== 'lost' && standing !== 'leaving');
  const isEnough = counted.length >= Math.max(1, atLeast);
  const everywhere = isEnough && counted.every(({ standing }) => standing === 'committed');
  const settled =
    everywhere || (isEnough && counted.every(({ standing }) => standing === 'committed' || standing === 'refused'));
  return { version, everywhere, settled, acceptors };
}

function standingOf(version: number, report: AcceptorReport & { readonly ageMs: number }, head: Head): AcceptorReceipt {
  const workersThere = report.workers.filter((worker) => worker.version >= version).length;
  const base = { id: report.id, version: report.version, workersThere, workers: report.workers.length };
  if (report.state === 'draining' || report.state === 'stopped')
    return { ...base, standing: 'leaving', reason: report.state };
  if (report.ageMs > LOST_AFTER_MS) {
    return { ...base, standing: 'lost', reason: `silent for ${Math.round(report.ageMs / 1000)} s` };
  }
  if (report.version >= version && isOfAnotherPast(report, head)) {
    const reason = `its version ${report.version} is not one of this store (any more)`;
    return { ...base, workersThere: 0, standing: 'late', reason };
  }
  if (report.version >= version && workersThere === report.workers.length) {
    return { ...base, standing: 'committed', reason: null };
  }
  if (report.refused === version) return { ...base, standing: 'refused', reason: report.error };
  return { ...base, standing: 'late', reason: report.error };
}
