// Writes conditions: each keeps its list as the plan has it, and beside it the index that answers it.

import { type KeyRange, parseCidr } from './cidr.ts';
import { TableFault } from './fault.ts';
import { CONDITION_INDEXED, CONDITION_KINDS, CONDITION_NOT, EMPTY_INDEX, KIND_PORT, NO_VALUE } from './layout.ts';
import { type NameSet, writeNameSet } from './name-index.ts';
import type { Condition } from './plan.ts';
import { writePortIndex, writePrefixIndex } from './prefix-index.ts';
import type { TableWriter } from './writer.ts';

export interface Span {
  readonly start: number;
  readonly count: number;
}

/** Appends the conditions of one rule. `isIndexed`: the chain's index stands for them, they need none of their own. */
export function writeConditions(writer: TableWriter, conditions: readonly Condition[], isIndexed: boolean): Span {
  const start = writer.recordCount('conditions');
  for (const condition of conditions) {
    const kind = CONDITION_KINDS.indexOf(condition.fact);
    if (kind < 0) throw new TableFault('table_value', `no such fact: ${condition.fact}`);
    const flags = (condition.not ? CONDITION_NOT : 0) | (isIndexed ? CONDITION_INDEXED : 0);
    const text = operandsText(operands(condition));
    let sets = writer.conditionSets.get(text);
    if (sets === undefined) writer.conditionSets.set(text, (sets = new Map()));
    const form = `${kind >= KIND_PORT ? kind : 0} ${isIndexed}`;
    let written = sets.get(form);
    if (written === undefined) sets.set(form, (written = writeOperands(writer, condition, isIndexed)));
    writer.record('conditions', [kind, flags, ...written]);
  }
  return { start, count: conditions.length };
}

/** By list: rules at thousands of ports may share one of thousands. The text is one too, so that it is hashed once. */
const texts = new WeakMap<readonly (string | number)[], string>();

/** No operand that is written holds the separator. */
function operandsText(list: readonly (string | number)[]): string {
  let text = texts.get(list);
  if (text === undefined) texts.set(list, (text = `${list.length}\0${list.join('\0')}`));
  return text;
}

/** The blocks that a condition names, each with `value`. */
export function conditionBlocks(condition: Condition, value: number): (KeyRange & { value: number })[] {
  return 'cidrs' in condition ? condition.cidrs.map((cidr) => ({ ...parseCidr(cidr), value })) : [];
}

export function checkedPort(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TableFault('table_value', `not a port: ${port}`);
  return port;
}

function operands(condition: Condition): readonly (string | number)[] {
  if ('cidrs' in condition) return condition.cidrs;
  if ('ports' in condition) return condition.ports;
  return 'names' in condition ? condition.names : condition.protocols;
}

/** List start and count, then the two words of the index. */
function writeOperands(writer: TableWriter, condition: Condition, isIndexed: boolean): readonly number[] {
  const list =
    'ports' in condition
      ? writer.list(condition.ports.map(checkedPort))
      : writer.stringList(operands(condition) as readonly string[]);
  return [list.start, list.count, ...writeIndex(writer, condition, isIndexed)];
}

function writeIndex(writer: TableWriter, condition: Condition, isIndexed: boolean): readonly [number, number] {
  switch (condition.fact) {
    case 'port': {
      if (isIndexed) return [EMPTY_INDEX, EMPTY_INDEX];
      const ports = condition.ports.map((port) => ({ port, value: 0 }));
      return [writePortIndex(writer.sections, ports), EMPTY_INDEX];
    }
    case 'sni':
      return [writeNameSet(writer.names, serverNameSet(condition.names)), 0];
    case 'alpn':
      return [writeNameSet(writer.names, { ...NO_NAMES, exact: members(condition.protocols) }), 0];
    default: {
      if (isIndexed) return [EMPTY_INDEX, EMPTY_INDEX];
      const { root4, root6 } = writePrefixIndex(writer.sections, conditionBlocks(condition, 0));
      return [root4, root6];
    }
  }
}

const NO_NAMES: NameSet = { exact: new Map(), suffixes: new Map(), anyName: NO_VALUE, noName: NO_VALUE };

function serverNameSet(names: readonly string[]): NameSet {
  const exact = names.filter((name) => !name.startsWith('*') && !name.endsWith('*'));
  const starred = names.filter((name) => name.startsWith('*') && name !== '*');
  return {
    exact: members(exact),
    suffixes: members(starred.filter((name) => name.startsWith('*.')).map((name) => name.slice(2))),
    anyName: names.includes('*') ? 0 : NO_VALUE,
    noName: NO_VALUE,
    prefixes: names.filter((name) => !name.startsWith('*') && name.endsWith('*')).map((name) => name.slice(0, -1)),
    tails: starred.filter((name) => !name.startsWith('*.')).map((name) => name.slice(1)),
  };
}

function members(names: readonly string[]): Map<string, number> {
  return new Map(names.map((name) => [name, 0]));
}
