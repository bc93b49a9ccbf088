// What a table is written into: one list of words a section, and the strings.

import { TableFault } from './fault.ts';
import { WORD_SECTIONS, type WordSection } from './layout.ts';
import { MAX_RECORDS } from './limits.ts';
import type { NameSections } from './name-index.ts';
import { StringPool } from './strings.ts';
import { WordList } from './words.ts';

export interface TableWriter {
  readonly sections: { readonly [name in WordSection]: WordList };
  readonly strings: StringPool;
  readonly names: NameSections;
  /** Conditions with the same operands share their list and index: by operands, the words of a condition after its flags. */
  readonly conditionSets: Map<string, readonly number[]>;
  /** Places of endpoints by the string of their address and their port. */
  readonly endpoints: Map<number, number>;
  recordCount(section: WordSection): number;
  /** Appends a record and gives its index. */
  record(section: WordSection, words: readonly number[]): number;
  list(words: readonly number[]): { start: number; count: number };
  stringList(texts: readonly string[]): { start: number; count: number };
}

export function createWriter(strides: { readonly [name in WordSection]?: number }): TableWriter {
  const sections = Object.fromEntries(WORD_SECTIONS.map((name) => [name, new WordList()])) as {
    [name in WordSection]: WordList;
  };
  const strings = new StringPool();
  const recordCount = (section: WordSection) => sections[section].length / (strides[section] ?? 1);
  const list = (words: readonly number[]) => {
    const start = sections.lists.length;
    for (const word of words) sections.lists.push(word);
    return { start, count: words.length };
  };
  return {
    sections,
    strings,
    names: sections,
    conditionSets: new Map(),
    endpoints: new Map(),
    recordCount,
    record(section, words) {
      const index = recordCount(section);
      if (index >= MAX_RECORDS) throw new TableFault('table_limit', `more than ${MAX_RECORDS} ${section}`);
      for (const word of words) sections[section].push(word);
      return index;
    },
    list,
    stringList: (texts) => list(texts.map((text) => strings.id(text))),
  };
}
