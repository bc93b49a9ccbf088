// Writes the multibit, path-compressed tries over disjoint ranges. Reading them is prefix-lookup.ts.

import type { KeyRange } from './cidr.ts';
import { TableFault } from './fault.ts';
import {
  EMPTY_INDEX,
  LEAF,
  LEAF_COUNT_SHIFT,
  NO_VALUE,
  NODE,
  RANGE4,
  RANGE4_OPEN,
  RANGE4_SIZE_SHIFT,
  RANGE4_VALUE,
  RANGE6,
  RANGE6_HAS_LOW,
  RANGE6_LOW,
  RANGE6_OPEN,
  RANGE6_SIZE_SHIFT,
  RANGE6_VALUE,
  SKIPS_IN_WORD,
  SKIPS_NOTHING,
  SKIPS_WORDS,
} from './layout.ts';
import { MAX_BOUNDARIES } from './limits.ts';
import { type Block, disjointRanges, type Ranges } from './prefix-ranges.ts';
import type { WordList } from './words.ts';

/** Ranges of a leaf, searched one by one: 8 of IPv4 are one cache line. At most LEAF_COUNT_MASK. */
const LEAF_RANGES = 8;
/** A node's slots are about half its ranges, and no more than this: 256 KB. */
const MAX_STRIDE = 16;

export interface PrefixSections {
  readonly ranges4: WordList;
  readonly ranges6: WordList;
  readonly ranges6Low: WordList;
  readonly nodes: WordList;
  readonly nodeSlots: WordList;
}

export interface PrefixRoots {
  readonly root4: number;
  readonly root6: number;
}

/** Index over blocks with a value each (>= 0); a look-up gives the lowest value of the blocks around an address. */
export function writePrefixIndex(
  sections: PrefixSections,
  blocks: readonly (KeyRange & { value: number })[],
): PrefixRoots {
  const four: Block<number>[] = [];
  const six: Block<bigint>[] = [];
  for (const block of blocks) block.family === 4 ? four.push(block) : six.push(block);
  return { root4: writeRanges4(sections, four), root6: writeRanges6(sections, six) };
}

/** Index over single keys, such as ports. */
export function writePortIndex(sections: PrefixSections, ports: readonly { port: number; value: number }[]): number {
  return writeRanges4(
    sections,
    ports.map(({ port, value }) => ({ start: port, end: port + 1, value })),
  );
}

function writeRanges4(sections: PrefixSections, blocks: Block<number>[]): number {
  if (blocks.length === 0) return EMPTY_INDEX;
  const { ranges4 } = sections;
  const start = ranges4.length / RANGE4.stride;
  const ranges = disjointRanges(blocks, 0, 2 ** 32);
  for (const { key, value, size } of sizedRanges(ranges, 0, RANGE4_OPEN)) {
    ranges4.push(key);
    ranges4.push(rangeValue4(value, size));
  }
  const wordAt = (range: number) => ranges4.at(range * RANGE4.stride);
  return writeTrie(sections, { words: 1, wordAt }, firstSearched(start, ranges), ranges4.length / RANGE4.stride);
}

function writeRanges6(sections: PrefixSections, blocks: Block<bigint>[]): number {
  if (blocks.length === 0) return EMPTY_INDEX;
  const { ranges6, ranges6Low } = sections;
  const start = ranges6.length / RANGE6.stride;
  const ranges = disjointRanges(blocks, 0n, 1n << 128n);
  for (const { key, value, size } of sizedRanges(ranges, 64, RANGE6_OPEN)) {
    const [a, b, c, d] = [96n, 64n, 32n, 0n].map((shift) => Number((key >> shift) & 0xffff_ffffn));
    const hasLow = c === 0 && d === 0 ? 0 : RANGE6_HAS_LOW;
    for (const word of [a, b, rangeValue6(value, size) | hasLow]) ranges6.push(word);
    for (const word of [c, d]) ranges6Low.push(word);
  }
  const wordAt = (range: number, word: number) =>
    word < 2 ? ranges6.at(range * RANGE6.stride + word) : ranges6Low.at(range * RANGE6_LOW.stride + word - 2);
  return writeTrie(sections, { words: 4, wordAt }, firstSearched(start, ranges), ranges6.length / RANGE6.stride);
}

