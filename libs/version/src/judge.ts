// Judges a whole state: what is wrong with its resources together, for each kind of acceptor there is.
import type { Complaint } from '@sluice/resource';
import { Analyzer, DEFAULT_LABELS } from '@sluice/route';
import { changesBetween } from './changes.ts';
import { creationOf, resourcesOf, type State } from './state.ts';

/** All complaints about a state, of every level, each once. The same list for two states that nothing else is said of. */
export type Judge = (state: State) => readonly Complaint[];

/** One line that is the same for the same complaint; for one that counts others, whatever their number. */
export function complaintId({ code, resource, path, message, more }: Complaint): string {
  return `${resource}\t${path}\t${code}\t${more === undefined ? message : ''}`;
}

/**
 * A judge for acceptors with these labels; each set of labels is looked at, since a gateway's selector picks by them.
 * Remembers what it said of a state, and judges a next one by what differs from the last that it judged.
 */
export function judgeFor(acceptors: readonly Readonly<Record<string, string>>[] = [DEFAULT_LABELS]): Judge {
  const known = new WeakMap<State['buckets'], readonly Complaint[]>();
  const analyzers = acceptors.map((labels) => new Analyzer({ labels, acceptors }));
  let last: State | null = null;
  /** What the analyzers said of the last state, and that together. */
  let parts: readonly (readonly Complaint[])[] = [];
  let whole: readonly Complaint[] = [];
  return (state) => {
    const earlier = known.get(state.buckets);
    if (earlier !== undefined) return earlier;
    const before = last;
    // Should one of them throw, all begin anew with the next state.
    last = null;
    for (const analyzer of analyzers) {
      if (before === null) analyzer.start(resourcesOf(state), creationOf(state));
      else analyzer.change(changesBetween(before, state), creationOf(state));
    }
    last = state;
    const said = analyzers.map((analyzer) => analyzer.complaints());
    if (said.some((each, i) => each !== parts[i])) whole = together(said);
    parts = said;
    known.set(state.buckets, whole);
    return whole;
  };
}

function together(parts: readonly (readonly Complaint[])[]): readonly Complaint[] {
  const found = new Map<string, Complaint>();
  for (const complaint of parts.flat()) found.set(complaintId(complaint), complaint);
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, complaint]) => complaint);
}
