// How much of a state is left out or followed otherwise than written, by the code of what was said of it: for counters.
import type { Code, Complaint } from '@sluice/resource';

/** Codes SLU3xxx (docs/issues.md) with how many parts of resources each is said of; codes of nothing are absent. */
export type Dropped = Readonly<Partial<Record<Code, number>>>;

/** The judge gives the same list where nothing else is said, and a large state has thousands of complaints. */
const counted = new WeakMap<readonly Complaint[], Dropped>();

/** Undefined for nothing. */
export function droppedOf(complaints: readonly Complaint[]): Dropped | undefined {
  const dropped = counted.get(complaints) ?? count(complaints);
  counted.set(complaints, dropped);
  return Object.keys(dropped).length === 0 ? undefined : dropped;
}

function count(complaints: readonly Complaint[]): Dropped {
  const found = new Map<Code, number>();
  for (const { code, more = 0 } of complaints)
    if (code.startsWith('SLU3')) found.set(code, (found.get(code) ?? 0) + 1 + more);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of stored JSON. */
export function isDropped(json: unknown): json is Dropped {
  return (
    typeof json === 'object' &&
    json !== null &&
    !Array.isArray(json) &&
    Object.entries(json).every(([code, number]) => /^SLU3\d{3}$/.test(code) && Number.isSafeInteger(number))
  );
}
