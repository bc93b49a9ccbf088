// The way most resources are written: block mappings and lists, texts and numbers on one line, short flow collections.
// Read here many times faster than by the YAML library, which knows all of YAML. Whatever is not surely plain is left to the
// library: this must never give a value that the library would not (plain-yaml.test.ts holds the two against each other).

import { MAX_DEPTH, MAX_DOCUMENT_CHARACTERS, MAX_DOCUMENT_NODES } from './limits.ts';
import { readFlow } from './plain-flow.ts';
import { NOT_PLAIN, plainScalar } from './plain-scalar.ts';

/** Thrown to leave a document to the library; always caught here. */
const LEAVE = Symbol('not plain');

/** A key of a block mapping, and what stands behind it. */
export const KEY = /^([A-Za-z_][\w./-]*):(?: +(.*))?$/;
const COMMENT = /^#/;

interface Lines {
  readonly indents: number[];
  readonly texts: string[];
  /** The line to be read next. */
  at: number;
  nodes: number;
}

/** The document's value, or undefined if it is not plain (or empty, or wrong): ask the library then. */
export function readPlainYaml(text: string): unknown {
  if (text.length > MAX_DOCUMENT_CHARACTERS) return undefined;
  const lines = contentLines(text);
  if (lines.texts.length === 0) return undefined;
  try {
    const value = readBlock(lines, lines.indents[0]!, 0);
    return lines.at === lines.texts.length ? value : undefined;
  } catch (error) {
    if (error === LEAVE) return undefined;
    throw error;
  }
}

/** Lines with content: their indentation, and their text without it and without space at the end. */
function contentLines(text: string): Lines {
  const lines: Lines = { indents: [], texts: [], at: 0, nodes: 0 };
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    let from = start;
    while (from < end && text.charCodeAt(from) === 0x20) from++;
    let to = end;
    if (newline >= 0 && to > from && text.charCodeAt(to - 1) === 0x0d) to--;
    while (to > from && text.charCodeAt(to - 1) === 0x20) to--;
    if (to > from && text.charCodeAt(from) !== 0x23) {
      lines.indents.push(from - start);
      lines.texts.push(text.slice(from, to));
    }
    start = end + 1;
  }
  return lines;
}

/** Whether a line without its indentation begins an item of a list. */
export const isItem = (text: string) =>
  text.charCodeAt(0) === 0x2d && (text.length === 1 || text.charCodeAt(1) === 0x20);

function readBlock(lines: Lines, indent: number, depth: number): unknown {
  if (depth > MAX_DEPTH) throw LEAVE;
  return isItem(lines.texts[lines.at]!) ? readList(lines, indent, depth) : readMapping(lines, indent, depth);
}

function count(lines: Lines): void {
  if (++lines.nodes > MAX_DOCUMENT_NODES) throw LEAVE;
}

function readMapping(lines: Lines, indent: number, depth: number): Record<string, unknown> {
  count(lines);
  const mapping: Record<string, unknown> = {};
  while (lines.at < lines.texts.length && lines.indents[lines.at] === indent) {
    const parts = KEY.exec(lines.texts[lines.at]!);
    if (parts === null) throw LEAVE;
    const key = parts[1]!;
    if (key === '__proto__' || Object.hasOwn(mapping, key)) throw LEAVE;
    lines.at++;
    mapping[key] = readValue(lines, parts[2] ?? '', indent, depth, true);
  }
  if (lines.at < lines.texts.length && lines.indents[lines.at]! > indent) throw LEAVE;
  return mapping;
}

function readList(lines: Lines, indent: number, depth: number): unknown[] {
  count(lines);
  const list: unknown[] = [];
  while (lines.at < lines.texts.length && lines.indents[lines.at] === indent && isItem(lines.texts[lines.at]!)) {
    const text = lines.texts[lines.at]!;
    let from = 1;
    while (text.charCodeAt(from) === 0x20) from++;
    const rest = text.slice(from);
    if (isItem(rest)) throw LEAVE;
    if (KEY.test(rest)) {
      // A mapping that begins beside its dash: as if its first line stood alone, that far in.
      lines.indents[lines.at] = indent + from;
      lines.texts[lines.at] = rest;
      if (depth >= MAX_DEPTH) throw LEAVE;
      list.push(readMapping(lines, indent + from, depth + 1));
    } else {
      lines.at++;
      list.push(readValue(lines, rest, indent, depth, false));
    }
  }
  if (lines.at < lines.texts.length && lines.indents[lines.at]! > indent) throw LEAVE;
  return list;
}

/** What stands behind a key or a dash, or in the lines below it. */
function readValue(lines: Lines, text: string, indent: number, depth: number, ofKey: boolean): unknown {
  const next = lines.at < lines.texts.length ? lines.indents[lines.at]! : -1;
  if (text === '' || COMMENT.test(text)) {
    if (next > indent) return readBlock(lines, next, depth + 1);
    // A list may stand as far out as the key it belongs to.
    if (ofKey && next === indent && isItem(lines.texts[lines.at]!)) return readList(lines, indent, depth + 1);
    count(lines);
    return null;
  }
  // Deeper lines would go on with this text.
  if (next > indent) throw LEAVE;
  const first = text.charCodeAt(0);
  const isFlow = first === 0x5b || first === 0x7b;
  if (!isFlow) count(lines);
  const value = isFlow ? readFlow(text, MAX_DEPTH - depth, lines) : plainScalar(text);
  if (value === NOT_PLAIN) throw LEAVE;
  return value;
}
