// Labels of acceptors as people write them.
import type { Labels } from '@sluice/version';

/** `zone=a,tier=edge`, or that there are none. */
export function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? 'no labels' : pairs.join(',');
}
