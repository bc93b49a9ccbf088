// Which acceptors try a version first: the same choice by whoever makes it, another one for each version.
import { createHash } from 'node:crypto';
import { compile, effect } from '@sluice/route';
import type { Chosen } from './rollout.ts';
import { isEverybody, type Stage } from './rollout-plan.ts';
import { creationOf, resourcesOf, type State } from './state.ts';

/** An acceptor that lives. */
export interface Candidate {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The acceptors of a stage: those of the stage before and as many more as it asks for, at least one. First come those for
 * whose labels the change has an effect, as one that it does not concern would try nothing; among them by a hash.
 */
export function chooseAcceptors(
  candidates: readonly Candidate[],
  stage: Stage,
  earlier: Chosen,
  change: { readonly version: number; readonly before: State; readonly after: State },
): Chosen {
  if (earlier === 'all' || isEverybody(stage)) return 'all';
  const already = new Set(earlier);
  const live = candidates.length;
  const wanted = 'percent' in stage ? Math.max(1, Math.ceil((live * stage.percent) / 100)) : stage.acceptors;
  const gone = earlier.filter((id) => !candidates.some((candidate) => candidate.id === id)).length;
  const more = Math.max(0, wanted - (already.size - gone));
  const others = candidates.filter(({ id }) => !already.has(id));
  if (more === 0 || others.length === 0) return earlier;
  const concerned = concernedBy(others, change.before, change.after);
  const ranked = others
    .map((candidate) => ({
      id: candidate.id,
      rank: `${concerned(candidate) ? 0 : 1}${hash(candidate.id, change.version)}`,
    }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return [...earlier, ...ranked.slice(0, more).map(({ id }) => id)];
}

/** Where all have the same labels there is nothing to tell apart, and nothing is compiled. */
function concernedBy(candidates: readonly Candidate[], before: State, after: State): (candidate: Candidate) => boolean {
  const labels = new Map(candidates.map((candidate) => [JSON.stringify(candidate.labels), candidate.labels]));
  if (labels.size < 2) return () => true;
  const concerned = new Set<string>();
  for (const [name, each] of labels) {
    const compiled = (state: State) => compile(resourcesOf(state), { labels: each, creation: creationOf(state) });
    if (!effect(compiled(before), compiled(after)).none) concerned.add(name);
  }
  return (candidate) => concerned.has(JSON.stringify(candidate.labels));
}

function hash(id: string, version: number): string {
  return createHash('sha256').update(`${version} ${id}`).digest('hex');
}
