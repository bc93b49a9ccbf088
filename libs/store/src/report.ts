// What all stores share about reports.
import { type AcceptorReport, readReport } from '@sluice/version';

/** A lost acceptor is shown for a day: the operator who comes in the morning must see it. */
export const FORGET_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * How long ago something was said, by the clock that dated it. What was said in the future was said before that clock was set
 * back: who lives says something again within a second, and who does not must not seem to live until then.
 */
export function ageSince(saidMs: number, nowMs: number): number {
  return Math.abs(nowMs - saidMs);
}

/** Undefined for what is no report; one of another release is read as far as it is understood. */
export function parseReport(text: string | undefined): AcceptorReport | undefined {
  try {
    return readReport(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}
