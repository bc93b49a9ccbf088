// The chains of one port from version to version, found by name, and what each change of them comes to.
import type { NamedChain } from '@sluice/route-table';
import { looksAtTls } from '../listeners.ts';
import { compareText } from '../order.ts';

export interface ChainsChanged {
  readonly removed: readonly NamedChain[];
  readonly added: readonly NamedChain[];
}

export class PortChains {
  readonly #byName = new Map<string, NamedChain>();
  /** The chain of the names that something took without a rule; a port has one at most. */
  #closed: NamedChain | undefined;
  /** How many chains look at the first bytes, and how many have rules. */
  #looking = 0;
  #ruled = 0;

  constructor(chains: Iterable<NamedChain>) {
    for (const chain of chains) this.#add(chain);
  }

  get inspectsTls(): boolean {
    return this.#looking > 0;
  }

  get opensListener(): boolean {
    return this.#ruled > 0;
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  /** Whether a rule of the name ends TLS with what is called so. */
  endsTls(name: string, tls: string): boolean {
    return this.#byName.get(name)?.rules[0]?.route.tls === tls;
  }

  /** In order of their first names, as in a plan. */
  list(): NamedChain[] {
    return [...new Set(this.#byName.values())].sort((a, b) => compareText(a.names[0]!, b.names[0]!));
  }

  replaceAll(chains: readonly NamedChain[]): ChainsChanged {
    return this.#replace(new Set(this.#byName.values()), chains);
  }

  /**
   * Takes over what `chains` say of the names; all names of a chain with rules are among them, or none is. Names without
   * rules share one chain, which may have others too.
   */
  replaceNames(names: Iterable<string>, chains: readonly NamedChain[]): ChainsChanged {
    const chosen = new Set(names);
    const old = new Set<NamedChain>();
    for (const name of chosen) {
      const chain = this.#byName.get(name);
      if (chain !== undefined) old.add(chain);
    }
    const ruled = chains.filter((chain) => chain.rules.length > 0 && chosen.has(chain.names[0]!));
    const closed = new Set<string>();
    for (const { names: all, rules } of chains) {
      if (rules.length > 0) continue;
      for (const name of all) if (chosen.has(name)) closed.add(name);
    }
    const before = this.#closed;
    if (closed.size === 0 && (before === undefined || !old.has(before))) return this.#replace(old, ruled);
    for (const name of before?.names ?? []) if (!chosen.has(name)) closed.add(name);
    if (before !== undefined) old.add(before);
    const now = closed.size === 0 ? [] : [{ names: [...closed].sort(compareText), rules: [] }];
    return this.#replace(old, [...ruled, ...now]);
  }

  /** A chain that stays what it was is left alone. */
  #replace(old: Iterable<NamedChain>, chains: readonly NamedChain[]): ChainsChanged {
    const wanted = new Map(chains.map((chain) => [JSON.stringify(chain), chain]));
    const removed: NamedChain[] = [];
    for (const chain of old) if (!wanted.delete(JSON.stringify(chain))) removed.push(chain);
    const added = [...wanted.values()];
    for (const chain of removed) this.#remove(chain);
    for (const chain of added) this.#add(chain);
    return { removed, added };
  }

  #add(chain: NamedChain): void {
    for (const name of chain.names) this.#byName.set(name, chain);
    if (looksAtTls(chain)) this.#looking++;
    if (chain.rules.length > 0) this.#ruled++;
    else this.#closed = chain;
  }

  #remove(chain: NamedChain): void {
    for (const name of chain.names) this.#byName.delete(name);
    if (looksAtTls(chain)) this.#looking--;
    if (chain.rules.length > 0) this.#ruled--;
    else this.#closed = undefined;
  }
}
