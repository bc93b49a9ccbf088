// The words under which a resource is found by others that it has to do with. Words of a resource depend on nothing but
// itself and the acceptor's setting, and rather say too much than too little: what they find is read in full.
import { type Resource, resolveHost, type Service, serviceHost, type VirtualService } from '@sluice/resource';
import { SERVICE_NAME_LABEL } from '../backend.ts';
import { visibilityStep } from '../catalog.ts';
import { readVirtualService } from '../istio-virtual-service.ts';
import { isEmpty, type Labels } from '../label.ts';
import type { RouteSource } from '../model.ts';
import type { Setting } from '../options.ts';
import { asksForSource } from '../source-addresses.ts';
import { readWorkload } from '../workload.ts';

export const word = {
  /** Services and ServiceEntries that are a host. */
  host: (host: string) => `host ${host}`,
  /** EndpointSlices of a Service's host. */
  slice: (host: string) => `slice ${host}`,
  /** What selects workloads of a namespace, by one pair of its selector; `*` where it selects all. */
  selects: (namespace: string, pair: string) => `selects ${namespace} ${pair}`,
  /** WorkloadEntries of a namespace by each of their labels. */
  label: (namespace: string, pair: string) => `label ${namespace} ${pair}`,
  workloads: (namespace: string) => `workloads ${namespace}`,
  /** DestinationRules for a host as written in full, or for a wildcard. */
  rule: (host: string) => `rule ${host}`,
  /** Routes that lead to a host; bound to a gateway; with tcp or tls rules bound to it. */
  destination: (host: string) => `destination ${host}`,
  bound: (gateway: string) => `bound ${gateway}`,
  boundTcp: (gateway: string) => `bound-tcp ${gateway}`,
  boundTls: (gateway: string) => `bound-tls ${gateway}`,
  /** Routes with a rule for a server name; for a gateway's port, `*` for all of its ports. */
  name: (name: string) => `name ${name}`,
  tcp: (gateway: string, port: number | '*') => `tcp ${gateway} ${port}`,
  /** Routes that look for the labels or the namespace of a source. */
  sourceLabels: 'source labels',
  /** Gateways, GatewayClasses and ReferenceGrants of the Gateway API. */
  gatewayApi: 'gateway api',
} as const;

type Kind = 'destination' | 'bound' | 'name' | 'tcp' | 'rule' | 'slice' | 'reference' | 'mesh' | 'port';

/** What stands behind a word of a kind, undefined for a word of another kind. */
export function behind(kind: Kind, text: string): string | undefined {
  return text.startsWith(kind) && text[kind.length] === ' ' ? text.slice(kind.length + 1) : undefined;
}

/** The words of everything but the routes of the Gateway API, which need their gateways to be read. */
export function* wordsOf(resource: Resource, setting: Setting): Generator<string> {
  const { namespace, name, labels } = resource.metadata;
  switch (resource.kind) {
    case 'Service':
      yield word.host(serviceHost(name, namespace));
      if (!isEmpty(resource.spec.selector)) yield word.selects(namespace, firstPair(resource.spec.selector!));
      return;
    case 'ServiceEntry': {
      const { hosts, workloadSelector } = resource.spec;
      for (const host of hosts) yield word.host(host.toLowerCase());
      if (workloadSelector !== undefined) yield word.selects(namespace, firstPair(workloadSelector.labels ?? {}));
      return;
    }
    case 'EndpointSlice': {
      const service = labels[SERVICE_NAME_LABEL];
      if (service !== undefined) yield word.slice(serviceHost(service, namespace));
      return;
    }
    case 'WorkloadEntry': {
      const workload = readWorkload(resource.spec, labels);
      if (workload === undefined) return;
      yield word.workloads(namespace);
      for (const pair of pairsOf(workload.labels)) yield word.label(namespace, pair);
      return;
    }
    case 'DestinationRule': {
      yield word.rule(resolveHost(resource.spec.host, namespace));
      return;
    }
    case 'VirtualService':
      yield* wordsOfVirtualService(resource, setting);
      return;
    case 'KubernetesGateway':
    case 'GatewayClass':
    case 'ReferenceGrant':
      yield word.gatewayApi;
  }
}

function* wordsOfVirtualService(resource: VirtualService, setting: Setting): Generator<string> {
  const { namespace } = resource.metadata;
  if (visibilityStep(resource.spec.exportTo, namespace, setting.namespace) === undefined) return;
  yield* wordsOfRoute(readVirtualService(resource, []));
}

export function* wordsOfRoute(source: RouteSource): Generator<string> {
  const { gateways, tcp, tls } = source;
  for (const gateway of gateways) {
    yield word.bound(gateway);
    if (tcp.length > 0) yield word.boundTcp(gateway);
    if (tls.length > 0) yield word.boundTls(gateway);
  }
  for (const { destinations, matches } of [...tcp, ...tls]) {
    for (const { host } of destinations) if (host !== '') yield word.destination(host);
    if (matches.some(asksForSource)) yield word.sourceLabels;
  }
  for (const { matches } of tls) for (const { names } of matches) for (const name of names) yield word.name(name);
  for (const { matches } of tcp)
    for (const match of matches)
      for (const gateway of match.gateways ?? gateways) yield word.tcp(gateway, match.port ?? '*');
}

export function pairsOf(labels: Labels): string[] {
  return Object.keys(labels).map((key) => `${key}=${labels[key]}`);
}

/** One pair stands for a selector: whatever it selects has this one too. */
function firstPair(selector: NonNullable<Service['spec']['selector']>): string {
  return pairsOf(selector).sort()[0] ?? '*';
}
