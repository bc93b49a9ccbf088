// Looks an address or a port up in a prefix index. Runs for every connection: no object is made.

import { LEAF_COUNT_MASK, LEAF_COUNT_SHIFT, LEAF_START_MASK, NODE, RANGE4, RANGE6 } from './layout.ts';
import type { RouteTable } from './table.ts';

/** The lowest value around the IPv4 address (or port) at `words[at]`, or NO_VALUE. A key is not handed over as a number: it may need 32 bits. */
export function lookUp4(table: RouteTable, root: number, words: Uint32Array, at: number): number {
  const key = words[at];
  const { ranges4, nodes } = table;
  let slot = root;
  while (slot >= 0) {
    const node = slot * NODE.stride;
    if (nodes[node + NODE.compressed] !== 0) {
      const low = nodes[node + NODE.low] * RANGE4.stride;
      if (key < ranges4[low] >>> 0) return ranges4[low - RANGE4.stride + RANGE4.value];
      const last = (nodes[node + NODE.high] - 1) * RANGE4.stride;
      if (key >= ranges4[last] >>> 0) return ranges4[last + RANGE4.value];
    }
    slot =
      table.nodeSlots[nodes[node + NODE.slotStart] + ((key >>> nodes[node + NODE.shift]) & nodes[node + NODE.mask])];
  }
  const low = slot & LEAF_START_MASK;
  let range = low + ((slot >>> LEAF_COUNT_SHIFT) & LEAF_COUNT_MASK) - 1;
  while (range >= low && key < ranges4[range * RANGE4.stride] >>> 0) range--;
  return ranges4[range * RANGE4.stride + RANGE4.value];
}

/** The lowest value around the IPv6 address of four words at `at`, or NO_VALUE. */
export function lookUp6(table: RouteTable, root: number, words: Uint32Array, at: number): number {
  const { ranges6, nodes } = table;
  let slot = root;
  while (slot >= 0) {
    const node = slot * NODE.stride;
    if (nodes[node + NODE.compressed] !== 0) {
      const low = nodes[node + NODE.low] * RANGE6.stride;
      if (isBelow(words, at, ranges6, low)) return ranges6[low - RANGE6.stride + RANGE6.value];
      const last = (nodes[node + NODE.high] - 1) * RANGE6.stride;
      if (!isBelow(words, at, ranges6, last)) return ranges6[last + RANGE6.value];
    }
    const bits = (words[at + nodes[node + NODE.word]] >>> nodes[node + NODE.shift]) & nodes[node + NODE.mask];
    slot = table.nodeSlots[nodes[node + NODE.slotStart] + bits];
  }
  const low = slot & LEAF_START_MASK;
  let range = low + ((slot >>> LEAF_COUNT_SHIFT) & LEAF_COUNT_MASK) - 1;
  while (range >= low && isBelow(words, at, ranges6, range * RANGE6.stride)) range--;
  return ranges6[range * RANGE6.stride + RANGE6.value];
}

/** Unrolled: the first two words nearly always decide. */
function isBelow(words: Uint32Array, at: number, ranges6: Int32Array, key: number): boolean {
  if (words[at] !== ranges6[key] >>> 0) return words[at] < ranges6[key] >>> 0;
  if (words[at + 1] !== ranges6[key + 1] >>> 0) return words[at + 1] < ranges6[key + 1] >>> 0;
  if (words[at + 2] !== ranges6[key + 2] >>> 0) return words[at + 2] < ranges6[key + 2] >>> 0;
  return words[at + 3] < ranges6[key + 3] >>> 0;
}
