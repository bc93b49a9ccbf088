// Writes a plan as a table in one buffer.

import { writeListeners } from './chains.ts';
import { checksum } from './checksum.ts';
import { writeClusters } from './clusters.ts';
import { TableFault } from './fault.ts';
import { HEADER, HEADER_WORDS, LAYOUT_VERSION, MAGIC, WORD_SECTIONS } from './layout.ts';
import { MAX_TABLE_BYTES } from './limits.ts';
import type { TablePlan } from './plan.ts';
import { writePolicies } from './policies.ts';
import { createWriter, type TableWriter } from './writer.ts';

/** Sections begin on cache lines, so that a 16-word record lies on one. */
const SECTION_ALIGNMENT = 64;
/** Where a line begins in the buffer: malloc(3) of glibc puts what is as large as a table 16 bytes into a page. */
const FIRST_LINE = 48;

/**
 * The table of a plan; equal plans give equal bytes. Throws `TableFault` for a plan that no table can hold (see its codes):
 * what compiles a plan has checked it before.
 */
export function encodeTable(plan: TablePlan): SharedArrayBuffer {
  const writer = createWriter();
  writeListeners(writer, plan);
  writePolicies(writer, plan.authorization);
  writeClusters(writer, plan.clusters);
  return assemble(writer);
}

function assemble(writer: TableWriter): SharedArrayBuffer {
  const { bytes: strings, ends } = writer.strings.show();
  const words = WORD_SECTIONS.map((name) => (name === 'stringEnds' ? ends : writer.sections[name].show()));
  const parts = [...words, strings];
  const header = new Int32Array(HEADER_WORDS);
  let end = HEADER_WORDS * 4;
  for (const [index, part] of parts.entries()) {
    const start = aligned(end);
    header[HEADER.sections + 2 * index] = start;
    header[HEADER.sections + 2 * index + 1] = part.length;
    end = start + part.byteLength;
  }
  end = aligned(end);
  if (end > MAX_TABLE_BYTES) throw new TableFault('table_limit', `table of ${end} bytes`);
  header[HEADER.magic] = MAGIC;
  header[HEADER.version] = LAYOUT_VERSION;
  header[HEADER.bytes] = end;
  const buffer = new SharedArrayBuffer(end);
  const bytes = new Uint8Array(buffer);
  for (const [index, part] of parts.entries()) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), header[HEADER.sections + 2 * index]);
  }
  const all = new Int32Array(buffer);
  all.set(header);
  all[HEADER.checksum] = checksum(all, HEADER.sections);
  return buffer;
}

function aligned(bytes: number): number {
  return Math.ceil((bytes - FIRST_LINE) / SECTION_ALIGNMENT) * SECTION_ALIGNMENT + FIRST_LINE;
}
