// Judges a whole state: what is wrong with its resources together, for each kind of acceptor there is.
import type { Complaint } from '@sluice/resource';
import { Analyzer, DEFAULT_LABELS } from '@sluice/route';
import { changesBetween } from './changes.ts';
import { creationOf, resourcesOf, type State } from './state.ts';

/** All complaints about a state, of every level, each once. */
export type Judge = (state: State) => readonly Complaint[];

/** One line that is the same for the same complaint. */
export function complaintId({ code, resource, path, message }: Complaint): string {
  return `${resource}\t${path}\t${code}\t${message}`;
}

/**
 * A judge for acceptors with these labels; each set of labels is looked at, since a gateway's selector picks by them.
 * Remembers what it said of a state, and judges a next one by what differs from the last that it judged.
 */
export function judgeFor(acceptors: readonly Readonly<Record<string, string>>[] = [DEFAULT_LABELS]): Judge {
  const known = new WeakMap<State['buckets'], readonly Complaint[]>();
  const analyzers = acceptors.map((labels) => new Analyzer({ labels, acceptors }));
  let last: State | null = null;
  return (state) => {
    const said = known.get(state.buckets);
    if (said !== undefined) return said;
    const before = last;
    // Should one of them throw, all begin anew with the next state.
    last = null;
    for (const analyzer of analyzers) {
      if (before === null) analyzer.start(resourcesOf(state), creationOf(state));
      else analyzer.change(changesBetween(before, state), creationOf(state));
    }
    last = state;
    const found = new Map<string, Complaint>();
    for (const analyzer of analyzers)
      for (const complaint of analyzer.complaints()) found.set(complaintId(complaint), complaint);
    const complaints = [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, complaint]) => complaint);
    known.set(state.buckets, complaints);
    return complaints;
  };
}
