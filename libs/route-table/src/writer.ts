// What a table is written into: one list of words a section, and the strings.

import { TableFault } from './fault.ts';
import {
  EMPTY_INDEX,
  LEAF_START_MASK,
  NO_VALUE,
  RANGE4,
  RANGE4_OPEN,
  RANGE6,
  RANGE6_LOW,
  RANGE6_OPEN,
  STRIDES,
  WORD_SECTIONS,
  type WordSection,
} from './layout.ts';
import { MAX_RECORDS } from './limits.ts';
import type { NameSections } from './name-index.ts';
import { rangeValue4, rangeValue6 } from './prefix-index.ts';
import { StringPool } from './strings.ts';
import { WordList } from './words.ts';

export interface TableWriter {
  readonly sections: { readonly [name in WordSection]: WordList };
  readonly strings: StringPool;
  readonly names: NameSections;
  /** Conditions with the same operands share their list and index: by operands and form, the words of a condition after its flags. */
  readonly conditionSets: Map<string, Map<string, readonly number[]>>;
  /** Places of endpoints by the string of their address and their port. */
  readonly endpoints: Map<number, number>;
  recordCount(section: WordSection): number;
  /** Appends a record and gives its index. */
  record(section: WordSection, words: readonly number[]): number;
  /** Writes over a record. */
  replace(section: WordSection, index: number, words: readonly number[]): void;
  list(words: readonly number[]): { start: number; count: number };
  stringList(texts: readonly string[]): { start: number; count: number };
}

export function createWriter(): TableWriter {
  const sections = Object.fromEntries(WORD_SECTIONS.map((name) => [name, new WordList()])) as {
    [name in WordSection]: WordList;
  };
  writeEmpty(sections);
  const strings = new StringPool();
  const recordCount = (section: WordSection) => sections[section].length / STRIDES[section];
  const list = (words: readonly number[]) => {
    const start = sections.lists.length;
    for (const word of words) sections.lists.push(word);
    return { start, count: words.length };
  };
  return {
    sections,
    strings,
    names: { ...sections, tails: new Map() },
    conditionSets: new Map(),
    endpoints: new Map(),
    recordCount,
    record(section, words) {
      const index = recordCount(section);
      if (index >= MAX_RECORDS) throw new TableFault('table_limit', `more than ${MAX_RECORDS} ${section}`);
      for (const word of words) sections[section].push(word);
      return index;
    },
    replace(section, index, words) {
      const at = index * STRIDES[section];
      for (let word = 0; word < words.length; word++) sections[section].set(at + word, words[word]);
    },
    list,
    stringList: (texts) => list(texts.map((text) => strings.id(text))),
  };
}

/** What stands at 0 so that 0 can mean none: the range of EMPTY_INDEX. */
function writeEmpty(sections: TableWriter['sections']): void {
  if ((EMPTY_INDEX & LEAF_START_MASK) !== 0) throw new RangeError('the empty index is not the first');
  sections.ranges4.set(sections.ranges4.reserve(RANGE4.stride) + RANGE4.value, rangeValue4(NO_VALUE, RANGE4_OPEN));
  sections.ranges6.set(sections.ranges6.reserve(RANGE6.stride) + RANGE6.value, rangeValue6(NO_VALUE, RANGE6_OPEN));
  sections.ranges6Low.reserve(RANGE6_LOW.stride);
}
