// Resources to the plan of what one acceptor serves. Pure, and the same whatever order the resources come in.
import type { Complaint, Resource } from '@sluice/resource';
import type { ChainPlan, ListenerHead, NamedChain, TablePlan } from '@sluice/route-table';
import { closeClusterBook } from './clusters.ts';
import { withinBounds } from './complaint-book.ts';
import { closeDraft, draft } from './draft.ts';
import { complainOfIdle, type IdleServer, idleServers } from './idle.ts';
import { type BuiltPort, listenerHead, looksAtTls, opensListener } from './listeners.ts';
import type { Server } from './model.ts';
import { type CompileOptions, settingOf } from './options.ts';
import { compareText } from './order.ts';
import type { TlsPlan } from './tls-plan.ts';
import { planTlsOf } from './tls-servers.ts';

export interface Compiled {
  readonly plan: TablePlan;
  /** What is not followed, or not as Istio would, in order of resource, path and code. */
  readonly complaints: readonly Complaint[];
  /** Servers of this acceptor's gateways that take no connections, in order of port. */
  readonly idle: readonly IdleServer[];
  /** What the routes of the plan end TLS with, by RoutePlan.tls. It holds private keys, which the plan does not. */
  readonly tls: readonly TlsPlan[];
}

/**
 * Compiles the resources of one version for the acceptors with the given labels. Never refuses: what cannot be followed is
 * left out and complained about, and destinations that lead nowhere become clusters without endpoints. Of a set with too much to
 * match (SLU3037) nothing is compiled.
 */
export function compile(resources: Iterable<Resource>, options: CompileOptions): Compiled {
  const setting = settingOf(options);
  const drafted = draft(resources, setting);
  const policies = closeDraft(drafted, setting);
  const { scope, merge, ports, complaints } = drafted;
  const idle = idleServers([...merge.displaced, ...ports.flatMap(({ unserved }) => unserved)]);
  const open = ports.filter(({ chains }) => opensListener(chains));
  const listeners = open.map(({ merged, chains, unserved }) => {
    const isIdle = new Set(unserved.map(({ server }) => server));
    return { head: listenerHead(merged, chains.some(looksAtTls), (one) => isIdle.has(one), policies), chains };
  });
  const clusters = closeClusterBook(scope.clusters, clusterNames(listeners.flatMap(({ chains }) => chains)));
  return {
    plan: { ...planListeners(listeners, clusters), authorization: policies.plans },
    complaints: sortComplaints([...complaints.list(), ...withinBounds(complainOfIdle(idle))]),
    idle,
    tls: planTlsOf(open.flatMap(servedBy), drafted.findSecret),
  };
}

function servedBy({ merged, unserved }: BuiltPort): readonly Server[] {
  const idle = new Set(unserved.map(({ server }) => server));
  return merged.servers.filter((server) => !idle.has(server));
}

export interface NamedListener {
  readonly head: ListenerHead;
  readonly chains: readonly NamedChain[];
}

/** Clusters, given in order, get their places only now that all are known. */
export function planListeners(
  listeners: readonly NamedListener[],
  clusters: TablePlan['clusters'],
): Pick<TablePlan, 'listeners' | 'clusters'> {
  const indexes = new Map(clusters.map((cluster, index) => [cluster.name, index]));
  const chainPlan = ({ names, rules }: NamedChain): ChainPlan => ({
    names,
    rules: rules.map(({ conditions, route }) => ({
      conditions,
      route: {
        ...route,
        destinations: route.destinations.map(({ cluster, weight }) => ({ cluster: indexes.get(cluster)!, weight })),
      },
    })),
  });
  return { listeners: listeners.map(({ head, chains }) => ({ ...head, chains: chains.map(chainPlan) })), clusters };
}

function clusterNames(chains: readonly NamedChain[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { rules } of chains)
    for (const { route } of rules) for (const { cluster } of route.destinations) names.add(cluster);
  return names;
}

/** Order of resource, path, code, message; the same complaint once. */
export function sortComplaints(complaints: readonly Complaint[]): readonly Complaint[] {
  const sorted = [...complaints].sort(
    (a, b) =>
      compareText(a.resource, b.resource) ||
      compareText(a.path, b.path) ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
  return sorted.filter((one, i) => {
    const last = sorted[i - 1];
    return (
      last === undefined ||
      one.resource !== last.resource ||
      one.path !== last.path ||
      one.code !== last.code ||
      one.message !== last.message
    );
  });
}
