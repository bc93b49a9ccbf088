// Everything with labels that a selector may mean: acceptors, WorkloadEntries, Pods and the pods of Deployments.
import type { IgnoredResource } from '@sluice/resource';
import type { ByKind } from '../catalog.ts';
import type { Labels } from '../label.ts';
import {
  addLabelled,
  addScopedLabelled,
  type LabelIndex,
  type Labelled,
  newLabelIndex,
  onceBySelector,
  selectLabelled,
} from '../label-index.ts';
import type { Setting } from '../options.ts';
import { readWorkload } from '../workload.ts';

export interface LabelledWorkload extends Labelled {
  readonly namespace: string;
  /** Whether a Gateway may run on it: an acceptor, a Pod, or what runs pods. */
  readonly gateway: boolean;
}

export interface WorkloadLabels {
  readonly all: LabelIndex<LabelledWorkload>;
  readonly byNamespace: ReadonlyMap<string, LabelIndex<LabelledWorkload>>;
  /** Different label sets on which a Gateway may run, acceptors first. */
  readonly gateways: readonly LabelledWorkload[];
  readonly gatewayIndex: LabelIndex<LabelledWorkload>;
  /** The first of `gateways` that a Gateway's selector fits. */
  readonly firstGateway: (selector: Labels | undefined) => LabelledWorkload | undefined;
}

/** Kinds that run pods from a template. */
const TEMPLATED = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController', 'Job']);
const NODE_LABELS = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone'];

export function readWorkloadLabels(
  byKind: ByKind,
  ignored: readonly IgnoredResource[],
  acceptors: readonly Labels[],
  setting: Setting,
): WorkloadLabels {
  const all = newLabelIndex<LabelledWorkload>();
  const byNamespace = new Map<string, LabelIndex<LabelledWorkload>>();
  const gateways = new Map<string, LabelledWorkload>();
  const add = (namespace: string, labels: Labels, gateway: boolean) => {
    const workload = { namespace, labels, gateway };
    addLabelled(all, workload);
    addScopedLabelled(byNamespace, namespace, workload);
    const key = JSON.stringify(Object.entries(labels).sort());
    if (gateway && !gateways.has(key)) gateways.set(key, workload);
  };
  for (const labels of acceptors) add(setting.namespace, labels, true);
  for (const { metadata, spec } of byKind.WorkloadEntry) {
    const workload = readWorkload(spec, metadata.labels);
    if (workload !== undefined) add(metadata.namespace, workload.labels, false);
  }
  const nodes = new Map(
    ignored.filter(({ kind }) => kind === 'Node').map(({ metadata }) => [metadata.name, metadata.labels]),
  );
  for (const { kind, metadata, manifest } of ignored) {
    if (kind === 'Pod') add(metadata.namespace, podLabels(metadata.labels, manifest, nodes), true);
    else if (TEMPLATED.has(kind)) add(metadata.namespace, templateLabels(manifest), true);
  }
  const gatewayIndex = newLabelIndex<LabelledWorkload>();
  for (const workload of gateways.values()) addLabelled(gatewayIndex, workload);
  const firstGateway = onceBySelector((selector) => selectLabelled(gatewayIndex, selector)[0]);
  return { all, byNamespace, gateways: [...gateways.values()], gatewayIndex, firstGateway };
}

/** A pod has the place of its node, as Istio's registry gives it. */
function podLabels(
  labels: Labels,
  manifest: Readonly<Record<string, unknown>>,
  nodes: ReadonlyMap<string, Labels>,
): Labels {
  const node = field(field(manifest, 'spec'), 'nodeName');
  if (typeof node !== 'string') return labels;
  const place: Record<string, string> = { 'kubernetes.io/hostname': node };
  for (const key of NODE_LABELS) {
    const value = nodes.get(node)?.[key];
    if (value) place[key] = value;
  }
  return { ...labels, ...place };
}

function templateLabels(manifest: Readonly<Record<string, unknown>>): Labels {
  const labels = field(field(field(field(manifest, 'spec'), 'template'), 'metadata'), 'labels');
  if (typeof labels !== 'object' || labels === null) return {};
  return Object.fromEntries(
    Object.entries(labels).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
