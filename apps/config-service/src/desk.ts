// Answers proposals: decides, and says in the log what was decided. An admitted one is in the store before anybody is told.
import type { Logger } from '@sluice/observe';
import { type AdmissionDesk, type AdmissionStep, decide, isStoreFault, type Store } from '@sluice/store';
import type { Admission, Judge, Proposal, SigningKey, State, TrustedKeys } from '@sluice/version';
import type { KnownLog } from './known-log.ts';

export interface AdmissionOptions {
  readonly store: Store;
  readonly known: KnownLog;
  readonly judge: () => Judge;
  readonly logger: Logger;
  readonly now: () => number;
  /** Called after each admitted version. */
  readonly admitted: (state: State) => void;
  /** Whose proposals are taken, and what signs them; null: anybody's, nothing. */
  readonly publishers: TrustedKeys | null;
  readonly signer: SigningKey | null;
  readonly reached: (step: AdmissionStep) => void;
}

export function admissionDesk(options: AdmissionOptions): AdmissionDesk {
  const { store, known, judge, logger, now, admitted, reached, publishers, signer } = options;
  let told = '';
  return async (proposal) => {
    const startMs = performance.now();
    const { admission, state } = await decide(
      {
        ...{ judge, now, reached, publishers, signer },
        current: () => known.current(),
        append: (entry, after) => known.append(entry, after),
        stateAt: (version) => store.log.stateAt(version),
        reports: () => store.reports.list(),
      },
      proposal,
    ).catch((error: Error) => {
      // It is asked again and again: once for each thing that is wrong.
      if (error.message !== told) {
        const code = isStoreFault(error) ? error.code : 'fault';
        logger.warn({ event: 'undecided', submission: proposal.submission, code, reason: error.message });
      }
      told = error.message;
      throw error;
    });
    told = '';
    if (state !== null) admitted(state);
    tell(logger, proposal, admission, performance.now() - startMs);
    return admission;
  };
}

function tell(logger: Logger, { submission, author, message }: Proposal, admission: Admission, ms: number): void {
  const about = { submission, author, message, durationMs: Math.round(ms * 10) / 10 };
  if (admission.ok) {
    const { outcome, version, digest } = admission;
    logger.info({ event: outcome, version, digest, ...about });
  } else {
    const { reason, message: why, complaints } = admission.rejection;
    logger.info({ event: 'rejected', reason, why, complaints: complaints.length, ...about });
  }
}
