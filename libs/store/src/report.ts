// What all stores share about reports.
import { type AcceptorReport, readReport } from '@sluice/version';

/** A lost acceptor is shown for a day: the operator who comes in the morning must see it. */
export const FORGET_AFTER_MS = 24 * 60 * 60 * 1000;

/** Undefined for what is no report; one of another release is read as far as it is understood. */
export function parseReport(text: string | undefined): AcceptorReport | undefined {
  try {
    return readReport(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}
