// All strings of a table, each once, in one blob of UTF-8.

import { TableFault } from './fault.ts';
import type { RouteTable } from './table.ts';
import { WordList } from './words.ts';

const FIRST_BYTES = 4096;
/** UTF-16 code units become at most three bytes. */
const BYTES_PER_UNIT = 3;
const encoder = new TextEncoder();

export class StringPool {
  readonly ends = new WordList();
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;
  readonly #ids = new Map<string, number>();

  /** The string's index; equal strings have one. Throws `table_value` where it cannot be UTF-8. */
  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (!text.isWellFormed()) throw new TableFault('table_value', `lone surrogate in ${JSON.stringify(text)}`);
    if (this.#length + text.length * BYTES_PER_UNIT > this.#bytes.length) this.#grow(text.length * BYTES_PER_UNIT);
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
    const id = this.ends.length;
    this.ends.push(this.#length);
    this.#ids.set(text, id);
    return id;
  }

  /** Where the string's bytes begin. */
  start(id: number): number {
    return id === 0 ? 0 : this.ends.at(id - 1);
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(this.#length + needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** The string of an index. Makes a string: not for the path of a connection's look-up. */
export function readString(table: RouteTable, id: number): string {
  const start = id === 0 ? 0 : table.stringEnds[id - 1];
  return Buffer.from(table.buffer, table.strings.byteOffset + start, table.stringEnds[id] - start).toString('utf8');
}
