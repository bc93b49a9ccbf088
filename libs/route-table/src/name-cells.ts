// Writes the names of sets into cells, and reads them again. Reading them for a connection is name-lookup.ts.

import { TableFault } from './fault.ts';
import {
  NAME_CELL,
  NAME_CELL_TEXT,
  NAME_CHARS,
  NAME_PRINT_SHIFT,
  NAME_SUFFIX,
  NAME_TAIL_SHIFT,
  NAME_TAIL_UNIT,
  NAME_VALUE,
} from './layout.ts';
import { MAX_NAME_CHARS, MAX_NAME_LABELS, MAX_TAIL_UNITS } from './limits.ts';
import { hashText, textWords, writeText as toWords } from './name-text.ts';
import type { WordList } from './words.ts';

export interface NameCells {
  readonly nameCells: WordList;
  readonly nameTexts: WordList;
  /** Units of the tails by their text. */
  readonly tails: Map<string, number>;
}

/** The name taken last, and one of a cell. Words end with the last. */
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

/** Writes the name into a cell, and its tail behind the others if none is like it. */
export function writeCell(sections: NameCells, cell: number, { name, tag, hash }: TakenName, value: number): void {
  const { nameCells } = sections;
  const at = cell * NAME_CELL.stride;
  const words = textWords(name.length);
  const from = tailWords(name.length);
  nameCells.set(at + NAME_CELL.tag, tag | (from === 0 ? 0 : tailOf(sections, name, from) << NAME_TAIL_SHIFT));
  nameCells.set(at + NAME_CELL.value, (value & NAME_VALUE) | (hash & (-1 << NAME_PRINT_SHIFT)));
  for (let word = from; word < words; word++) nameCells.set(at + NAME_CELL.text + word - from, taken[LAST - word]);
}

export function copyCell({ nameCells }: NameCells, from: number, to: number): void {
  for (let word = 0; word < NAME_CELL.stride; word++)
    nameCells.set(to * NAME_CELL.stride + word, nameCells.at(from * NAME_CELL.stride + word));
}

export function clearCell({ nameCells }: NameCells, cell: number): void {
  for (let word = 0; word < NAME_CELL.stride; word++) nameCells.set(cell * NAME_CELL.stride + word, 0);
}

export function isEmptyCell({ nameCells }: NameCells, cell: number): boolean {
  return nameCells.at(cell * NAME_CELL.stride + NAME_CELL.tag) === 0;
}

/** Appends a text that is in no cell, and says where it begins. */
export function writeText({ nameTexts }: NameCells, text: string): number {
  checkName(text);
  toWords(text, taken, LAST);
  const start = nameTexts.reserve(textWords(text.length));
  for (let word = 0; word < textWords(text.length); word++) nameTexts.set(start + word, taken[LAST - word]);
  return start;
}

/** Words of a name that its cell has no room for: the last ones, which names of one domain have in common. */
export function tailWords(chars: number): number {
  return Math.max(0, textWords(chars) - NAME_CELL_TEXT);
}

function tailOf({ nameTexts, tails }: NameCells, name: string, words: number): number {
  const end = name.slice(-4 * words);
  const known = tails.get(end);
  if (known !== undefined) return known;
  const unit = Math.ceil(nameTexts.length / NAME_TAIL_UNIT);
  if (unit >= MAX_TAIL_UNITS) throw new TableFault('table_limit', `more than ${MAX_TAIL_UNITS} units of names' tails`);
  nameTexts.reserve(unit * NAME_TAIL_UNIT - nameTexts.length);
  const start = nameTexts.reserve(words);
  for (let word = 0; word < words; word++) nameTexts.set(start + word, taken[LAST - word]);
  tails.set(end, unit);
  return unit;
}

/** The hash of the name in a cell. */
export function hashOfCell(sections: NameCells, cell: number): number {
  const tag = readCell(sections, cell);
  return hashText(held, LAST, tag & NAME_CHARS, (tag & NAME_SUFFIX) !== 0);
}

/** Whether the cell has the name. */
export function holds(sections: NameCells, cell: number, { tag }: TakenName): boolean {
  if (readCell(sections, cell) !== tag) return false;
  for (let word = 0; word < textWords(tag & NAME_CHARS); word++)
    if (held[LAST - word] !== taken[LAST - word]) return false;
  return true;
}

/** Writes the cell's words into `held`, and gives its characters and NAME_SUFFIX. */
function readCell({ nameCells, nameTexts }: NameCells, cell: number): number {
  const at = cell * NAME_CELL.stride;
  const tag = nameCells.at(at + NAME_CELL.tag);
  const chars = tag & NAME_CHARS;
  const tail = (tag >>> NAME_TAIL_SHIFT) * NAME_TAIL_UNIT;
  const from = tailWords(chars);
  for (let word = 0; word < textWords(chars); word++)
    held[LAST - word] = word < from ? nameTexts.at(tail + word) : nameCells.at(at + NAME_CELL.text + word - from);
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
