// All strings of a table, each once, in one blob of UTF-8.

import { TableFault } from './fault.ts';
import type { RouteTable } from './table.ts';
import { WordList } from './words.ts';

/** Strings encoded in one call: enough to make calls few, and far from the longest string that there can be. */
const BATCH = 4096;
const FIRST_BYTES = 4096;
const encoder = new TextEncoder();

export class StringPool {
  readonly #ids = new Map<string, number>();
  readonly #ends = new WordList();
  /** Not in the blob yet; they have the last indexes. */
  #pending: string[] = [];
  #bytes = new Uint8Array(new SharedArrayBuffer(FIRST_BYTES));
  #length = 0;

  /** The string's index; equal strings have one. Throws `table_value` where it cannot be UTF-8. */
  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (!text.isWellFormed()) throw new TableFault('table_value', `lone surrogate in ${JSON.stringify(text)}`);
    const id = this.#ids.size;
    this.#ids.set(text, id);
    this.#pending.push(text);
    return id;
  }

  /** All strings in the order of their indexes, and where each ends; like the words of a section, they stay as they are. */
  show(): { readonly bytes: Uint8Array; readonly ends: Int32Array } {
    for (let first = 0; first < this.#pending.length; first += BATCH)
      this.#append(this.#pending.slice(first, first + BATCH));
    this.#pending = [];
    return { bytes: this.#bytes.subarray(0, this.#length), ends: this.#ends.show() };
  }

  #append(texts: readonly string[]): void {
    const joined = texts.join('');
    const bytes = encoder.encode(joined);
    const isAscii = bytes.length === joined.length;
    let end = this.#length;
    for (const text of texts) {
      end += isAscii ? text.length : Buffer.byteLength(text);
      this.#ends.push(end);
    }
    if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.set(bytes, this.#length);
    this.#length = end;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(new SharedArrayBuffer(Math.max(needed, this.#bytes.length * 2)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** The string of an index. Makes a string: not for the path of a connection's look-up. */
export function readString({ strings, stringEnds }: RouteTable, id: number): string {
  const start = id === 0 ? 0 : stringEnds[id - 1];
  return Buffer.from(strings.buffer, strings.byteOffset + start, stringEnds[id] - start).toString('utf8');
}
