// What must be looked at together with something, so that it means the same as among all resources.
import type { Resource, ResourceKey, WorkloadEntry } from '@sluice/resource';
import { serviceHost } from '@sluice/resource';
import { isEmpty, type Labels, selects } from '../label.ts';
import type { RouteSource } from '../model.ts';
import { asksForSource } from '../source-addresses.ts';
import { readWorkload } from '../workload.ts';
import type { ResourceIndex } from './resource-index.ts';
import { pairsOf, word } from './words.ts';

/** Adds everything that the clusters of a host, and the policy of routes to it, are made from. */
export function addHostParts(index: ResourceIndex, host: string, into: Set<ResourceKey>): void {
  for (const key of index.with(word.host(host))) {
    into.add(key);
    addSelected(index, index.get(key)!, into);
  }
  for (const key of index.with(word.slice(host))) into.add(key);
  for (const key of index.with(word.rule(host))) into.add(key);
  for (const wildcard of wildcardsOver(host)) for (const key of index.with(word.rule(wildcard))) into.add(key);
}

/** Every wildcard that covers a host, itself among them if it is one: fewer than there may be wildcards to try. */
export function* wildcardsOver(host: string): Generator<string> {
  for (let at = 0; at <= host.length; at++) yield `*${host.slice(at)}`;
}

/** Whether a wildcard, as a DestinationRule has it, may be followed for a host. */
export function covers(wildcard: string, host: string): boolean {
  return host.endsWith(wildcard.slice(1).toLowerCase());
}

function addSelected(index: ResourceIndex, resource: Resource, into: Set<ResourceKey>): void {
  const { namespace } = resource.metadata;
  const selector = selectorOf(resource);
  if (selector !== undefined) addWorkloads(index, namespace, selector, into);
}

/** Undefined where a resource selects no workloads. */
function selectorOf(resource: Resource): Labels | undefined {
  if (resource.kind === 'Service') return isEmpty(resource.spec.selector) ? undefined : resource.spec.selector;
  if (resource.kind !== 'ServiceEntry' || resource.spec.workloadSelector === undefined) return undefined;
  return resource.spec.workloadSelector.labels ?? {};
}

/** Adds the workloads of a namespace that a selector may select: those with the pair that the fewest have. */
export function addWorkloads(index: ResourceIndex, namespace: string, selector: Labels, into: Set<ResourceKey>): void {
  let rarest = word.workloads(namespace);
  for (const pair of pairsOf(selector)) {
    const text = word.label(namespace, pair);
    if (index.count(text) < index.count(rarest)) rarest = text;
  }
  for (const key of index.with(rarest)) into.add(key);
}

/** Hosts whose endpoints a workload is, or would be, one of. */
export function hostsOfWorkload(index: ResourceIndex, { metadata, spec }: WorkloadEntry, into: Set<string>): void {
  const labels = readWorkload(spec, metadata.labels)?.labels;
  if (labels === undefined) return;
  for (const pair of ['*', ...pairsOf(labels)]) {
    for (const key of index.with(word.selects(metadata.namespace, pair))) {
      const resource = index.get(key)!;
      if (selects(selectorOf(resource), labels)) for (const host of hostsOf(resource)) into.add(host);
    }
  }
}

/** Hosts that a resource is a part of by itself. */
export function hostsOf(resource: Resource): readonly string[] {
  if (resource.kind === 'Service') return [serviceHost(resource.metadata.name, resource.metadata.namespace)];
  return resource.kind === 'ServiceEntry' ? resource.spec.hosts.map((host) => host.toLowerCase()) : [];
}

/** Adds the workloads that a route's matches look for as sources. */
export function addSources(
  index: ResourceIndex,
  { tcp, tls }: Pick<RouteSource, 'tcp' | 'tls'>,
  namespaces: Iterable<string>,
  into: Set<ResourceKey>,
): void {
  for (const { matches } of [...tcp, ...tls]) {
    for (const { sourceLabels, sourceNamespace } of matches.filter(asksForSource)) {
      for (const namespace of sourceNamespace === undefined ? namespaces : [sourceNamespace])
        addWorkloads(index, namespace, sourceLabels ?? {}, into);
    }
  }
}
