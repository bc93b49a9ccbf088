// Judges a whole state: what is wrong with its resources together, for each kind of acceptor there is.
import type { Complaint } from '@sluice/resource';
import { analyze, DEFAULT_LABELS } from '@sluice/route';
import { creationOf, resourcesOf, type State } from './state.ts';

/** All complaints about a state, of every level, each once. */
export type Judge = (state: State) => readonly Complaint[];

/** One line that is the same for the same complaint. */
export function complaintId({ code, resource, path, message }: Complaint): string {
  return `${resource}\t${path}\t${code}\t${message}`;
}

/**
 * A judge for acceptors with these labels; each set of labels is looked at, since a gateway's selector picks by them.
 * Remembers what it said of a state, so that the state before a change is not judged again.
 */
export function judgeFor(acceptors: readonly Readonly<Record<string, string>>[] = [DEFAULT_LABELS]): Judge {
  const known = new WeakMap<State['buckets'], readonly Complaint[]>();
  return (state) => {
    const before = known.get(state.buckets);
    if (before !== undefined) return before;
    const resources = resourcesOf(state);
    const creation = creationOf(state);
    const found = new Map<string, Complaint>();
    for (const labels of acceptors) {
      for (const complaint of analyze(resources, { labels, creation, acceptors }))
        found.set(complaintId(complaint), complaint);
    }
    const complaints = [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, complaint]) => complaint);
    known.set(state.buckets, complaints);
    return complaints;
  };
}
