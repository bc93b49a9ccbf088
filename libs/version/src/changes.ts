// Which resources differ between two states, found by what they do not share: next to nothing where one was made from the other.
import type { Resource, ResourceKey } from '@sluice/resource';
import type { State } from './state.ts';

export interface StateChange {
  /** Resources that are new, changed, or have another place in the order of creation. */
  readonly put: readonly Resource[];
  readonly delete: readonly ResourceKey[];
}

/** What leads from the resources of one state to those of another, whichever came first. */
export function changesBetween(before: State, after: State): StateChange {
  const put: Resource[] = [];
  const gone: ResourceKey[] = [];
  for (const [index, bucket] of after.buckets.entries()) {
    const old = before.buckets[index]!;
    if (old === bucket) continue;
    for (const [key, holding] of bucket) {
      const was = old.get(key);
      if (was === holding) continue;
      if (was?.digest !== holding.digest || was.creation !== holding.creation) put.push(holding.resource);
    }
    for (const key of old.keys()) if (!bucket.has(key)) gone.push(key);
  }
  return { put, delete: gone };
}
