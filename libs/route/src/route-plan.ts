// A route entry as a plan: its name, weighted clusters and timeouts on one listener.
import { MAX_DESTINATIONS, type NamedRoute } from '@sluice/route-table';
import { type ClusterBook, clusterFor, ruleFor } from './clusters.ts';
import type { RouteEntry, RouteSource } from './model.ts';
import { routeTimeouts } from './policy.ts';

/**
 * One destination takes everything whatever its weight; of several, those of weight 0 are left out. Undefined if nothing
 * is left, which validation refuses.
 */
export function planRoute(
  book: ClusterBook,
  source: RouteSource,
  entry: RouteEntry,
  port: number,
): NamedRoute | undefined {
  const { destinations } = entry;
  const [first] = destinations;
  if (first === undefined) return undefined;
  if (destinations.length > MAX_DESTINATIONS) {
    book.report(
      'SLU3030',
      source.key,
      entry.path,
      `${destinations.length} destinations, more than ${MAX_DESTINATIONS}`,
    );
    return undefined;
  }
  const weighted =
    destinations.length === 1 ? [{ ...first, weight: 1 }] : destinations.filter(({ weight }) => weight > 0);
  if (weighted.length === 0) return undefined;
  return {
    name: entry.name,
    destinations: weighted.map((destination) => ({
      cluster: clusterFor(book, destination, port, source.key),
      weight: destination.weight,
    })),
    ...routeTimeouts(ruleFor(book, first.host)),
  };
}
