// Looks server names and protocols up in a name set. Runs for every connection: no object is made.

import { type Facts, NAME_LAST, NAME_TOO_LONG, PROTOCOL_WORDS, STATE } from './facts.ts';
import {
  NAME_CELL,
  NAME_CELL_TEXT,
  NAME_CHARS,
  NAME_LENGTHS_MASK,
  NAME_PATTERN,
  NAME_PRINT_SHIFT,
  NAME_SET,
  NAME_SUFFIX,
  NAME_TAIL_SHIFT,
  NAME_TAIL_UNIT,
  NO_VALUE,
  PATTERN_PREFIX,
} from './layout.ts';
import { beginsWithText, dotBits, endsWithText, firstMask, hashEnd } from './name-text.ts';
import type { RouteTable } from './table.ts';

// Constants of this module's own are folded into the code; imported ones are read, and checked, at every use.
const LAST = NAME_LAST;
const TOO_LONG = NAME_TOO_LONG;
const PROTOCOL = PROTOCOL_WORDS;
const NONE = NO_VALUE;
const SUFFIX = NAME_SUFFIX;
const CHARS = NAME_CHARS;
const PRINT_SHIFT = NAME_PRINT_SHIFT;
const LENGTHS_MASK = NAME_LENGTHS_MASK;
const { nameChars: NAME_LENGTH, nameHash: NAME_HASH, protocols: PROTOCOLS } = STATE;
const { stride: SET, cellStart: CELL_START, cellMask: CELL_MASK, probeLimit: PROBE_LIMIT } = NAME_SET;
const { exactLengths: EXACT, suffixLengths: SUFFIXES, anyName: ANY_NAME, noName: NO_NAME } = NAME_SET;
const { patternStart: PATTERN_START, patternCount: PATTERN_COUNT } = NAME_SET;
const { stride: CELL, tag: TAG, value: VALUE, text: TEXT } = NAME_CELL;
const CELL_TEXT = NAME_CELL_TEXT;
const TAIL_UNIT = NAME_TAIL_UNIT;
const TAIL_SHIFT = NAME_TAIL_SHIFT;
/** Words whose dots have a bit each in one word; as many characters as there are different lengths in a mask of them. */
const BLOCK = (NAME_LENGTHS_MASK + 1) / 4;
/** Takes the print off a value, and its sign on. */
const VALUE_SHIFT = 32 - NAME_PRINT_SHIFT;

/** The value for the connection's server name: exact, then the longest wildcard suffix, then any; or NO_VALUE. */
export function lookUpName(table: RouteTable, set: number, facts: Facts): number {
  const { nameSets } = table;
  const at = set * SET;
  const chars = facts.state[NAME_LENGTH];
  if (chars === 0) return nameSets[at + NO_NAME];
  if (chars === TOO_LONG) return nameSets[at + ANY_NAME];
  if (nameSets[at + CELL_MASK] >= 0) {
    if (((nameSets[at + EXACT] >>> (chars & LENGTHS_MASK)) & 1) !== 0) {
      const value = probe(table, at, facts.state[NAME_HASH], chars, facts.name, LAST);
      if (value !== NONE) return value;
    }
    if (nameSets[at + SUFFIXES] !== 0) {
      const value = longestSuffix(table, at, facts, chars);
      if (value !== NONE) return value;
    }
  }
  if (nameSets[at + PATTERN_COUNT] > 0 && matchesPattern(table, at, facts, chars)) return 0;
  return nameSets[at + ANY_NAME];
}

/**
 * Tries what is behind each dot, from the first on; only where as many characters are behind it as in any suffix of the set.
 * The dots of eight words are found without a branch, for where they are in a word cannot be guessed.
 */
