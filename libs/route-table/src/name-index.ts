// Writes sets of names for look-up by hash. Reading them is name-lookup.ts.

import { NAME_LENGTHS_MASK, NAME_SET, PATTERN_PREFIX, PATTERN_SUFFIX } from './layout.ts';
import { type NameEntries, takeName, writeEntry, writeText } from './name-entries.ts';
import type { WordList } from './words.ts';

/** At most four fifths full: the probes that takes are mostly on one cache line. */
export const SLOTS_PER_NAME = 1.25;

export interface NameSections extends NameEntries {
  readonly nameSets: WordList;
  readonly nameSlots: WordList;
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
  for (const name of set.exact.keys()) markLength(nameSets, at + NAME_SET.exactLengths, name);
  for (const name of set.suffixes.keys()) markLength(nameSets, at + NAME_SET.suffixLengths, name);
  nameSets.set(at + NAME_SET.anyName, set.anyName);
  nameSets.set(at + NAME_SET.noName, set.noName);
  nameSets.set(at + NAME_SET.patternStart, sections.namePatterns.length / 3);
  for (const prefix of set.prefixes ?? []) writePattern(sections, PATTERN_PREFIX, prefix);
  for (const tail of set.tails ?? []) writePattern(sections, PATTERN_SUFFIX, tail);
  nameSets.set(at + NAME_SET.patternCount, (set.prefixes?.length ?? 0) + (set.tails?.length ?? 0));
  return index;
}

/** `lengths`: the place of the word of bits. */
export function markLength(nameSets: WordList, lengths: number, name: string): void {
  nameSets.set(lengths, nameSets.at(lengths) | (1 << (name.length & NAME_LENGTHS_MASK)));
}

function writePattern(sections: NameSections, kind: number, text: string): void {
  for (const field of [kind, writeText(sections, text), text.length]) sections.namePatterns.push(field);
}

function writeSlots(sections: NameSections, { exact, suffixes }: NameSet) {
  const { nameSlots } = sections;
  const names = exact.size + suffixes.size;
  const slotStart = nameSlots.length;
  if (names === 0) return { slotStart, slotMask: -1, probeLimit: 0 };
  const slotMask = 2 ** (32 - Math.clz32(names * SLOTS_PER_NAME - 1)) - 1;
  nameSlots.reserve(slotMask + 1);
  let probeLimit = 0;
  const place = (name: string, value: number, isSuffix: boolean) => {
    const taken = takeName(name, isSuffix);
    const probe = putSlot(nameSlots, slotStart, slotMask, taken.hash, writeEntry(sections, taken, value));
    probeLimit = Math.max(probeLimit, probe);
  };
  for (const [name, value] of exact) place(name, value, false);
  for (const [suffix, value] of suffixes) place(suffix, value, true);
  return { slotStart, slotMask, probeLimit };
}

/** Puts a slot into the first free place for its hash, and says how many places were not. */
export function putSlot(nameSlots: WordList, start: number, mask: number, hash: number, slot: number): number {
  let probe = 0;
  while (nameSlots.at(start + ((hash + probe) & mask)) !== 0) probe++;
  nameSlots.set(start + ((hash + probe) & mask), slot);
  return probe;
}
