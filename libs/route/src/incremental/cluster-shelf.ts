// The clusters that rules lead to, from version to version, with how many do. Notes what changed since it was last asked.
import type { ClusterPlan, NamedChain } from '@sluice/route-table';
import type { BookedCluster } from '../clusters.ts';
import { compareText } from '../order.ts';

export class ClusterShelf {
  readonly #plans = new Map<string, ClusterPlan>();
  readonly #uses = new Map<string, number>();
  /** Instances looked at for each cluster, and for all. */
  readonly #looked = new Map<string, number>();
  #lookedForAll = 0;
  readonly #byHost = new Map<string, Set<string>>();
  /** Plans before the first change of each cluster touched since `changes`; undefined where there was none. */
  #before = new Map<string, ClusterPlan | undefined>();

  /** Clusters that chains which come lead to are put before; those that nothing leads to any more are dropped by `changes`. */
  use(chains: Iterable<NamedChain>, count: 1 | -1): void {
    for (const { rules } of chains) {
      for (const { route } of rules) {
        for (const { cluster } of route.destinations) {
          this.#note(cluster);
          this.#uses.set(cluster, (this.#uses.get(cluster) ?? 0) + count);
        }
      }
    }
  }

  put({ plan, looked }: Pick<BookedCluster, 'plan' | 'looked'>): void {
    this.#note(plan.name);
    this.#plans.set(plan.name, plan);
    this.#setLooked(plan.name, looked);
  }

  /** Instances looked at for all clusters that are used, after `changes`. */
  get looked(): number {
    return this.#lookedForAll;
  }

  get(name: string): ClusterPlan | undefined {
    return this.#plans.get(name);
  }

  ofHost(host: string): Iterable<string> {
    return this.#byHost.get(host) ?? [];
  }

  /** In order of name. */
  list(): ClusterPlan[] {
    return [...this.#plans.values()].sort((a, b) => compareText(a.name, b.name));
  }

  /** What to put and to remove so that those before become those now; drops what is not used. */
  changes(): { readonly put: readonly ClusterPlan[]; readonly removed: readonly string[] } {
    const put: ClusterPlan[] = [];
    const removed: string[] = [];
    for (const [name, before] of this.#before) {
      if ((this.#uses.get(name) ?? 0) === 0) this.#drop(name);
      const plan = this.#plans.get(name);
      if (plan === undefined && before !== undefined) removed.push(name);
      if (plan === undefined) continue;
      this.#shelve(plan);
      if (before === undefined || !isSame(plan, before)) put.push(plan);
      // The one that was there stays, so that versions without a change share it.
      else this.#plans.set(name, before);
    }
    this.#before = new Map();
    return { put, removed };
  }

  #note(name: string): void {
    if (!this.#before.has(name)) this.#before.set(name, this.#plans.get(name));
  }

  #drop(name: string): void {
    const plan = this.#plans.get(name) ?? this.#before.get(name);
    this.#uses.delete(name);
    this.#plans.delete(name);
    this.#setLooked(name, 0);
    if (plan === undefined) return;
    const names = this.#byHost.get(plan.host);
    names?.delete(name);
    if (names?.size === 0) this.#byHost.delete(plan.host);
  }

  #setLooked(name: string, looked: number): void {
    this.#lookedForAll += looked - (this.#looked.get(name) ?? 0);
    if (looked === 0) this.#looked.delete(name);
    else this.#looked.set(name, looked);
  }

  #shelve({ host, name }: ClusterPlan): void {
    const names = this.#byHost.get(host);
    if (names === undefined) this.#byHost.set(host, new Set([name]));
    else names.add(name);
  }
}

/** Both were made by the same code, so that their fields stand in one order. */
function isSame(a: ClusterPlan, b: ClusterPlan): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