/** The gap before all blocks is not split, or the first bits of all others would be a node of its own: a search that ends below it is in it. */
function firstSearched(start: number, { values }: Ranges<number | bigint>): number {
  return values[0] === NO_VALUE ? start + 1 : start;
}

/** `value`: a rule or NO_VALUE. */
export function rangeValue4(value: number, size: number): number {
  return (value & RANGE4_VALUE) | (size << RANGE4_SIZE_SHIFT);
}

export function rangeValue6(value: number, size: number): number {
  return (value & RANGE6_VALUE) | (size << RANGE6_SIZE_SHIFT);
}

interface SizedRange<K> {
  readonly key: K;
  readonly value: number;
  readonly size: number;
}

/** The ranges that are written: none for a gap behind one whose size says where it ends. `unit`: the size that is written as 0. */
function* sizedRanges<K extends number | bigint>(
  ranges: Ranges<K>,
  unit: number,
  open: number,
): Generator<SizedRange<K>> {
  const { keys, values } = ranges;
  for (let i = 0; i < keys.length; i++) {
    const isBeforeGap = values[i] !== NO_VALUE && values[i + 1] === NO_VALUE;
    const size = isBeforeGap ? sizeOf(BigInt(keys[i]), BigInt(keys[i + 1])) - unit : open;
    const isSized = size >= 0 && size < open;
    yield { key: keys[i], value: values[i], size: isSized ? size : open };
    if (isSized) i++;
  }
}

/** n where a range has 2^n keys that agree in all bits but the last n, else -1. */
function sizeOf(start: bigint, end: bigint): number {
  const keys = end - start;
  return (keys & (keys - 1n)) === 0n && (start & (keys - 1n)) === 0n ? keys.toString(2).length - 1 : -1;
}

interface Keys {
  readonly words: number;
  wordAt(range: number, word: number): number;
}

function writeTrie(sections: PrefixSections, keys: Keys, low: number, high: number): number {
  if (high > MAX_BOUNDARIES) throw new TableFault('table_limit', `more than ${MAX_BOUNDARIES} address ranges`);
  return writeSlot(sections, keys, low, high, 0);
}

/** The slot for the ranges `low`..`high`, whose keys agree in their first `from` bits. */
function writeSlot(sections: PrefixSections, keys: Keys, low: number, high: number, from: number): number {
  if (high - low <= LEAF_RANGES) return LEAF | ((high - low) << LEAF_COUNT_SHIFT) | low;
  const first = differingBit(keys, low, high - 1);
  const word = first >>> 5;
  const bit = first & 31;
  const stride = Math.min(MAX_STRIDE, 32 - bit, Math.max(1, 30 - Math.clz32(high - low)));
  const shift = 32 - bit - stride;
  const mask = (1 << stride) - 1;
  const slotStart = sections.nodeSlots.reserve(mask + 1);
  const node = sections.nodes.length / NODE.stride;
  const skips = first === from ? SKIPS_NOTHING : from >>> 5 === word ? SKIPS_IN_WORD : SKIPS_WORDS;
  const skipMask = skips === SKIPS_IN_WORD ? (-1 >>> (from & 31)) & ~(-1 >>> bit) : 0;
  const skipBits = keys.wordAt(low, word) & skipMask;
  for (const field of [word, shift, mask, slotStart, skips, low, high, skipMask, skipBits]) sections.nodes.push(field);
  let next = low;
  for (let slot = 0; slot <= mask; slot++) {
    const start = next;
    while (next < high && ((keys.wordAt(next, word) >>> shift) & mask) === slot) next++;
    sections.nodeSlots.set(slotStart + slot, writeSlot(sections, keys, start, next, first + stride));
  }
  return node;
}

function differingBit(keys: Keys, a: number, b: number): number {
  for (let word = 0; word < keys.words; word++) {
    const difference = keys.wordAt(a, word) ^ keys.wordAt(b, word);
    if (difference !== 0) return word * 32 + Math.clz32(difference);
  }
  throw new RangeError('two ranges with one key');
}
