// Opens a buffer as a table after checking everything that a look-up relies on, once; look-ups then check nothing.

import { checkIndexes } from './check-indexes.ts';
import { checkRecords } from './check-records.ts';
import { checksum } from './checksum.ts';
import { HEADER, HEADER_WORDS, LAYOUT_VERSION, MAGIC, STRIDES, WORD_SECTIONS } from './layout.ts';
import { MAX_TABLE_BYTES } from './limits.ts';
import { attachTable, type RouteTable } from './table.ts';

export type TableOpening =
  | { readonly ok: true; readonly table: RouteTable }
  | { readonly ok: false; readonly reason: string };

/**
 * A table over the buffer, or why it is none: not a table, another layout, damaged, or an index that points outside. A buffer
 * that passes gives no out-of-range read, no endless loop and no index outside the table, whoever wrote it. Other threads of
 * the process then use `attachTable`.
 */
export function openTable(buffer: SharedArrayBuffer): TableOpening {
  const reason = checkHeader(buffer);
  if (reason !== undefined) return { ok: false, reason };
  const table = attachTable(buffer);
  const broken = checkTable(table);
  return broken === undefined ? { ok: true, table } : { ok: false, reason: broken };
}

/**
 * Why the views are no table that was written whole; undefined where they are one. One that was edited since has records
 * that nothing leads to, and would be refused.
 */
export function checkTable(table: RouteTable): string | undefined {
  const broken = checkRecords(table) ?? checkIndexes(table);
  return broken === undefined ? undefined : `out of bounds: ${broken}`;
}

function checkHeader(buffer: SharedArrayBuffer): string | undefined {
  const size = buffer.byteLength;
  if (size < HEADER_WORDS * 4 || size % 4 !== 0 || size > MAX_TABLE_BYTES) return `not a table: ${size} bytes`;
  const words = new Int32Array(buffer);
  if (words[HEADER.magic] !== MAGIC) return 'not a table: no magic number';
  if (words[HEADER.version] !== LAYOUT_VERSION) return `layout ${words[HEADER.version]}, not ${LAYOUT_VERSION}`;
  if (words[HEADER.bytes] !== size) return `cut off: ${size} of ${words[HEADER.bytes]} bytes`;
  if (words[HEADER.checksum] !== checksum(words, HEADER.sections)) return 'damaged: checksum differs';
  return checkSections(words, size);
}

function checkSections(words: Int32Array, size: number): string | undefined {
  let end = HEADER_WORDS * 4;
  for (const [index, name] of [...WORD_SECTIONS, 'strings' as const].entries()) {
    const start = words[HEADER.sections + 2 * index];
    const length = words[HEADER.sections + 2 * index + 1];
    const bytes = name === 'strings' ? length : length * 4;
    const isWhole = name === 'strings' || length % STRIDES[name] === 0;
    if (start < end || start % 4 !== 0 || length < 0 || bytes > size - start || !isWhole)
      return `out of bounds: ${name}`;
    end = start + bytes;
  }
  return undefined;
}