function longestSuffix(table: RouteTable, set: number, facts: Facts, chars: number): number {
  const { name } = facts;
  const lengths = table.nameSets[set + SUFFIXES];
  for (let word = (chars - 1) >> 2; word >= 0; ) {
    const block = word & ~(BLOCK - 1);
    let bits = 0;
    for (; word >= block; word--) bits = (bits << 4) | dotBits(name[LAST - word]);
    for (bits &= lengths; bits !== 0; ) {
      const bit = 31 - Math.clz32(bits);
      bits ^= 1 << bit;
      const suffix = (block << 2) | bit;
      // A name that begins with the dot has nothing in the wildcard's place, one that ends with it nothing behind.
      if (suffix === 0 || suffix + 1 === chars) continue;
      const value = probeSuffix(table, set, facts, suffix);
      if (value !== NONE) return value;
    }
  }
  return NONE;
}

function probeSuffix(table: RouteTable, set: number, { name, partHashes }: Facts, suffix: number): number {
  const word = (suffix - 1) >> 2;
  const hash = hashEnd(partHashes[word], name[LAST - word] & firstMask(suffix), suffix, true);
  return probe(table, set, hash, suffix | SUFFIX, name, LAST);
}

/** Whether any protocol that the client offers is in the set. */
export function offersProtocol(table: RouteTable, set: number, facts: Facts): boolean {
  const at = set * SET;
  if (table.nameSets[at + CELL_MASK] < 0) return false;
  for (let p = 0; p < facts.state[PROTOCOLS]; p++) {
    const last = p * PROTOCOL + PROTOCOL - 1;
    const value = probe(table, at, facts.protocolHashes[p], facts.protocolChars[p], facts.protocols, last);
    if (value !== NONE) return true;
  }
  return false;
}

function probe(table: RouteTable, set: number, hash: number, tag: number, name: Int32Array, last: number): number {
  const { nameSets, nameCells } = table;
  const first = nameSets[set + CELL_START];
  const mask = nameSets[set + CELL_MASK];
  const end = (hash & mask) + nameSets[set + PROBE_LIMIT];
  const print = hash >>> PRINT_SHIFT;
  for (let place = hash & mask; place <= end; place++) {
    const cell = (first + (place & mask)) * CELL;
    const held = nameCells[cell + TAG];
    if (held === 0) return NONE;
    const value = nameCells[cell + VALUE];
    if (value >>> PRINT_SHIFT !== print || (held & (SUFFIX | CHARS)) !== tag) continue;
    const tail = (held >>> TAIL_SHIFT) * TAIL_UNIT;
    if (isText(table, cell + TEXT, tail, tag & CHARS, name, last)) return (value << VALUE_SHIFT) >> VALUE_SHIFT;
  }
  return NONE;
}

/** Whether a name ends with so many characters, whose last words, if the cell has no room for them, are the tail. */
function isText(
  { nameCells, nameTexts }: RouteTable,
  text: number,
  tail: number,
  chars: number,
  name: Int32Array,
  last: number,
): boolean {
  const whole = (chars - 1) >> 2;
  const inTail = whole + 1 - CELL_TEXT;
  let word = 0;
  for (; word < inTail; word++) if (name[last - word] !== nameTexts[tail + word]) return false;
  const from = text - word;
  for (; word < whole; word++) if (name[last - word] !== nameCells[from + word]) return false;
  return (name[last - whole] & firstMask(chars)) === nameCells[from + whole];
}

function matchesPattern(table: RouteTable, set: number, facts: Facts, chars: number): boolean {
  const { nameSets, namePatterns, nameTexts } = table;
  const first = nameSets[set + PATTERN_START];
  for (let i = 0; i < nameSets[set + PATTERN_COUNT]; i++) {
    const pattern = (first + i) * NAME_PATTERN.stride;
    const length = namePatterns[pattern + NAME_PATTERN.chars];
    if (length > chars) continue;
    const text = namePatterns[pattern + NAME_PATTERN.text];
    const isFound =
      namePatterns[pattern + NAME_PATTERN.kind] === PATTERN_PREFIX
        ? beginsWithText(facts.name, LAST, chars, nameTexts, text, length)
        : endsWithText(facts.name, LAST, nameTexts, text, length);
    if (isFound) return true;
  }
  return false;
}
