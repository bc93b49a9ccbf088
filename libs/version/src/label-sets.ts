// The sets of labels that acceptors have: a change is judged, and its effect shown, for each of them.
import { canonicalJson } from '@sluice/resource';
import { DEFAULT_LABELS } from '@sluice/route';
import type { AcceptorReport } from './acceptor-report.ts';

export type Labels = Readonly<Record<string, string>>;

/** Different sets of labels looked at: each costs an analysis of the whole state. */
const MAX_LABEL_SETS = 8;

/** An acceptor silent for so long no longer has a say. */
const SILENT_MS = 60_000;

/** The sets of labels of acceptors that reported lately, each once, in an order of their own; the default where there are none. */
export function labelSetsOf(
  reports: readonly (Pick<AcceptorReport, 'labels'> & { readonly ageMs: number })[],
): readonly Labels[] {
  const live = reports.filter(({ ageMs }) => ageMs < SILENT_MS);
  const sets = new Map(live.map(({ labels }) => [canonicalJson(labels), labels]));
  const ordered = [...sets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, labels]) => labels);
  return ordered.length === 0 ? [DEFAULT_LABELS] : ordered.slice(0, MAX_LABEL_SETS);
}
