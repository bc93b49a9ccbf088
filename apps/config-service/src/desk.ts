// Answers proposals: admits each against the newest state, appends what is admitted, and only then says so.
import type { Logger } from '@sluice/observe';
import type { AdmissionDesk, VersionLog } from '@sluice/store';
import { type Admission, admit, type Judge, type Proposal, type State } from '@sluice/version';
import type { KnownLog } from './known-log.ts';
import type { FaultPoint } from './settings.ts';

/** Two config services never answer at once, so one lost race is odd already; more says that something else writes. */
const MAX_LOST_RACES = 20;

export interface DeskOptions {
  readonly log: VersionLog;
  readonly known: KnownLog;
  readonly judge: () => Judge;
  readonly logger: Logger;
  readonly now: () => number;
  /** Called after each admitted version. */
  readonly admitted: (state: State) => void;
  /** Called at each step; a test's process ends there. */
  readonly reached: (point: FaultPoint) => void;
}

export function admissionDesk(options: DeskOptions): AdmissionDesk {
  const { known, judge, logger, now, reached } = options;
  return async (proposal) => {
    const startMs = performance.now();
    reached('taken');
    for (let race = 0; race < MAX_LOST_RACES; race++) {
      const state = await known.current();
      const target = await rollbackTarget(options.log, proposal);
      const { admission, next } = admit(state, proposal, { timeMs: now(), judge: judge(), target });
      if (next !== null) reached('admitted');
      if (next !== null && !(await known.append(next.entry, next.state))) continue;
      if (next !== null) {
        reached('appended');
        options.admitted(next.state);
      }
      tell(logger, proposal, admission, performance.now() - startMs);
      return admission;
    }
    throw new Error(`the log moved ${MAX_LOST_RACES} times while the change was being admitted`);
  };
}

async function rollbackTarget(log: VersionLog, { wish }: Proposal): Promise<State | null> {
  const to = wish?.type === 'rollback' ? wish.to : -1;
  return Number.isSafeInteger(to) && to >= 0 ? log.stateAt(to) : null;
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
