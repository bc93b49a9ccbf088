// A table back as the plan it was written from: for config_dump, for showing differences, and for tests.

import {
  clusterCount,
  clusterEndpoint,
  clusterEndpointWeight,
  clusterSize,
  endpointAddress,
  endpointPort,
  listenerCount,
  policyCount,
} from './inspect.ts';
import {
  ACTIONS,
  BALANCERS,
  CHAIN,
  CLUSTER,
  CONDITION,
  CONDITION_KINDS,
  CONDITION_NOT,
  DESTINATION,
  LISTENER,
  NO_TLS,
  POLICY,
  POLICY_RULE,
  RULE,
} from './layout.ts';
import type {
  AuthorizationPlan,
  ChainPlan,
  ClusterPlan,
  Condition,
  ListenerPlan,
  OutlierPlan,
  RoutePlan,
  TablePlan,
} from './plan.ts';
import { readString } from './strings.ts';
import type { RouteTable } from './table.ts';
import { durationAt } from './values.ts';

/** The plan of a whole table. Encoding it gives the same bytes, if the table was written whole and not edited. */
export function decodeTable(table: RouteTable): TablePlan {
  const isGone = (cluster: number) => table.clusters[cluster * CLUSTER.stride + CLUSTER.gone] !== 0;
  const clusters = counted(clusterCount(table), (cluster) => cluster).filter((cluster) => !isGone(cluster));
  const places = new Map(clusters.map((cluster, place) => [cluster, place]));
  const route = (rule: number): RoutePlan => {
    const plan = decodeRoute(table, rule);
    const named = plan.destinations.map(({ cluster, weight }) => ({ cluster: places.get(cluster)!, weight }));
    return { ...plan, destinations: named };
  };
  const owned = chainsByOwner(table);
  return {
    listeners: counted(listenerCount(table), (listener) => decodeListener(table, listener, owned, route)),
    clusters: clusters.map((cluster) => decodeCluster(table, cluster)),
    authorization: counted(policyCount(table), (policy) => decodePolicy(table, policy)),
  };
}

/** Chains by the name set of their listener. */
function chainsByOwner({ chainOwners }: RouteTable): ReadonlyMap<number, readonly number[]> {
  const owned = new Map<number, number[]>();
  for (let chain = 0; chain < chainOwners.length; chain++) {
    const owner = chainOwners[chain];
    if (owned.has(owner)) owned.get(owner)!.push(chain);
    else owned.set(owner, [chain]);
  }
  return owned;
}

/** One listener with its chains, rules and routes. */
function decodeListener(
  table: RouteTable,
  listener: number,
  owned: ReadonlyMap<number, readonly number[]>,
  route: (rule: number) => RoutePlan,
): ListenerPlan {
  const { listeners, lists } = table;
  const at = listener * LISTENER.stride;
  const [gateways, policies] = [LISTENER.gatewaysStart, LISTENER.policiesStart].map((field) => ({
    start: listeners[at + field],
    count: listeners[at + field + 1],
  }));
  const chains = owned.get(listeners[at + LISTENER.nameSet]) ?? [];
  return {
    name: readString(table, listeners[at + LISTENER.name]),
    bind: readString(table, listeners[at + LISTENER.bind]),
    port: listeners[at + LISTENER.port],
    gateways: counted(gateways.count, (i) => readString(table, lists[gateways.start + i])),
    inspectsTls: listeners[at + LISTENER.inspectsTls] !== 0,
    chains: chains.map((chain) => decodeChain(table, chain, route)),
    authorization: counted(policies.count, (i) => lists[policies.start + i]),
  };
}

function decodeChain(table: RouteTable, chain: number, route: (rule: number) => RoutePlan): ChainPlan {
  const { chains, lists } = table;
  const at = chain * CHAIN.stride;
  return {
    names: counted(chains[at + CHAIN.namesCount], (i) => readString(table, lists[chains[at + CHAIN.namesStart] + i])),
    rules: counted(chains[at + CHAIN.ruleCount], (i) => {
      const rule = chains[at + CHAIN.ruleStart] + i;
      const first = table.rules[rule * RULE.stride + RULE.conditionStart];
      const count = table.rules[rule * RULE.stride + RULE.conditionCount];
      return { conditions: decodeConditions(table, first, count), route: route(rule) };
    }),
  };
}

