// What all stores share about reports.
import type { AcceptorReport } from '@sluice/version';

/** A lost acceptor is shown for a day: the operator who comes in the morning must see it. */
export const FORGET_AFTER_MS = 24 * 60 * 60 * 1000;

/** Undefined for one of an unknown form (an acceptor of another release): passed over. */
export function parseReport(text: string | undefined): AcceptorReport | undefined {
  try {
    const report = JSON.parse(text ?? '') as AcceptorReport;
    return typeof report.id === 'string' && Array.isArray(report.workers) ? report : undefined;
  } catch {
    return undefined;
  }
}
