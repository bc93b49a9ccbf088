// The chains of a listener while it is built: server names with their rules, first come first served.
import type { NamedChain, NamedRule } from '@sluice/route-table';
import { compareText } from './order.ts';

interface NameRules {
  readonly rules: NamedRule[];
  /** What takes every connection of the name; later rules are not reached. */
  closedBy: string | undefined;
}

/** Server names of one listener. */
export type NameBook = Map<string, NameRules>;

/** Names of the list that are already taken whole, with what took them. */
export function takenNames(book: NameBook, names: readonly string[]): readonly { name: string; by: string }[] {
  const taken: { name: string; by: string }[] = [];
  for (const name of names) {
    const by = book.get(name)?.closedBy;
    if (by !== undefined) taken.push({ name, by });
  }
  return taken;
}

/** Appends a rule to each of the names. */
export function addRule(book: NameBook, names: readonly string[], rule: NamedRule): void {
  for (const name of names) {
    const entry = nameRules(book, name);
    entry.rules.push(rule);
    if (rule.conditions.length === 0) entry.closedBy ??= rule.route.name;
  }
}

/** Takes the names that are still free, so that nothing else answers to them. */
export function closeNames(book: NameBook, names: Iterable<string>, by: string): void {
  for (const name of names) {
    const entry = nameRules(book, name);
    entry.closedBy ??= by;
  }
}

function nameRules(book: NameBook, name: string): NameRules {
  let entry = book.get(name);
  if (entry === undefined) book.set(name, (entry = { rules: [], closedBy: undefined }));
  return entry;
}

/** Names with the same rules share a chain; chains and names are sorted. */
export function chainsOf(book: NameBook): readonly NamedChain[] {
  const numbers = new Map<NamedRule, number>();
  const chains = new Map<string, { names: string[]; rules: readonly NamedRule[] }>();
  for (const [name, { rules }] of book) {
    for (const rule of rules) if (!numbers.has(rule)) numbers.set(rule, numbers.size);
    const key = rules.map((rule) => numbers.get(rule)).join(' ');
    const chain = chains.get(key);
    if (chain === undefined) chains.set(key, { names: [name], rules });
    else chain.names.push(name);
  }
  for (const chain of chains.values()) chain.names.sort(compareText);
  return [...chains.values()].sort((a, b) => compareText(a.names[0]!, b.names[0]!));
}
