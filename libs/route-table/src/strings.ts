// All strings of a table, each once, in one blob of UTF-8.

import { TableFault } from './fault.ts';
import type { RouteTable } from './table.ts';

/** Strings encoded in one call: enough to make calls few, and far from the longest string that there can be. */
const BATCH = 4096;
const encoder = new TextEncoder();

export class StringPool {
  readonly #ids = new Map<string, number>();

  /** The string's index; equal strings have one. Throws `table_value` where it cannot be UTF-8. */
  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (!text.isWellFormed()) throw new TableFault('table_value', `lone surrogate in ${JSON.stringify(text)}`);
    const id = this.#ids.size;
    this.#ids.set(text, id);
    return id;
  }

  /** All strings in the order of their indexes, and where each ends. */
  written(): { readonly bytes: Uint8Array; readonly ends: Int32Array } {
    const texts = [...this.#ids.keys()];
    const ends = new Int32Array(texts.length);
    const batches: Uint8Array[] = [];
    let end = 0;
    for (let first = 0; first < texts.length; first += BATCH) {
      const batch = texts.slice(first, first + BATCH);
      const joined = batch.join('');
      const bytes = encoder.encode(joined);
      const isAscii = bytes.length === joined.length;
      for (const [i, text] of batch.entries()) {
        end += isAscii ? text.length : Buffer.byteLength(text);
        ends[first + i] = end;
      }
      batches.push(bytes);
    }
    return { bytes: Buffer.concat(batches), ends };
  }
}

/** The string of an index. Makes a string: not for the path of a connection's look-up. */
export function readString(table: RouteTable, id: number): string {
  const start = id === 0 ? 0 : table.stringEnds[id - 1];
  return Buffer.from(table.buffer, table.strings.byteOffset + start, table.stringEnds[id] - start).toString('utf8');
}
