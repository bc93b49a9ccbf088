// Random versions that follow on each other: resources come, go and change, most of them a few at a time. For tests only.
import { keyOf, type Resource, type ResourceKey } from '@sluice/resource';
import fc from 'fast-check';
import { resourceSet } from '../random-resources.test-kit.ts';
import { ALWAYS, anyResource, autoPassthrough } from './random-kinds.test-kit.ts';

/** Kinds of which a change reaches everything: rare, since their way is not what is to be tried. */
const WIDE = new Set(['Gateway', 'KubernetesGateway', 'AuthorizationPolicy', 'ReferenceGrant']);

export interface Version {
  readonly put: readonly Resource[];
  readonly delete: readonly ResourceKey[];
  /** All resources after it, with the version that first brought each. */
  readonly resources: ReadonlyMap<ResourceKey, Resource>;
  readonly creation: ReadonlyMap<ResourceKey, number>;
}

const step = fc.record({
  put: fc.array(fc.nat(), { maxLength: 2 }),
  delete: fc.array(fc.nat(), { maxLength: 1 }),
  isWide: fc.boolean(),
});

/** The first version brings a whole set, each later one up to three resources of all that there are. */
export const versions: fc.Arbitrary<readonly Version[]> = fc
  .tuple(
    fc.array(resourceSet, { minLength: 1, maxLength: 3 }),
    fc.array(anyResource, { minLength: 16, maxLength: 40 }),
    fc.array(step, { minLength: 8, maxLength: 24 }),
    fc.constantFrom([], [], [], [autoPassthrough]),
  )
  .map(([sets, others, steps, auto]) => {
    const pool = [...sets.flat(), ...others];
    const narrow = pool.filter(({ kind }) => !WIDE.has(kind));
    let last = after(undefined, [...sets[0]!, ...others.slice(0, others.length >> 1), ...ALWAYS, ...auto], []);
    const all = [last];
    for (const { put, delete: gone, isWide } of steps) {
      const from = isWide && put[0]! % 3 === 0 ? pool : narrow;
      const keys = [...last.resources.keys()].filter((key) => isWide || !WIDE.has(last.resources.get(key)!.kind));
      last = after(
        last,
        from.length === 0 ? [] : put.map((at) => from[at % from.length]!),
        keys.length === 0 ? [] : gone.map((at) => keys[at % keys.length]!),
      );
      all.push(last);
    }
    return all;
  });

function after(last: Version | undefined, put: readonly Resource[], gone: readonly ResourceKey[]): Version {
  const version = last === undefined ? 1 : 1 + Math.max(0, ...last.creation.values());
  const resources = new Map(last?.resources);
  const creation = new Map(last?.creation);
  for (const key of gone) {
    resources.delete(key);
    creation.delete(key);
  }
  const unique = new Map(put.map((resource) => [keyOf(resource), resource]));
  for (const [key, resource] of unique) {
    resources.set(key, resource);
    if (!creation.has(key)) creation.set(key, version);
  }
  return { put: [...unique.values()], delete: gone.filter((key) => !unique.has(key)), resources, creation };
}
