// Writes the listeners, their chains by server name, and the rules of each chain.

import type { KeyRange } from './cidr.ts';
import { checkedPort, conditionBlocks, writeConditions } from './conditions.ts';
import { TableFault } from './fault.ts';
import { BY_NAME, CONDITION_KINDS, KIND_PORT, NO_OWNER, NO_TLS, NO_VALUE } from './layout.ts';
import { MAX_DESTINATIONS, MAX_LISTENERS, MAX_WEIGHT } from './limits.ts';
import { writeNameSet } from './name-index.ts';
import type { ChainPlan, ListenerPlan, RoutePlan, RulePlan, TablePlan } from './plan.ts';
import { writePortIndex, writePrefixIndex } from './prefix-index.ts';
import { durationWords, inRange } from './values.ts';
import { aliasColumns } from './weighted.ts';
import type { TableWriter } from './writer.ts';

/** How many clusters and policies there are to be named. */
export interface Counts {
  readonly clusters: number;
  readonly policies: number;
}

/** What was written of a listener: its name set, and its chains in order. */
export interface WrittenListener {
  readonly nameSet: number;
  readonly chains: readonly WrittenChain[];
}

/** `value` is what its names lead to: its index, or ~rule where its first rule matches everything. */
export interface WrittenChain {
  readonly index: number;
  readonly value: number;
}

export function writeListeners(writer: TableWriter, plan: TablePlan): WrittenListener[] {
  const counts = { clusters: plan.clusters.length, policies: plan.authorization.length };
  checkListenerCount(plan.listeners.length);
  return plan.listeners.map((listener) => writeListener(writer, counts, listener));
}

export function checkListenerCount(count: number): void {
  if (count > MAX_LISTENERS) throw new TableFault('table_limit', `more than ${MAX_LISTENERS} listeners`);
}

function writeListener(writer: TableWriter, counts: Counts, listener: ListenerPlan): WrittenListener {
  const chains = listener.chains.map((chain) => {
    const { words, value } = chainWords(writer, counts, chain);
    const index = writeChain(writer, words);
    return { index, value: value ?? index };
  });
  const values = chains.map(({ value }) => value);
  const nameSet = writeChainNames(writer, listener, values);
  for (const { index } of chains) ownChain(writer, index, nameSet);
  writer.record('listeners', listenerWords(writer, counts, listener, nameSet));
  return { nameSet, chains };
}

/** The record of a listener; its lists are appended. */
export function listenerWords(
  writer: TableWriter,
  counts: Counts,
  listener: Omit<ListenerPlan, 'chains'>,
  nameSet: number,
): readonly number[] {
  const gateways = writer.stringList(listener.gateways);
  const policies = writer.list(listener.authorization.map((policy) => reference(policy, counts.policies, 'policy')));
  return [
    writer.strings.id(listener.name),
    writer.strings.id(listener.bind),
    checkedPort(listener.port),
    listener.inspectsTls ? 1 : 0,
    gateways.start,
    gateways.count,
    policies.start,
    policies.count,
    nameSet,
  ];
}

/** The listener's name set; the shortcut around it is written as well. */
function writeChainNames(writer: TableWriter, listener: ListenerPlan, values: readonly number[]): number {
  const exact = new Map<string, number>();
  const suffixes = new Map<string, number>();
  let any = NO_VALUE;
  for (const [index, chain] of listener.chains.entries()) {
    for (const name of chain.names) {
      const [map, key] = name.startsWith('*.') ? [suffixes, name.slice(2)] : [exact, name];
      if (name === '*' ? any !== NO_VALUE : map.has(key)) throw nameTwice(listener.name, name);
      checkCase(name);
      if (name === '*') any = values[index];
      else map.set(key, values[index]);
    }
  }
  const isByName = listener.inspectsTls || exact.size + suffixes.size > 0;
  writer.record('listenerShortcuts', [isByName ? BY_NAME : any]);
  return writeNameSet(writer.names, { exact, suffixes, anyName: any, noName: any });
}

export function nameTwice(listener: string, name: string): TableFault {
  return new TableFault('table_name', `server name twice in listener ${listener}: ${name}`);
}

export function checkCase(name: string): void {
  if (name !== name.toLowerCase()) throw new TableFault('table_name', `server name not in lower case: ${name}`);
}

/** Gives the chain's index; it has no owner yet. */
export function writeChain(writer: TableWriter, words: readonly number[]): number {
  writer.record('chainOwners', [NO_OWNER]);
  return writer.record('chains', words);
}

