// What a table holds, by index. Whatever gives a string makes one; numbers are read in place.

import { CLUSTER, CLUSTER_MEMBERS, ENDPOINT, LISTENER, MEMBER, POLICY, RULE } from './layout.ts';
import { readString } from './strings.ts';
import type { RouteTable } from './table.ts';
import { durationAt } from './values.ts';

export function listenerCount(table: RouteTable): number {
  return table.listeners.length / LISTENER.stride;
}

export function routeCount(table: RouteTable): number {
  return table.rules.length / RULE.stride;
}

export function clusterCount(table: RouteTable): number {
  return table.clusters.length / CLUSTER.stride;
}

export function policyCount(table: RouteTable): number {
  return table.policies.length / POLICY.stride;
}

/** Distinct by address and port. */
export function endpointCount(table: RouteTable): number {
  return table.endpoints.length / ENDPOINT.stride;
}

/** The listener's index by its bind address as the plan has it ('' = the acceptor's own default) and port, or -1. */
export function findListener(table: RouteTable, bind: string, port: number): number {
  for (let listener = 0; listener < listenerCount(table); listener++) {
    if (listenerPort(table, listener) === port && listenerBind(table, listener) === bind) return listener;
  }
  return -1;
}

export function listenerName(table: RouteTable, listener: number): string {
  return readString(table, table.listeners[listener * LISTENER.stride + LISTENER.name]);
}

export function listenerBind(table: RouteTable, listener: number): string {
  return readString(table, table.listeners[listener * LISTENER.stride + LISTENER.bind]);
}

export function listenerPort(table: RouteTable, listener: number): number {
  return table.listeners[listener * LISTENER.stride + LISTENER.port];
}

/** Whether the first bytes must be seen before `match` can answer. */
export function inspectsTls(table: RouteTable, listener: number): boolean {
  return table.listeners[listener * LISTENER.stride + LISTENER.inspectsTls] !== 0;
}

export function routeName(table: RouteTable, route: number): string {
  return readString(table, table.rules[route * RULE.stride + RULE.name]);
}

/** 0 = never. */
export function routeIdleTimeoutMs(table: RouteTable, route: number): number {
  return durationAt(table.rules, route * RULE.stride + RULE.idleTimeout);
}

/** 0 = never. */
export function routeMaxDurationMs(table: RouteTable, route: number): number {
  return durationAt(table.rules, route * RULE.stride + RULE.maxDuration);
}

/** What TLS is ended with before the route is followed, as a string of the table; negative where bytes pass as they come. */
export function routeTls(table: RouteTable, route: number): number {
  return table.rules[route * RULE.stride + RULE.tls];
}

/** The name of what `routeTls` gave. */
export function tlsName(table: RouteTable, tls: number): string {
  return readString(table, tls);
}

export function policyName(table: RouteTable, policy: number): string {
  return readString(table, table.policies[policy * POLICY.stride + POLICY.name]);
}

export function clusterName(table: RouteTable, cluster: number): string {
  return readString(table, table.clusters[cluster * CLUSTER.stride + CLUSTER.name]);
}

/** Endpoints of a cluster: `clusterEndpoint(table, cluster, n)` for n below this. */
export function clusterSize(table: RouteTable, cluster: number): number {
  return table.clusterMembers[cluster * CLUSTER_MEMBERS.stride + CLUSTER_MEMBERS.count];
}

/** The table-wide index of a cluster's n-th endpoint. */
export function clusterEndpoint(table: RouteTable, cluster: number, n: number): number {
  const member = table.clusterMembers[cluster * CLUSTER_MEMBERS.stride + CLUSTER_MEMBERS.start] + n;
  return table.members[member * MEMBER.stride + MEMBER.endpoint];
}

/** The weight, in this cluster, of its n-th endpoint. */
export function clusterEndpointWeight(table: RouteTable, cluster: number, n: number): number {
  const member = table.clusterMembers[cluster * CLUSTER_MEMBERS.stride + CLUSTER_MEMBERS.start] + n;
  return table.members[member * MEMBER.stride + MEMBER.weight];
}

export function endpointAddress(table: RouteTable, endpoint: number): string {
  return readString(table, table.endpoints[endpoint * ENDPOINT.stride + ENDPOINT.address]);
}

export function endpointPort(table: RouteTable, endpoint: number): number {
  return table.endpoints[endpoint * ENDPOINT.stride + ENDPOINT.port];
}

/** Names an endpoint over all versions: `10.0.0.1:80`, `[2001:db8::1]:80`, `unix:///run/a.sock`. */
export function endpointKey(table: RouteTable, endpoint: number): string {
  const address = endpointAddress(table, endpoint);
  if (address.startsWith('unix:')) return address;
  return address.includes(':')
    ? `[${address}]:${endpointPort(table, endpoint)}`
    : `${address}:${endpointPort(table, endpoint)}`;
}
