// Flow collections that stand on one line: `[a, "b"]`, `{ number: 80, name: tcp }`. What is not surely one is not plain.
import { MAX_DOCUMENT_NODES } from './limits.ts';
import { NOT_PLAIN, plainWord } from './plain-scalar.ts';

const SPACE = / */y;
const DOUBLE = /"([ !#-[\]-~]*)"/y;
const SINGLE = /'([ -&(-~]*)'/y;
const WORD = /[A-Za-z0-9_./](?:[\w./-]| (?=[\w./-]))*/y;
const KEY = /(?:[A-Za-z_][\w./-]*|"([ !#-[\]-~]*)"):(?= )/y;
const REST = /^ *(?: #.*)?$/;

interface Flow {
  readonly text: string;
  at: number;
  readonly counter: Counter;
}

/** Values read so far of the whole document. */
export interface Counter {
  nodes: number;
}

/**
 * The value of a flow collection, with a comment behind it or not; NOT_PLAIN if it is deeper than `maxDepth`, more than a
 * document may hold, or unusual.
 */
export function readFlow(text: string, maxDepth: number, counter: Counter): unknown {
  const flow: Flow = { text, at: 0, counter };
  const value = readItem(flow, maxDepth);
  return value !== NOT_PLAIN && REST.test(text.slice(flow.at)) ? value : NOT_PLAIN;
}

function take(flow: Flow, expression: RegExp): RegExpExecArray | null {
  expression.lastIndex = flow.at;
  const found = expression.exec(flow.text);
  if (found !== null) flow.at = expression.lastIndex;
  return found;
}

function skip(flow: Flow, character: string): boolean {
  if (flow.text[flow.at] !== character) return false;
  flow.at++;
  return true;
}

function readItem(flow: Flow, depth: number): unknown {
  if (depth < 0 || ++flow.counter.nodes > MAX_DOCUMENT_NODES) return NOT_PLAIN;
  if (skip(flow, '[')) return readList(flow, depth);
  if (skip(flow, '{')) return readMapping(flow, depth);
  const quoted = take(flow, DOUBLE) ?? take(flow, SINGLE);
  if (quoted !== null) return quoted[1]!;
  const word = take(flow, WORD);
  return word === null ? NOT_PLAIN : plainWord(word[0]);
}

function readList(flow: Flow, depth: number): unknown {
  const list: unknown[] = [];
  take(flow, SPACE);
  if (skip(flow, ']')) return list;
  do {
    take(flow, SPACE);
    const item = readItem(flow, depth - 1);
    if (item === NOT_PLAIN) return NOT_PLAIN;
    list.push(item);
    take(flow, SPACE);
  } while (skip(flow, ','));
  return skip(flow, ']') ? list : NOT_PLAIN;
}

function readMapping(flow: Flow, depth: number): unknown {
  const mapping: Record<string, unknown> = {};
  take(flow, SPACE);
  if (skip(flow, '}')) return mapping;
  do {
    take(flow, SPACE);
    const found = take(flow, KEY);
    if (found === null) return NOT_PLAIN;
    const key = found[1] ?? found[0].slice(0, -1);
    if (key === '__proto__' || Object.hasOwn(mapping, key)) return NOT_PLAIN;
    take(flow, SPACE);
    const value = readItem(flow, depth - 1);
    if (value === NOT_PLAIN) return NOT_PLAIN;
    mapping[key] = value;
    take(flow, SPACE);
  } while (skip(flow, ','));
  return skip(flow, '}') ? mapping : NOT_PLAIN;
}
