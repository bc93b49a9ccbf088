// Looks an address or a port up in a prefix index. Runs for every connection: no object is made.

import {
  LEAF_COUNT_MASK,
  LEAF_COUNT_SHIFT,
  LEAF_START_MASK,
  NODE,
  RANGE4,
  RANGE6,
  RANGE6_LOW,
  RANGE6_VALUE,
  SKIPS_IN_WORD,
  SKIPS_NOTHING,
} from './layout.ts';
import type { RouteTable } from './table.ts';

// Constants of this module's own are folded into the code; imported ones are read, and checked, at every use.
const { stride: NODE_WORDS, word: WORD, shift: SHIFT, mask: MASK } = NODE;
const { slotStart: SLOT_START, skips: SKIPS, low: LOW, high: HIGH, skipMask: SKIP_MASK, skipBits: SKIP_BITS } = NODE;
const NOTHING = SKIPS_NOTHING;
const IN_WORD = SKIPS_IN_WORD;
const { stride: WORDS4, value: VALUE4 } = RANGE4;
const { stride: WORDS6, value: VALUE6 } = RANGE6;
const LOW_WORDS6 = RANGE6_LOW.stride;
const VALUE_MASK6 = RANGE6_VALUE;
const COUNT_SHIFT = LEAF_COUNT_SHIFT;
const COUNT_MASK = LEAF_COUNT_MASK;
const START_MASK = LEAF_START_MASK;
/** Signed words compare as unsigned ones with the sign turned, and do not need floating point. */
const SIGN = 0x8000_0000 | 0;

/** The lowest value around the IPv4 address (or port) at `words[at]`, or NO_VALUE. */
export function lookUp4(table: RouteTable, root: number, words: Int32Array, at: number): number {
  const bits = words[at];
  const key = bits ^ SIGN;
  const { ranges4, nodes } = table;
  let slot = root;
  while (slot >= 0) {
    const node = slot * NODE_WORDS;
    if (nodes[node + SKIPS] !== NOTHING && (bits & nodes[node + SKIP_MASK]) !== nodes[node + SKIP_BITS]) {
      const low = nodes[node + LOW] * WORDS4;
      if (key < (ranges4[low] ^ SIGN)) return ranges4[low - WORDS4 + VALUE4];
      return ranges4[(nodes[node + HIGH] - 1) * WORDS4 + VALUE4];
    }
    slot = table.nodeSlots[nodes[node + SLOT_START] + ((bits >>> nodes[node + SHIFT]) & nodes[node + MASK])];
  }
  const low = slot & START_MASK;
  let range = low + ((slot >>> COUNT_SHIFT) & COUNT_MASK) - 1;
  while (range >= low && key < (ranges4[range * WORDS4] ^ SIGN)) range--;
  return ranges4[range * WORDS4 + VALUE4];
}

/** The lowest value around the IPv6 address of four words at `at`, or NO_VALUE. */
export function lookUp6(table: RouteTable, root: number, words: Int32Array, at: number): number {
  const { ranges6, nodes } = table;
  let slot = root;
  while (slot >= 0) {
    const node = slot * NODE_WORDS;
    const word = words[at + nodes[node + WORD]];
    const skips = nodes[node + SKIPS];
    if (skips !== NOTHING && (skips !== IN_WORD || (word & nodes[node + SKIP_MASK]) !== nodes[node + SKIP_BITS])) {
      const low = nodes[node + LOW];
      if (isBelow(table, words, at, low)) return ranges6[(low - 1) * WORDS6 + VALUE6] & VALUE_MASK6;
      const last = nodes[node + HIGH] - 1;
      if (!isBelow(table, words, at, last)) return ranges6[last * WORDS6 + VALUE6] & VALUE_MASK6;
    }
    slot = table.nodeSlots[nodes[node + SLOT_START] + ((word >>> nodes[node + SHIFT]) & nodes[node + MASK])];
  }
  const low = slot & START_MASK;
  let range = low + ((slot >>> COUNT_SHIFT) & COUNT_MASK) - 1;
  while (range >= low && isBelow(table, words, at, range)) range--;
  return ranges6[range * WORDS6 + VALUE6] & VALUE_MASK6;
}

/** Whether the address is below a range. The first half of the key nearly always decides. */
function isBelow({ ranges6, ranges6Low }: RouteTable, words: Int32Array, at: number, range: number): boolean {
  const key = range * WORDS6;
  if (words[at] !== ranges6[key]) return (words[at] ^ SIGN) < (ranges6[key] ^ SIGN);
  if (words[at + 1] !== ranges6[key + 1]) return (words[at + 1] ^ SIGN) < (ranges6[key + 1] ^ SIGN);
  if (ranges6[key + VALUE6] >= 0) return false;
  const low = range * LOW_WORDS6;
  if (words[at + 2] !== ranges6Low[low]) return (words[at + 2] ^ SIGN) < (ranges6Low[low] ^ SIGN);
  return (words[at + 3] ^ SIGN) < (ranges6Low[low + 1] ^ SIGN);
}
