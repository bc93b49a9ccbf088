// Writes the names of sets as entries that a slot leads to, and reads them again. Reading them for a connection is name-lookup.ts.

import { TableFault } from './fault.ts';
import {
  NAME_CHARS,
  NAME_ENTRY,
  NAME_PRINT_SHIFT,
  NAME_SLOT_PRINT,
  NAME_SLOT_UNIT_SHIFT,
  NAME_SUFFIX,
  NAME_TAIL,
  NAME_TAIL_SHIFT,
  NAME_UNIT,
} from './layout.ts';
import { MAX_NAME_CHARS, MAX_NAME_LABELS, MAX_NAME_UNITS } from './limits.ts';
import { hashText, textWords, writeText as toWords } from './name-text.ts';
import type { WordList } from './words.ts';

/** From so many names on that have the same parent domain it is written once for those that follow: one that only few have costs a unit. */
const NAMES_PER_TAIL = 4;

export interface NameEntries {
  readonly nameEntries: WordList;
  /** By the end of a name, in whole words, that its parent domain fills: the unit of the tail, or -1 for each name that had it before. */
  readonly tails: Map<string, number>;
}

/** The name taken last, and an entry that is compared with it. Words end with the last. */
const taken = new Int32Array(textWords(MAX_NAME_CHARS));
const held = new Int32Array(taken.length);
const LAST = taken.length - 1;

/** A name as it is looked for. Its words are kept until the next one is taken, so that is what can be written and compared. */
export interface TakenName {
  readonly name: string;
  /** Characters and NAME_SUFFIX. */
  readonly tag: number;
  readonly hash: number;
}

/** Throws `table_name` where no look-up could find it. */
export function takeName(name: string, isSuffix: boolean): TakenName {
  checkName(name);
  toWords(name, taken, LAST);
  const hash = hashText(taken, LAST, name.length, isSuffix);
  return { name, tag: name.length | (isSuffix ? NAME_SUFFIX : 0), hash };
}

/** Appends the entry of the name, and gives the slot that leads to it. */
export function writeEntry(sections: NameEntries, { name, tag, hash }: TakenName, value: number): number {
  const { nameEntries } = sections;
  const tail = tailOf(sections, name);
  const from = tail === 0 ? 0 : nameEntries.at(tail * NAME_UNIT + NAME_TAIL.words);
  const words = textWords(name.length) - from;
  const entry = reserveUnits(sections, NAME_ENTRY.text + words);
  nameEntries.set(entry + NAME_ENTRY.tag, tag | (tail << NAME_TAIL_SHIFT));
  nameEntries.set(entry + NAME_ENTRY.value, value);
  writeWords(sections, entry + NAME_ENTRY.text, from, words);
  return ((entry / NAME_UNIT) << NAME_SLOT_UNIT_SHIFT) | (hash >>> NAME_PRINT_SHIFT);
}

/** Appends a text that is no entry, and says where it begins. */
export function writeText(sections: NameEntries, text: string): number {
  checkName(text);
  toWords(text, taken, LAST);
  const start = reserveUnits(sections, textWords(text.length));
  writeWords(sections, start, 0, textWords(text.length));
  return start;
}

/** The unit of the tail for the name's parent domain; 0 while so few have it that the name is written whole. */
function tailOf(sections: NameEntries, name: string): number {
  const { tails, nameEntries } = sections;
  const dot = name.indexOf('.');
  const words = dot < 0 ? 0 : (name.length - dot - 1) >> 2;
  if (words === 0) return 0;
  const end = name.slice(-4 * words);
  const known = tails.get(end) ?? 0;
  if (known > 0) return known;
  if (1 - known < NAMES_PER_TAIL) {
    tails.set(end, known - 1);
    return 0;
  }
  const start = reserveUnits(sections, NAME_TAIL.text + words);
  nameEntries.set(start + NAME_TAIL.words, words);
  writeWords(sections, start + NAME_TAIL.text, 0, words);
  tails.set(end, start / NAME_UNIT);
  return start / NAME_UNIT;
}

function reserveUnits({ nameEntries }: NameEntries, words: number): number {
  const start = nameEntries.reserve(Math.ceil(words / NAME_UNIT) * NAME_UNIT);
  if (nameEntries.length > MAX_NAME_UNITS * NAME_UNIT)
    throw new TableFault('table_limit', `more than ${MAX_NAME_UNITS} units of names`);
  return start;
}

/** Writes `count` words of the name, but for the `from` last ones. */
function writeWords({ nameEntries }: NameEntries, start: number, from: number, count: number): void {
  for (let word = 0; word < count; word++) nameEntries.set(start + word, taken[LAST - from - word]);
}

/** The hash of the name that a slot leads to. */
export function hashOfEntry(sections: NameEntries, slot: number): number {
  const tag = readEntry(sections, slot);
  return hashText(held, LAST, tag & NAME_CHARS, (tag & NAME_SUFFIX) !== 0);
}

/** Whether a slot leads to the name. */
export function leadsTo(sections: NameEntries, slot: number, { tag, hash }: TakenName): boolean {
  if ((slot & NAME_SLOT_PRINT) !== hash >>> NAME_PRINT_SHIFT || readEntry(sections, slot) !== tag) return false;
  for (let word = 0; word < textWords(tag & NAME_CHARS); word++)
    if (held[LAST - word] !== taken[LAST - word]) return false;
  return true;
}

/** Writes the entry's words into `held`, and gives its characters and NAME_SUFFIX. */
function readEntry({ nameEntries }: NameEntries, slot: number): number {
  const entry = (slot >>> NAME_SLOT_UNIT_SHIFT) * NAME_UNIT;
  const tag = nameEntries.at(entry + NAME_ENTRY.tag);
  const tail = (tag >>> NAME_TAIL_SHIFT) * NAME_UNIT;
  const from = tail === 0 ? 0 : nameEntries.at(tail + NAME_TAIL.words);
  for (let word = 0; word < textWords(tag & NAME_CHARS); word++) {
    const at = word < from ? tail + NAME_TAIL.text + word : entry + NAME_ENTRY.text + word - from;
    held[LAST - word] = nameEntries.at(at);
  }
  return tag & (NAME_SUFFIX | NAME_CHARS);
}

/** Names in a table are ASCII, in lower case, so that a character is a byte and comparing needs no folding. */
function checkName(name: string): void {
  const labels = name.split('.').length;
  if (labels > MAX_NAME_LABELS) throw new TableFault('table_name', `more than ${MAX_NAME_LABELS} labels in ${name}`);
  if (name.length === 0 || name.length > MAX_NAME_CHARS || !/^[\x20-\x7e]*$/.test(name)) {
    throw new TableFault(
      'table_name',
      `not 1 to ${MAX_NAME_CHARS} printable ASCII characters: ${JSON.stringify(name)}`,
    );
  }
}
