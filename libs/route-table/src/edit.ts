// Edits a table: each change gives a new one that shares with the one before whatever did not change. Readers of earlier
// tables see nothing of it. What it costs is in proportion to the change, but for the sections of records that it touches,
// which are copied as a whole (see words.ts).

import {
  chainWords,
  checkCase,
  checkListenerCount,
  listenerWords,
  nameTwice,
  ownChain,
  writeChain,
  writeListeners,
} from './chains.ts';
import { clusterWords, memberWords, writeClusters } from './clusters.ts';
import { TableFault } from './fault.ts';
import { BY_NAME, CLUSTER, LISTENER, NAME_SET, NO_OWNER, NO_VALUE, WORD_SECTIONS } from './layout.ts';
import { dropName, putName } from './name-edit.ts';
import { writeNameSet } from './name-index.ts';
import type { ClusterPlan, TablePlan } from './plan.ts';
import { type ChainChange, indexClusters, type ListenerHead, type NamedChain, type PlanChange } from './plan-change.ts';
import { writePolicies } from './policies.ts';
import { type RouteTable, tableBytes } from './table.ts';
import { createWriter, type TableWriter } from './writer.ts';

/** Leavings of less than this are not worth writing a table anew. */
const MIN_LEFT_BYTES = 4 * 1024 * 1024;

/** A chain of a listener by its place; `value` is what its names lead to. */
interface Chain {
  readonly index: number;
  readonly value: number;
  readonly names: readonly string[];
}

interface Listener {
  head: ListenerHead;
  words: readonly number[];
  /** Place among the listeners. */
  index: number;
  readonly nameSet: number;
  readonly chains: Map<string, Chain>;
}

export interface Edited {
  readonly table: RouteTable;
  /** Indexes of clusters that are new or no longer what they were. */
  readonly clusters: readonly number[];
}

export class TableEditor {
  readonly #writer: TableWriter = createWriter();
  readonly #policies: number;
  readonly #clusters = new Map<string, number>();
  readonly #freeClusters: number[] = [];
  readonly #listeners = new Map<string, Listener>();
  readonly #firstBytes: number;
  #table: RouteTable;

  /** Throws `TableFault` as `encodeTable` does. */
  constructor(plan: TablePlan) {
    const writer = this.#writer;
    this.#policies = plan.authorization.length;
    const written = writeListeners(writer, plan);
    writePolicies(writer, plan.authorization);
    writeClusters(writer, plan.clusters);
    for (const [index, { name }] of plan.clusters.entries()) this.#clusters.set(name, index);
    for (const [index, listener] of plan.listeners.entries()) {
      const { nameSet, chains } = written[index]!;
      const byName = new Map<string, Chain>();
      for (const [place, { names }] of listener.chains.entries()) {
        const chain: Chain = { ...chains[place]!, names };
        for (const name of names) byName.set(name, chain);
      }
      const { chains: _, ...head } = listener;
      const words = Array.from({ length: LISTENER.stride }, (_word, field) =>
        writer.sections.listeners.at(index * LISTENER.stride + field),
      );
      this.#listeners.set(head.name, { head, words, index, nameSet, chains: byName });
    }
    this.#table = this.#show();
    this.#firstBytes = tableBytes(this.#table);
  }

  get table(): RouteTable {
    return this.#table;
  }

