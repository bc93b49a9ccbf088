// The endpoints of a host's port: picked by label, listed in slices, written inline, or a name to be resolved.
import type { EndpointSlice, Service, ServiceEntry } from '@sluice/resource';
import type { EndpointPlan } from '@sluice/route-table';
import { type Backend, leadsToAnyPort } from './backend.ts';
import { isEmpty, type Labels } from './label.ts';
import { selectScopedLabelled } from './label-index.ts';
import { compareText } from './order.ts';
import { readWorkload, type Workload, type Workloads } from './workload.ts';

/**
 * Instances looked at for all clusters together: ports and subsets multiply them, and workloads may be selected by thousands
 * of hosts. Ten times what 200,000 endpoints come to.
 */
export const MAX_INSTANCES = 2_000_000;

/** An endpoint with the labels that subsets select by. */
export interface Instance extends EndpointPlan {
  readonly labels: Labels;
}

/**
 * Sorted by address, port and falling weight; several may have one address. Empty for an unknown port. Of more than
 * `MAX_INSTANCES` not all are found: providers of one host may be thousands that each select thousands.
 */
export function instancesOf(backend: Backend, port: number, workloads: Workloads): readonly Instance[] {
  const found: Instance[] = [];
  for (const provider of backend.providers) {
    if (found.length > MAX_INSTANCES) break;
    if (provider.kind === 'Service') addOfService(provider.service, provider.slices, port, workloads, found);
    else addOfEntry(provider.entry, backend.host, port, workloads, found);
  }
  found.sort((a, b) => compareText(a.address, b.address) || a.port - b.port || b.weight - a.weight);
  return found;
}

type WrittenPort = NonNullable<Service['spec']['ports']>[number];

function addOfService(
  service: Service,
  slices: readonly EndpointSlice[],
  number: number,
  workloads: Workloads,
  found: Instance[],
): void {
  const { spec, metadata } = service;
  const port = (spec.ports ?? []).find((one) => one.port === number && (one.protocol ?? 'TCP') === 'TCP');
  if (spec.type === 'ExternalName') {
    if (spec.externalName && (port !== undefined || leadsToAnyPort(service)))
      found.push({ address: spec.externalName.toLowerCase(), port: number, weight: 1, labels: {} });
    return;
  }
  if (port === undefined) return;
  if (!isEmpty(spec.selector))
    for (const workload of selectScopedLabelled(workloads, metadata.namespace, spec.selector!))
      add(found, workload, servicePort(port, workload));
  const includeNotReady = spec.publishNotReadyAddresses === true;
  for (const slice of slices) addOfSlice(slice, port, includeNotReady, found);
}

/** A WorkloadEntry's own port of the target's name goes first, then a target number, as in Istio's controller. */
function servicePort(port: WrittenPort, workload: Workload): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'string' && !/^\d+$/.test(target)) return own(workload.ports, target);
  return own(workload.ports, port.name ?? '') ?? Number(target);
}

function own(ports: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(ports, name) ? ports[name] : undefined;
}

/** A slice's own labels count as its endpoints' labels: there are no pods to ask. */
function addOfSlice(slice: EndpointSlice, port: WrittenPort, includeNotReady: boolean, found: Instance[]): void {
  const ports = (slice.spec.ports ?? []).filter(
    (one) => (one.name ?? '') === (port.name ?? '') && (one.protocol ?? 'TCP') === 'TCP',
  );
  for (const endpoint of slice.spec.endpoints ?? []) {
    if (endpoint.conditions?.ready === false && !includeNotReady) continue;
    const labels: Labels = {
      ...(endpoint.zone ? { 'topology.kubernetes.io/zone': endpoint.zone } : {}),
      ...(endpoint.nodeName ? { 'kubernetes.io/hostname': endpoint.nodeName } : {}),
      ...slice.metadata.labels,
    };
    for (const address of endpoint.addresses)
      for (const one of ports)
        if (one.port !== undefined) found.push({ address: address.toLowerCase(), port: one.port, weight: 1, labels });
  }
}

function addOfEntry(entry: ServiceEntry, host: string, number: number, workloads: Workloads, found: Instance[]): void {
  const { spec, metadata } = entry;
  const port = (spec.ports ?? []).find((one) => one.number === number);
  const resolution = spec.resolution ?? 'NONE';
  if (port === undefined || resolution === 'NONE' || resolution === 'DYNAMIC_DNS') return;
  const target = port.targetPort || port.number;
  const picked: Workload[] = [];
  for (const endpoint of spec.endpoints ?? []) {
    const workload = readWorkload(endpoint, {});
    if (workload !== undefined) picked.push(workload);
  }
  const selector = spec.workloadSelector;
  const selected =
    selector === undefined ? [] : selectScopedLabelled(workloads, metadata.namespace, selector.labels ?? {});
  for (const workload of [...picked, ...selected]) add(found, workload, own(workload.ports, port.name) ?? target);
  const named = resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN';
  if (named && (spec.endpoints ?? []).length === 0 && spec.workloadSelector === undefined && !host.startsWith('*'))
    found.push({ address: host, port: target, weight: 1, labels: {} });
}

function add(found: Instance[], workload: Workload, port: number | undefined): void {
  const unix = workload.address.startsWith('unix:');
  if (!unix && (port === undefined || port < 1 || port > 65_535)) return;
  found.push({ address: workload.address, port: unix ? 0 : port!, weight: workload.weight, labels: workload.labels });
}
