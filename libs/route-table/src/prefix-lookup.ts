// Looks an address or a port up in a prefix index. Runs for every connection: no object is made.

import {
  LEAF_COUNT_MASK,
  LEAF_COUNT_SHIFT,
  LEAF_START_MASK,
  NO_VALUE,
  NODE,
  RANGE4,
  RANGE4_OPEN,
  RANGE4_SIZE_SHIFT,
  RANGE4_VALUE,
  RANGE6,
  RANGE6_LOW,
  RANGE6_OPEN,
  RANGE6_SIZE_SHIFT,
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
const NONE = NO_VALUE;
const { stride: WORDS4, value: VALUE4 } = RANGE4;
const { stride: WORDS6, value: VALUE6 } = RANGE6;
const VALUE_MASK4 = RANGE4_VALUE;
const SIZE_SHIFT4 = RANGE4_SIZE_SHIFT;
const OPEN4 = RANGE4_OPEN;
const LOW_WORDS6 = RANGE6_LOW.stride;
const VALUE_MASK6 = RANGE6_VALUE;
const SIZE_SHIFT6 = RANGE6_SIZE_SHIFT;
const OPEN6 = RANGE6_OPEN;
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
      const low = nodes[node + LOW];
      const isBelowAll = key < (ranges4[low * WORDS4] ^ SIGN);
      return valueIn4(ranges4, isBelowAll ? low - 1 : nodes[node + HIGH] - 1, bits);
    }
    slot = table.nodeSlots[nodes[node + SLOT_START] + ((bits >>> nodes[node + SHIFT]) & nodes[node + MASK])];
  }
  const low = slot & START_MASK;
  let range = low + ((slot >>> COUNT_SHIFT) & COUNT_MASK) - 1;
  while (range >= low && key < (ranges4[range * WORDS4] ^ SIGN)) range--;
  return valueIn4(ranges4, range, bits);
}

/** The value of the last range that does not begin above the key. */
function valueIn4(ranges4: Int32Array, range: number, bits: number): number {
  const at = range * WORDS4;
  const held = ranges4[at + VALUE4];
  const size = held >>> SIZE_SHIFT4;
  if (size !== OPEN4 && (bits ^ ranges4[at]) >>> size !== 0) return NONE;
  const value = held & VALUE_MASK4;
  return value === VALUE_MASK4 ? NONE : value;
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
      if (isBelow(table, words, at, low)) return valueIn6(ranges6, low - 1, words, at);
      const last = nodes[node + HIGH] - 1;
      if (!isBelow(table, words, at, last)) return valueIn6(ranges6, last, words, at);
    }
    slot = table.nodeSlots[nodes[node + SLOT_START] + ((word >>> nodes[node + SHIFT]) & nodes[node + MASK])];
  }
  const low = slot & START_MASK;
  const first = words[at];
  const second = words[at + 1] ^ SIGN;
  let range = low + ((slot >>> COUNT_SHIFT) & COUNT_MASK) - 1;
  for (; range >= low; range--) {
    const key = range * WORDS6;
    // The first word is nearly always the same for a whole leaf, and the second decides.
    if (first === ranges6[key] && second > (ranges6[key + 1] ^ SIGN)) break;
    if (!isBelow(table, words, at, range)) break;
  }
  return valueIn6(ranges6, range, words, at);
}

function valueIn6(ranges6: Int32Array, range: number, words: Int32Array, at: number): number {
  const key = range * WORDS6;
  const held = ranges6[key + VALUE6];
  const size = (held >>> SIZE_SHIFT6) & OPEN6;
  if (size !== OPEN6) {
    const first = words[at] ^ ranges6[key];
    const isOutside = size < 32 ? (first | ((words[at + 1] ^ ranges6[key + 1]) >>> size)) !== 0 : first >>> size !== 0;
    if (isOutside) return NONE;
  }
  const value = held & VALUE_MASK6;
  return value === VALUE_MASK6 ? NONE : value;
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
