// Writes sets of names for look-up by hash. Reading them is name-lookup.ts.

import { NAME_CELL, NAME_LENGTHS_MASK, NAME_SET, PATTERN_PREFIX, PATTERN_SUFFIX } from './layout.ts';
import { isEmptyCell, type NameCells, takeName, writeCell, writeText } from './name-cells.ts';
import type { WordList } from './words.ts';

/** At most four fifths full: the cells that a look-up tries lie side by side. */
export const CELLS_PER_NAME = 1.25;

export interface NameSections extends NameCells {
  readonly nameSets: WordList;
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
  const { cellStart, cellMask, probeLimit } = writeCells(sections, set);
  nameSets.set(at + NAME_SET.cellStart, cellStart);
  nameSets.set(at + NAME_SET.cellMask, cellMask);
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

function writeCells(sections: NameSections, { exact, suffixes }: NameSet) {
  const names = exact.size + suffixes.size;
  const cellStart = sections.nameCells.length / NAME_CELL.stride;
  if (names === 0) return { cellStart, cellMask: -1, probeLimit: 0 };
  const cellMask = 2 ** (32 - Math.clz32(names * CELLS_PER_NAME - 1)) - 1;
  sections.nameCells.reserve((cellMask + 1) * NAME_CELL.stride);
  let probeLimit = 0;
  const place = (name: string, value: number, isSuffix: boolean) => {
    const taken = takeName(name, isSuffix);
    const probe = freeCell(sections, cellStart, cellMask, taken.hash);
    writeCell(sections, cellStart + ((taken.hash + probe) & cellMask), taken, value);
    probeLimit = Math.max(probeLimit, probe);
  };
  for (const [name, value] of exact) place(name, value, false);
  for (const [suffix, value] of suffixes) place(suffix, value, true);
  return { cellStart, cellMask, probeLimit };
}

/** How many cells for the hash are taken before the first that is free. */
export function freeCell(sections: NameSections, start: number, mask: number, hash: number): number {
  let probe = 0;
  while (!isEmptyCell(sections, start + ((hash + probe) & mask))) probe++;
  return probe;
}
