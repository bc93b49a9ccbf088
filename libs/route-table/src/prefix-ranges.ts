// Nested blocks with values to disjoint ranges: each key gets the lowest value of all blocks around it.

import { NO_VALUE } from './layout.ts';

export interface Block<K> {
  readonly start: K;
  /** Exclusive. */
  readonly end: K;
  readonly value: number;
}

export interface Ranges<K> {
  /** Ascending; the first is 0, each range reaches to the next, the last to the end of all keys. */
  readonly keys: K[];
  readonly values: number[];
}

/**
 * CIDR blocks nest or are disjoint, so one pass over them by start (the wider first) with a stack of the open ones is
 * enough. Because the value is the lowest along the path and not the longest block's, the first of ordered rules wins.
 */
export function disjointRanges<K extends number | bigint>(blocks: Block<K>[], zero: K, limit: K): Ranges<K> {
  blocks.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.end > b.end ? -1 : a.end < b.end ? 1 : 0));
  const ranges: Ranges<K> = { keys: [zero], values: [NO_VALUE] };
  const ends: K[] = [];
  const lowest: number[] = [];
  const closeUpTo = (key: K) => {
    while (ends.length > 0 && ends[ends.length - 1] <= key) {
      const end = ends.pop()!;
      lowest.pop();
      if (end < limit) begin(ranges, end, lowest.length > 0 ? lowest[lowest.length - 1] : NO_VALUE);
    }
  };
  for (const block of blocks) {
    closeUpTo(block.start);
    const value = lowest.length > 0 ? Math.min(lowest[lowest.length - 1], block.value) : block.value;
    ends.push(block.end);
    lowest.push(value);
    begin(ranges, block.start, value);
  }
  closeUpTo(limit);
  return ranges;
}

function begin<K>({ keys, values }: Ranges<K>, key: K, value: number): void {
  const last = keys.length - 1;
  if (keys[last] === key) {
    values[last] = value;
    if (last > 0 && values[last - 1] === value) {
      keys.pop();
      values.pop();
    }
  } else if (values[last] !== value) {
    keys.push(key);
    values.push(value);
  }
}
