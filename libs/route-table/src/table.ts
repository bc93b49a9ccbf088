// A table as its readers see it: views on one shared buffer. It holds nothing else, so a worker costs only the views.

import { HEADER, LAYOUT_VERSION, MAGIC, WORD_SECTIONS, type WordSection } from './layout.ts';

/** Views on the buffer; made by `openTable` and `attachTable` alone. */
export type RouteTable = { readonly [name in WordSection]: Int32Array } & {
  readonly buffer: SharedArrayBuffer;
  readonly strings: Uint8Array;
};

/**
 * Looks at a buffer that `openTable` has accepted in this process before: every worker after the first, at the price of
 * the views alone. Throws where it is no table at all.
 */
export function attachTable(buffer: SharedArrayBuffer): RouteTable {
  const header = new Int32Array(buffer);
  if (header[HEADER.magic] !== MAGIC || header[HEADER.version] !== LAYOUT_VERSION) {
    throw new TypeError('not a route table of this layout');
  }
  const views: Record<string, Int32Array | Uint8Array | SharedArrayBuffer> = { buffer };
  let at: number = HEADER.sections;
  for (const name of WORD_SECTIONS) {
    views[name] = new Int32Array(buffer, header[at], header[at + 1]);
    at += 2;
  }
  views.strings = new Uint8Array(buffer, header[at], header[at + 1]);
  return views as unknown as RouteTable;
}
