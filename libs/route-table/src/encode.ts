// Writes a plan as a table: the only writer of the layout.

import { writeListeners } from './chains.ts';
import { checksum } from './checksum.ts';
import { writeClusters } from './clusters.ts';
import { TableFault } from './fault.ts';
import {
  CHAIN,
  CLUSTER,
  CONDITION,
  DESTINATION,
  EMPTY_INDEX,
  ENDPOINT,
  HEADER,
  HEADER_WORDS,
  LAYOUT_VERSION,
  LEAF_START_MASK,
  LISTENER,
  MAGIC,
  MEMBER,
  NO_VALUE,
  POLICY,
  POLICY_RULE,
  RANGE4,
  RANGE6,
  RULE,
  WORD_SECTIONS,
} from './layout.ts';
import { MAX_TABLE_BYTES } from './limits.ts';
import type { TablePlan } from './plan.ts';
import { writePolicies } from './policies.ts';
import { createWriter, type TableWriter } from './writer.ts';

/** Sections begin on cache lines, so that a 16-word record lies on one. */
const SECTION_ALIGNMENT = 64;

/**
 * The table of a plan; equal plans give equal bytes. Throws `TableFault` for a plan that no table can hold (see its codes):
 * what compiles a plan has checked it before.
 */
export function encodeTable(plan: TablePlan): SharedArrayBuffer {
  const writer = createWriter({
    listeners: LISTENER.stride,
    chains: CHAIN.stride,
    rules: RULE.stride,
    conditions: CONDITION.stride,
    policies: POLICY.stride,
    policyRules: POLICY_RULE.stride,
    destinations: DESTINATION.stride,
    clusters: CLUSTER.stride,
    members: MEMBER.stride,
    endpoints: ENDPOINT.stride,
  });
  writeEmpty(writer);
  writeListeners(writer, plan);
  writePolicies(writer, plan.authorization);
  writeClusters(writer, plan.clusters);
  return assemble(writer);
}

/** What stands at 0 so that 0 can mean none: a slot's entry, and the range of EMPTY_INDEX. */
function writeEmpty({ sections }: TableWriter): void {
  sections.nameEntries.push(0);
  if ((EMPTY_INDEX & LEAF_START_MASK) !== 0) throw new RangeError('the empty index is not the first');
  sections.ranges4.set(sections.ranges4.reserve(RANGE4.stride) + RANGE4.value, NO_VALUE);
  sections.ranges6.set(sections.ranges6.reserve(RANGE6.stride) + RANGE6.value, NO_VALUE);
}

function assemble(writer: TableWriter): SharedArrayBuffer {
  const { bytes: strings, ends } = writer.strings.written();
  const words = WORD_SECTIONS.map((name) => (name === 'stringEnds' ? ends : writer.sections[name].written()));
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
  return Math.ceil(bytes / SECTION_ALIGNMENT) * SECTION_ALIGNMENT;
}
