// Writes clusters, and the endpoints of all of them, each address and port once.

import { checkedPort } from './conditions.ts';
import { TableFault } from './fault.ts';
import { BALANCERS } from './layout.ts';
import { MAX_ENDPOINTS, MAX_WEIGHT } from './limits.ts';
import type { ClusterPlan, EndpointPlan } from './plan.ts';
import { durationWords, inRange, wordOf } from './values.ts';
import type { TableWriter } from './writer.ts';

/** Address and port as one number. */
const PORTS = 65_536;

export function writeClusters(writer: TableWriter, clusters: readonly ClusterPlan[]): void {
  for (const cluster of clusters) {
    writer.record('clusterMembers', memberWords(writer, cluster));
    writer.record('clusters', clusterWords(writer, cluster));
  }
}

/** The span of a cluster's members, which are appended, as are endpoints that are not there yet. */
export function memberWords(writer: TableWriter, { endpoints }: ClusterPlan): readonly [number, number] {
  const start = writer.recordCount('members');
  for (const endpoint of endpoints) writeMember(writer, endpoint);
  return [start, endpoints.length];
}

/** The record of a cluster. */
export function clusterWords(writer: TableWriter, cluster: ClusterPlan): readonly number[] {
  const balancer = BALANCERS.indexOf(cluster.balancer);
  if (balancer < 0) throw new TableFault('table_value', `no such balancer: ${cluster.balancer}`);
  return [
    writer.strings.id(cluster.name),
    writer.strings.id(cluster.host),
    writer.strings.id(cluster.subset),
    checkedPort(cluster.port),
    balancer,
    wordOf(cluster.hashTableSize, 'hashTableSize'),
    ...durationWords(cluster.connectTimeoutMs),
    wordOf(cluster.maxConnections, 'maxConnections'),
    inRange(cluster.proxyProtocol, 0, 2, 'proxyProtocol'),
    ...keepaliveWords(cluster.keepalive),
    ...outlierWords(cluster.outlier),
    0,
  ];
}

function keepaliveWords(keepalive: ClusterPlan['keepalive']): number[] {
  if (keepalive === null) return [0, 0, 0, 0];
  const { probes, timeSeconds, intervalSeconds } = keepalive;
  return [1, ...[probes, timeSeconds, intervalSeconds].map((value) => wordOf(value, 'keepalive'))];
}

function outlierWords(outlier: ClusterPlan['outlier']): number[] {
  if (outlier === null) return [0, 0, 0, 0, 0, 0, 0, 0];
  return [
    1,
    wordOf(outlier.consecutiveErrors, 'consecutiveErrors'),
    ...durationWords(outlier.intervalMs),
    ...durationWords(outlier.baseEjectionMs),
    inRange(outlier.maxEjectionPercent, 0, 100, 'maxEjectionPercent'),
    inRange(outlier.minHealthPercent, 0, 100, 'minHealthPercent'),
  ];
}

function writeMember(writer: TableWriter, { address, port, weight }: EndpointPlan): void {
  const text = writer.strings.id(address);
  const key = text * PORTS + checkedPort(port);
  let endpoint = writer.endpoints.get(key);
  if (endpoint === undefined) {
    if (writer.endpoints.size >= MAX_ENDPOINTS)
      throw new TableFault('table_limit', `more than ${MAX_ENDPOINTS} endpoints`);
    endpoint = writer.record('endpoints', [text, port]);
    writer.endpoints.set(key, endpoint);
  }
  writer.record('members', [endpoint, inRange(weight, 1, MAX_WEIGHT, 'endpoint weight')]);
}
