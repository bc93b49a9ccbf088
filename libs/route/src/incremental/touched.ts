// How far a change of resources reaches: the routes that may mean something else, and the hosts with other endpoints.
import { type Resource, type ResourceKey, resolveHost } from '@sluice/resource';
import type { ResourceIndex } from './resource-index.ts';
import { covers, hostsOf, hostsOfWorkload } from './surroundings.ts';
import { behind, word } from './words.ts';

/** One resource before and after; undefined where it was not, or is no longer, there. */
export interface Replaced {
  readonly key: ResourceKey;
  readonly before: Resource | undefined;
  readonly after: Resource | undefined;
}

export interface Touched {
  readonly routes: Set<ResourceKey>;
  /** Hosts whose clusters have other endpoints, and nothing else: no route is touched by them. */
  readonly endpoints: Set<string>;
}

/** Kinds that decide for every route, or on every listener, what holds: after a change of one all is compiled anew. */
const WIDE_KINDS: ReadonlySet<string> = new Set([
  'Gateway',
  'KubernetesGateway',
  'GatewayClass',
  'ReferenceGrant',
  'AuthorizationPolicy',
]);

export function isWide({ before, after }: Replaced): boolean {
  return WIDE_KINDS.has((before ?? after)!.kind);
}

/** Whether a change of the resource may bring a host other ports or policies, and not endpoints alone. */
export function isOfHosts({ before, after }: Replaced): boolean {
  return ['Service', 'ServiceEntry', 'DestinationRule'].includes((before ?? after)!.kind);
}

/** Asked of the index before the change, and once more after it. */
export function addTouched(index: ResourceIndex, { key, before, after }: Replaced, into: Touched): void {
  for (const resource of [before, after]) {
    switch (resource?.kind) {
      case 'VirtualService':
      case 'TCPRoute':
      case 'TLSRoute':
        into.routes.add(key);
        break;
      case 'Service':
      case 'ServiceEntry':
        for (const host of hostsOf(resource)) addRoutesTo(index, host, into);
        break;
      case 'DestinationRule':
        for (const host of hostsOfRule(index, resource)) addRoutesTo(index, host, into);
        break;
      case 'EndpointSlice':
        for (const own of index.wordsOf(key))
          if (own.startsWith('slice ')) into.endpoints.add(own.slice('slice '.length));
        break;
      case 'WorkloadEntry':
        hostsOfWorkload(index, resource, into.endpoints);
        for (const route of index.with(word.sourceLabels)) into.routes.add(route);
    }
  }
}

function addRoutesTo(index: ResourceIndex, host: string, { routes, endpoints }: Touched): void {
  endpoints.add(host);
  for (const route of index.with(word.destination(host))) routes.add(route);
}

/** A wildcard's hosts are sought among all that routes lead to. */
function* hostsOfRule(index: ResourceIndex, rule: Extract<Resource, { kind: 'DestinationRule' }>): Generator<string> {
  const host = resolveHost(rule.spec.host, rule.metadata.namespace);
  yield host;
  if (!host.startsWith('*')) return;
  for (const text of index.words()) {
    const destination = behind('destination', text);
    if (destination !== undefined && covers(host, destination)) yield destination;
  }
}