export function ownChain({ sections }: TableWriter, chain: number, nameSet: number): void {
  sections.chainOwners.set(chain, nameSet);
}

/**
 * The record of a chain; its rules and lists are appended. `value`: what its names lead to, undefined
 * where that is the record itself.
 */
export function chainWords(
  writer: TableWriter,
  counts: Counts,
  chain: ChainPlan,
): { readonly words: readonly number[]; readonly value: number | undefined } {
  const names = writer.stringList(chain.names);
  const ruleStart = writer.recordCount('rules');
  const index = new ChainIndex();
  for (const [offset, rule] of chain.rules.entries()) {
    const isIndexed = index.add(rule, ruleStart + offset);
    writeRule(writer, counts, rule, isIndexed);
  }
  return {
    words: [names.start, names.count, ruleStart, chain.rules.length, ...index.write(writer), 0],
    value: index.unconditional === ruleStart ? ~ruleStart : undefined,
  };
}

/** Sorts the rules of one chain into those that an index answers and those that stay in order. */
class ChainIndex {
  unconditional: number = NO_VALUE;
  readonly #ordered: number[] = [];
  readonly #blocks: (KeyRange & { value: number })[][] = [[], [], []];
  readonly #ports: { port: number; value: number }[] = [];

  /** Whether the index stands for the rule's conditions. */
  add(rule: RulePlan, value: number): boolean {
    if (this.unconditional !== NO_VALUE) return false;
    if (rule.conditions.length === 0) this.unconditional = value;
    const [condition] = rule.conditions;
    if (rule.conditions.length === 1 && !condition.not && condition.fact === 'port') {
      for (const port of condition.ports) this.#ports.push({ port: checkedPort(port), value });
      return true;
    }
    if (rule.conditions.length === 1 && !condition.not && 'cidrs' in condition) {
      for (const block of conditionBlocks(condition, value)) {
        this.#blocks[CONDITION_KINDS.indexOf(condition.fact)].push(block);
      }
      return true;
    }
    if (rule.conditions.length > 0) this.#ordered.push(value);
    return false;
  }

  write({ sections }: TableWriter): number[] {
    const orderedStart = sections.orderedRules.length;
    for (const rule of this.#ordered) sections.orderedRules.push(rule);
    const roots = this.#blocks.map((blocks) => writePrefixIndex(sections, blocks));
    const port = writePortIndex(sections, this.#ports);
    const indexed = this.#blocks.reduce(
      (bits, blocks, kind) => bits | (blocks.length > 0 ? 1 << kind : 0),
      this.#ports.length > 0 ? 1 << KIND_PORT : 0,
    );
    return [
      this.unconditional,
      orderedStart,
      this.#ordered.length,
      ...roots.flatMap(({ root4, root6 }) => [root4, root6]),
      port,
      indexed,
    ];
  }
}

function writeRule(writer: TableWriter, counts: Counts, { conditions, route }: RulePlan, isIndexed: boolean): void {
  const span = writeConditions(writer, conditions, isIndexed);
  const destinationStart = writeDestinations(writer, counts, route);
  writer.record('rules', [
    writer.strings.id(route.name),
    span.start,
    span.count,
    destinationStart,
    route.destinations.length,
    ...durationWords(route.idleTimeoutMs),
    ...durationWords(route.maxDurationMs),
    route.tls === undefined ? NO_TLS : writer.strings.id(route.tls),
  ]);
}

function writeDestinations(writer: TableWriter, counts: Counts, { name, destinations }: RoutePlan): number {
  if (destinations.length > MAX_DESTINATIONS) {
    throw new TableFault('table_limit', `more than ${MAX_DESTINATIONS} destinations in ${name}`);
  }
  const weights = destinations.map(({ weight }) => inRange(weight, 0, MAX_WEIGHT, 'weight'));
  if (!weights.some((weight) => weight > 0))
    throw new TableFault('table_value', `no destination with a weight in ${name}`);
  const clusters = destinations.map(({ cluster }) => reference(cluster, counts.clusters, 'cluster'));
  const start = writer.recordCount('destinations');
  for (const [index, { threshold, alias }] of aliasColumns(weights).entries()) {
    writer.record('destinations', [clusters[index], weights[index], threshold, clusters[alias]]);
  }
  return start;
}

function reference(index: number, count: number, what: string): number {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new TableFault('table_reference', `no such ${what}: ${index} of ${count}`);
  }
  return index;
}