/** One route by its index, as `match` gives it. */
export function decodeRoute(table: RouteTable, route: number): RoutePlan {
  const { rules, destinations } = table;
  const at = route * RULE.stride;
  const tls = rules[at + RULE.tls];
  return {
    name: readString(table, rules[at + RULE.name]),
    destinations: counted(rules[at + RULE.destinationCount], (i) => {
      const destination = (rules[at + RULE.destinationStart] + i) * DESTINATION.stride;
      return {
        cluster: destinations[destination + DESTINATION.cluster],
        weight: destinations[destination + DESTINATION.weight],
      };
    }),
    idleTimeoutMs: durationAt(rules, at + RULE.idleTimeout),
    maxDurationMs: durationAt(rules, at + RULE.maxDuration),
    ...(tls === NO_TLS ? {} : { tls: readString(table, tls) }),
  };
}

function decodeConditions(table: RouteTable, first: number, count: number): Condition[] {
  return counted(count, (i) => decodeCondition(table, (first + i) * CONDITION.stride));
}

function decodeCondition(table: RouteTable, at: number): Condition {
  const { conditions, lists } = table;
  const start = conditions[at + CONDITION.listStart];
  const words = counted(conditions[at + CONDITION.listCount], (i) => lists[start + i]);
  const fact = CONDITION_KINDS[conditions[at + CONDITION.kind]];
  const not = (conditions[at + CONDITION.flags] & CONDITION_NOT) !== 0 ? { not: true } : {};
  if (fact === 'port') return { fact, ...not, ports: words };
  const texts = words.map((id) => readString(table, id));
  if (fact === 'sni') return { fact, ...not, names: texts };
  return fact === 'alpn' ? { fact, ...not, protocols: texts } : { fact, ...not, cidrs: texts };
}

/** One cluster with its endpoints. */
export function decodeCluster(table: RouteTable, cluster: number): ClusterPlan {
  const { clusters } = table;
  const at = cluster * CLUSTER.stride;
  return {
    name: readString(table, clusters[at + CLUSTER.name]),
    host: readString(table, clusters[at + CLUSTER.host]),
    subset: readString(table, clusters[at + CLUSTER.subset]),
    port: clusters[at + CLUSTER.port],
    balancer: BALANCERS[clusters[at + CLUSTER.balancer]],
    hashTableSize: clusters[at + CLUSTER.hashTableSize],
    connectTimeoutMs: durationAt(clusters, at + CLUSTER.connectTimeout),
    maxConnections: clusters[at + CLUSTER.maxConnections],
    keepalive: decodeKeepalive(clusters, at),
    proxyProtocol: clusters[at + CLUSTER.proxyProtocol] as 0 | 1 | 2,
    outlier: decodeOutlier(clusters, at),
    endpoints: counted(clusterSize(table, cluster), (i) => ({
      address: endpointAddress(table, clusterEndpoint(table, cluster, i)),
      port: endpointPort(table, clusterEndpoint(table, cluster, i)),
      weight: clusterEndpointWeight(table, cluster, i),
    })),
  };
}

function decodeKeepalive(clusters: Int32Array, at: number): ClusterPlan['keepalive'] {
  if (clusters[at + CLUSTER.hasKeepalive] === 0) return null;
  return {
    probes: clusters[at + CLUSTER.keepaliveProbes],
    timeSeconds: clusters[at + CLUSTER.keepaliveTime],
    intervalSeconds: clusters[at + CLUSTER.keepaliveInterval],
  };
}

function decodeOutlier(clusters: Int32Array, at: number): OutlierPlan | null {
  if (clusters[at + CLUSTER.hasOutlier] === 0) return null;
  return {
    consecutiveErrors: clusters[at + CLUSTER.outlierErrors],
    intervalMs: durationAt(clusters, at + CLUSTER.outlierInterval),
    baseEjectionMs: durationAt(clusters, at + CLUSTER.outlierBaseEjection),
    maxEjectionPercent: clusters[at + CLUSTER.outlierMaxPercent],
    minHealthPercent: clusters[at + CLUSTER.outlierMinHealth],
  };
}

/** One policy by its index, as `authorize` gives it. */
export function decodePolicy(table: RouteTable, policy: number): AuthorizationPlan {
  const { policies, policyRules } = table;
  const at = policy * POLICY.stride;
  return {
    name: readString(table, policies[at + POLICY.name]),
    action: ACTIONS[policies[at + POLICY.action]],
    dryRun: policies[at + POLICY.dryRun] !== 0,
    rules: counted(policies[at + POLICY.ruleCount], (i) => {
      const rule = (policies[at + POLICY.ruleStart] + i) * POLICY_RULE.stride;
      const first = policyRules[rule + POLICY_RULE.conditionStart];
      return decodeConditions(table, first, policyRules[rule + POLICY_RULE.conditionCount]);
    }),
  };
}

function counted<T>(count: number, item: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => item(index));
}
