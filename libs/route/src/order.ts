// Precedence among resources, as in Istio (`pilot/pkg/model/config.go`): creation, then name, then namespace.
import { keyOf, type Resource } from '@sluice/resource';
import type { Setting } from './options.ts';

/** Code unit order: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A new list in order of precedence. Creation is the version that first brought the resource; between resources of one
 * version their own creationTimestamp decides (none goes first, as a zero time does in Istio).
 */
export function byPrecedence<T extends Resource>(resources: Iterable<T>, setting: Setting): T[] {
  const entries = Array.from(resources, (resource) => {
    const key = keyOf(resource);
    return { resource, key, version: setting.creation(key) };
  });
  entries.sort(
    (a, b) =>
      a.version - b.version ||
      compareText(a.resource.metadata.creation ?? '', b.resource.metadata.creation ?? '') ||
      compareText(a.resource.metadata.name, b.resource.metadata.name) ||
      compareText(a.resource.metadata.namespace, b.resource.metadata.namespace) ||
      compareText(a.key, b.key),
  );
  return entries.map((entry) => entry.resource);
}
