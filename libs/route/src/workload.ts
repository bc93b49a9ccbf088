// Workloads: WorkloadEntries and the inline endpoints of a ServiceEntry, with the labels that subsets select by.
import type { WorkloadEntry, WorkloadEntrySpec } from '@sluice/resource';
import { MAX_WEIGHT } from '@sluice/route-table';
import { isAddress } from './address.ts';
import type { Labels } from './label.ts';
import { addScopedLabelled, type LabelIndex } from './label-index.ts';

export interface Workload {
  /** IP address, DNS name, or `unix:///path`. */
  readonly address: string;
  readonly isIp: boolean;
  readonly ports: Readonly<Record<string, number>>;
  readonly labels: Labels;
  /** At least 1. */
  readonly weight: number;
}

/** Namespace to workloads, found by label. */
export type Workloads = ReadonlyMap<string, LabelIndex<Workload>>;

export function indexWorkloads(entries: Iterable<WorkloadEntry>): Workloads {
  const byNamespace = new Map<string, LabelIndex<Workload>>();
  for (const { metadata, spec } of entries) {
    const workload = readWorkload(spec, metadata.labels);
    if (workload !== undefined) addScopedLabelled(byNamespace, metadata.namespace, workload);
  }
  return byNamespace;
}

/**
 * Labels of the metadata go before those of the spec, as in Istio; the locality adds the labels Kubernetes has for it.
 * Undefined without an address: such a workload is in another network.
 */
export function readWorkload(spec: WorkloadEntrySpec, labels: Labels): Workload | undefined {
  if (spec.address === undefined || spec.address === '') return undefined;
  const address = spec.address.toLowerCase().startsWith('unix:') ? spec.address : spec.address.toLowerCase();
  return {
    address,
    isIp: isAddress(address),
    ports: spec.ports ?? {},
    labels: { ...localityLabels(spec.locality), ...spec.labels, ...labels },
    weight: Math.min(Math.max(1, spec.weight ?? 1), MAX_WEIGHT),
  };
}

/** `region/zone/subzone`. */
function localityLabels(locality: string | undefined): Labels {
  const [region, zone, subzone] = (locality ?? '').split('/');
  return {
    ...(region ? { 'topology.kubernetes.io/region': region } : {}),
    ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}),
    ...(subzone ? { 'topology.istio.io/subzone': subzone } : {}),
  };
}