  /** Whether so much is left behind of earlier tables that writing the next one anew is worth its price. */
  isWorn(): boolean {
    const left = tableBytes(this.#table) - this.#firstBytes;
    return left > Math.max(MIN_LEFT_BYTES, this.#firstBytes);
  }

  /** Throws `TableFault` for what no table can hold; the editor is then of no more use. */
  apply({ listeners, chains, putClusters, removeClusters }: PlanChange): Edited {
    const clusters = putClusters.map((plan) => this.#putCluster(plan));
    if (listeners !== undefined) this.#putListeners(listeners);
    for (const change of chains) this.#changeChains(change);
    for (const name of removeClusters) this.#removeCluster(name);
    this.#table = this.#show();
    return { table: this.#table, clusters };
  }

  #show(): RouteTable {
    const { sections, strings } = this.#writer;
    const { bytes, ends } = strings.show();
    const views = WORD_SECTIONS.map((name) => [name, name === 'stringEnds' ? ends : sections[name].show()]);
    return { ...Object.fromEntries(views), strings: bytes } as RouteTable;
  }

  #putCluster(plan: ClusterPlan): number {
    const members = memberWords(this.#writer, plan);
    const words = clusterWords(this.#writer, plan);
    const known = this.#clusters.get(plan.name) ?? this.#freeClusters.pop();
    if (known !== undefined) {
      this.#writer.replace('clusters', known, words);
      this.#writer.replace('clusterMembers', known, members);
    } else this.#writer.record('clusterMembers', members);
    const index = known ?? this.#writer.record('clusters', words);
    this.#clusters.set(plan.name, index);
    return index;
  }

  #removeCluster(name: string): void {
    const index = this.#clusters.get(name);
    if (index === undefined) return;
    this.#clusters.delete(name);
    this.#freeClusters.push(index);
    this.#writer.sections.clusters.set(index * CLUSTER.stride + CLUSTER.gone, 1);
  }

  /** Listeners are few beside chains: all their records are written again, in order. */
  #putListeners(heads: readonly ListenerHead[]): void {
    checkListenerCount(heads.length);
    const { sections } = this.#writer;
    const kept = new Set(heads.map(({ name }) => name));
    for (const [name, listener] of this.#listeners) {
      if (kept.has(name)) continue;
      for (const chain of new Set(listener.chains.values())) this.#freeChain(chain);
      this.#listeners.delete(name);
    }
    sections.listeners.clear();
    sections.listenerShortcuts.clear();
    for (const [index, head] of heads.entries()) {
      const listener = this.#listenerOf(head);
      listener.index = index;
      this.#writer.record('listeners', listener.words);
      sections.listenerShortcuts.push(shortcut(listener));
    }
  }

  #listenerOf(head: ListenerHead): Listener {
    const known = this.#listeners.get(head.name);
    if (known !== undefined && known.head === head) return known;
    const none = { exact: new Map(), suffixes: new Map(), anyName: NO_VALUE, noName: NO_VALUE };
    const nameSet = known?.nameSet ?? writeNameSet(this.#writer.names, none);
    const words = listenerWords(this.#writer, { clusters: 0, policies: this.#policies }, head, nameSet);
    if (known !== undefined) return Object.assign(known, { head, words });
    const listener: Listener = { head, words, index: 0, nameSet, chains: new Map() };
    this.#listeners.set(head.name, listener);
    return listener;
  }

  #changeChains({ listener: name, remove, add }: ChainChange): void {
    const listener = this.#listeners.get(name);
    if (listener === undefined) throw new TableFault('table_reference', `no such listener: ${name}`);
    const left = new Set<string>();
    for (const one of remove) {
      const chain = listener.chains.get(one);
      if (chain === undefined) continue;
      this.#freeChain(chain);
      for (const each of chain.names) {
        listener.chains.delete(each);
        left.add(each);
      }
    }
    for (const chain of add) this.#addChain(listener, chain, left);
    for (const each of left) {
      if (each === '*') this.#anyName(listener, NO_VALUE);
      else dropName(this.#writer.names, listener.nameSet, each);
    }
    this.#writer.sections.listenerShortcuts.set(listener.index, shortcut(listener));
  }

  #addChain(listener: Listener, named: NamedChain, left: Set<string>): void {
    const plan = indexClusters(named, (cluster) => this.#clusters.get(cluster) ?? -1);
    const counts = { clusters: this.#writer.recordCount('clusters'), policies: this.#policies };
    const { words, value } = chainWords(this.#writer, counts, plan);
    // Behind all others, and not in the place of one that was freed: that would copy them all.
    const index = writeChain(this.#writer, words);
    ownChain(this.#writer, index, listener.nameSet);
    const chain: Chain = { index, value: value ?? index, names: named.names };
    for (const name of named.names) {
      if (listener.chains.has(name)) throw nameTwice(listener.head.name, name);
      checkCase(name);
      const others = listener.chains.size + left.size;
      if (name === '*') this.#anyName(listener, chain.value);
      else putName(this.#writer.names, listener.nameSet, name, chain.value, others);
      listener.chains.set(name, chain);
      left.delete(name);
    }
  }

  #anyName({ nameSet }: Listener, value: number): void {
    const at = nameSet * NAME_SET.stride;
    this.#writer.sections.nameSets.set(at + NAME_SET.anyName, value);
    this.#writer.sections.nameSets.set(at + NAME_SET.noName, value);
  }

  #freeChain({ index }: Chain): void {
    ownChain(this.#writer, index, NO_OWNER);
  }
}

/** What the listener's only chain gives, or that the server name decides. */
function shortcut({ head, chains }: Listener): number {
  const any = chains.get('*');
  const isByName = head.inspectsTls || chains.size > (any === undefined ? 0 : 1);
  return isByName ? BY_NAME : (any?.value ?? NO_VALUE);
}
