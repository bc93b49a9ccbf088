// Numbers of a plan as words of a table, checked, and back.

import { TableFault } from './fault.ts';

const WORD_SPAN = 2 ** 32;
const MAX_WORD = 0x7fff_ffff;

/** A whole number that a signed word holds. */
export function inRange(value: number, low: number, high: number, what: string): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new TableFault('table_value', `${what} not in ${low}..${high}: ${value}`);
  }
  return value === 0 ? 0 : value;
}

export function wordOf(value: number, what: string): number {
  return inRange(value, 0, MAX_WORD, what);
}

/** Two words, low then high: hours in milliseconds are beyond 32 bits. */
export function durationWords(milliseconds: number): [number, number] {
  inRange(milliseconds, 0, Number.MAX_SAFE_INTEGER, 'duration');
  return [(milliseconds % WORD_SPAN) | 0, Math.floor(milliseconds / WORD_SPAN)];
}

export function durationAt(words: Int32Array, at: number): number {
  return (words[at + 1] >>> 0) * WORD_SPAN + (words[at] >>> 0);
}
