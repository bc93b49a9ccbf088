// What differs between two plans, by name: what a table is edited by. Positions in a plan do not matter to it, names do.

import type { ChainPlan, ClusterPlan, Condition, ListenerPlan, RoutePlan, TablePlan } from './plan.ts';

/** A route that names its clusters. */
export interface NamedRoute extends Omit<RoutePlan, 'destinations'> {
  readonly destinations: readonly { readonly cluster: string; readonly weight: number }[];
}

export interface NamedRule {
  readonly conditions: readonly Condition[];
  readonly route: NamedRoute;
}

/** A ChainPlan whose routes name their clusters. */
export interface NamedChain {
  readonly names: readonly string[];
  readonly rules: readonly NamedRule[];
}

/** A listener without its chains. */
export type ListenerHead = Omit<ListenerPlan, 'chains'>;

export interface ChainChange {
  /** Name of the listener. */
  readonly listener: string;
  /** Server names: every chain that holds one of them goes, as a whole. */
  readonly remove: Iterable<string>;
  readonly add: readonly NamedChain[];
}

/**
 * From one plan to another with the same authorization. Chains of a listener that goes, and clusters that no rule names any
 * more, must be given as removed: clusters by `removeClusters`, chains by leaving the listener out.
 */
export interface PlanChange {
  /** Every listener there is afterwards, in order; an unchanged one as the same object as before. Undefined: all as before. */
  readonly listeners: readonly ListenerHead[] | undefined;
  readonly chains: readonly ChainChange[];
  /** New ones, and those that are to replace one of the same name. */
  readonly putClusters: readonly ClusterPlan[];
  readonly removeClusters: readonly string[];
}

export function nameClusters({ names, rules }: ChainPlan, { clusters }: Pick<TablePlan, 'clusters'>): NamedChain {
  return {
    names,
    rules: rules.map(({ conditions, route }) => ({
      conditions,
      route: {
        ...route,
        destinations: route.destinations.map(({ cluster, weight }) => ({ cluster: clusters[cluster]!.name, weight })),
      },
    })),
  };
}

export function indexClusters({ names, rules }: NamedChain, indexOf: (cluster: string) => number): ChainPlan {
  return {
    names,
    rules: rules.map(({ conditions, route }) => ({
      conditions,
      route: {
        ...route,
        destinations: route.destinations.map(({ cluster, weight }) => ({ cluster: indexOf(cluster), weight })),
      },
    })),
  };
}
