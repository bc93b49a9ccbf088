// Writes sets of names for look-up by hash. Reading them is name-lookup.ts.

import { TableFault } from './fault.ts';
import { NAME_SET, NAME_SLOT, NAME_SUFFIX, PATTERN_PREFIX, PATTERN_SUFFIX } from './layout.ts';
import { MAX_NAME_CHARS, MAX_NAME_LABELS } from './limits.ts';
import { hashText, textWords, writeText } from './name-text.ts';
import type { WordList } from './words.ts';

/** At most four fifths full: the probes that takes are mostly on one cache line, and the slots of 100,000 names fit the second cache. */
export const SLOTS_PER_NAME = 1.25;

export interface NameSections {
  readonly nameSets: WordList;
  readonly nameSlots: WordList;
  readonly nameEntries: WordList;
  readonly namePatterns: WordList;
}

/** What a set matches; every name maps to a value from 0. */
export interface NameSet {
  readonly exact: ReadonlyMap<string, number>;
  /** Suffixes after `*.`. */
  readonly suffixes: ReadonlyMap<string, number>;
  /** For a name that nothing more precise matches, and for no name; NO_VALUE = not matched. */
  readonly anyName: number;
  readonly noName: number;
  /** Searched one by one after the hash: `prefix*`, and `*suffix` that does not begin at a label. */
  readonly prefixes?: readonly string[];
  readonly tails?: readonly string[];
}

/** Appends the set and gives its index. Throws `table_name` for names that no look-up could find. */
export function writeNameSet(sections: NameSections, set: NameSet): number {
  const { nameSets } = sections;
  const index = nameSets.length / NAME_SET.stride;
  const at = nameSets.reserve(NAME_SET.stride);
  const { slotStart, slotMask, probeLimit } = writeSlots(sections, set);
  nameSets.set(at + NAME_SET.slotStart, slotStart);
  nameSets.set(at + NAME_SET.slotMask, slotMask);
  nameSets.set(at + NAME_SET.probeLimit, probeLimit);
  markDepths(nameSets, at + NAME_SET.exactDepths, set.exact.keys());
  markDepths(nameSets, at + NAME_SET.suffixDepths, set.suffixes.keys());
  nameSets.set(at + NAME_SET.anyName, set.anyName);
  nameSets.set(at + NAME_SET.noName, set.noName);
  nameSets.set(at + NAME_SET.patternStart, sections.namePatterns.length / 3);
  for (const prefix of set.prefixes ?? []) writePattern(sections, PATTERN_PREFIX, prefix);
  for (const tail of set.tails ?? []) writePattern(sections, PATTERN_SUFFIX, tail);
  nameSets.set(at + NAME_SET.patternCount, (set.prefixes?.length ?? 0) + (set.tails?.length ?? 0));
  return index;
}

function markDepths(nameSets: WordList, bits: number, names: Iterable<string>): void {
  for (const name of names) markDepth(nameSets, bits, name);
}

export function markDepth(nameSets: WordList, bits: number, name: string): void {
  const labels = name.split('.').length;
  if (labels > MAX_NAME_LABELS) throw new TableFault('table_name', `more than ${MAX_NAME_LABELS} labels in ${name}`);
  const word = bits + (labels >>> 5);
  const marked = nameSets.at(word) | (1 << (labels & 31));
  if (marked !== nameSets.at(word)) nameSets.set(word, marked);
}

function writePattern(sections: NameSections, kind: number, text: string): void {
  for (const field of [kind, writeName(sections, text), text.length]) sections.namePatterns.push(field);
}

const scratch = new Int32Array(textWords(MAX_NAME_CHARS));
const SCRATCH_LAST = scratch.length - 1;

/** Appends the name's words, says where they begin, and leaves them in `scratch` as well. */
function writeName({ nameEntries }: NameSections, name: string): number {
  checkName(name);
  writeText(name, scratch, SCRATCH_LAST);
  const start = nameEntries.length;
  for (let word = 0; word < textWords(name.length); word++) nameEntries.push(scratch[SCRATCH_LAST - word]);
  return start;
}

function writeSlots(sections: NameSections, { exact, suffixes }: NameSet) {
  const { nameSlots, nameEntries } = sections;
  const names = exact.size + suffixes.size;
  const slotStart = nameSlots.length / NAME_SLOT.stride;
  if (names === 0) return { slotStart, slotMask: -1, probeLimit: 0 };
  const slotMask = 2 ** (32 - Math.clz32(names * SLOTS_PER_NAME - 1)) - 1;
  nameSlots.reserve((slotMask + 1) * NAME_SLOT.stride);
  let probeLimit = 0;
  const place = (name: string, value: number, suffixBit: number) => {
    const entry = nameEntries.length;
    nameEntries.push(name.length | suffixBit);
    nameEntries.push(value);
    writeName(sections, name);
    const hash = hashText(scratch, SCRATCH_LAST, name.length, suffixBit !== 0);
    let probe = 0;
    const slotAt = () => (slotStart + ((hash + probe) & slotMask)) * NAME_SLOT.stride;
    while (nameSlots.at(slotAt() + NAME_SLOT.entry) !== 0) probe++;
    probeLimit = Math.max(probeLimit, probe);
    nameSlots.set(slotAt() + NAME_SLOT.hash, hash);
    nameSlots.set(slotAt() + NAME_SLOT.entry, entry);
  };
  for (const [name, value] of exact) place(name, value, 0);
  for (const [suffix, value] of suffixes) place(suffix, value, NAME_SUFFIX);
  return { slotStart, slotMask, probeLimit };
}

/** Names in a table are ASCII, in lower case, so that a character is a byte and comparing needs no folding. */
export function checkName(name: string): void {
  if (name.length === 0 || name.length > MAX_NAME_CHARS || !/^[\x20-\x7e]*$/.test(name)) {
    throw new TableFault(
      'table_name',
      `not 1 to ${MAX_NAME_CHARS} printable ASCII characters: ${JSON.stringify(name)}`,
    );
  }
}
