// From touched routes to the ports and names that must be drafted again, and the resources to draft them from.
import type { Resource, ResourceKey } from '@sluice/resource';
import type { EdgePort, EdgePorts } from './edge-ports.ts';
import type { ResourceIndex } from './resource-index.ts';
import type { ReadRoutes } from './route-finder.ts';
import { addHostParts, addSources } from './surroundings.ts';
import { behind, word } from './words.ts';

/** Routes that are drafted again for one change, and resources to draft them from; beyond, all is compiled anew. */
const MAX_ROUTES = 1_024;
const MAX_RESOURCES = 8_192;

/** What routes have to do with, by their words before and after a change. */
export interface RouteWords {
  readonly names: Set<string>;
  /** `GATEWAY PORT`, with `*` for all ports. */
  readonly tcp: Set<string>;
  readonly gateways: Set<string>;
}

export interface Reach {
  /** Server names whose rules are no longer what they were. */
  readonly names: ReadonlySet<string>;
  /** Ports of plain TCP to be taken as a whole, and ports on which only the names are. */
  readonly tcp: ReadonlySet<EdgePort>;
  readonly tls: ReadonlySet<EdgePort>;
  readonly resources: ReadonlySet<ResourceKey>;
}

export function addRouteWords(index: ResourceIndex, routes: Iterable<ResourceKey>, into: RouteWords): void {
  for (const key of routes) {
    for (const text of index.wordsOf(key)) {
      const name = behind('name', text);
      const tcp = behind('tcp', text);
      const gateway = behind('bound', text);
      if (name !== undefined) into.names.add(name);
      if (tcp !== undefined) into.tcp.add(tcp);
      if (gateway !== undefined) into.gateways.add(gateway);
    }
  }
}

/** Null where a change reaches so far that compiling anew is no dearer. */
export function reachOf(
  index: ResourceIndex,
  ports: EdgePorts,
  touched: ReadonlySet<ResourceKey>,
  words: RouteWords,
  read: ReadRoutes,
): Reach | null {
  const names = new Set(words.names);
  const routes = new Set(touched);
  if (routes.size > MAX_ROUTES || !closeOverNames(index, names, routes)) return null;
  const gateways = new Set(words.gateways);
  const tls = new Set<EdgePort>();
  if (names.size > 0) {
    addRouteWords(index, routes, { names: new Set(), tcp: new Set(), gateways });
    for (const gateway of gateways)
      for (const { server, port } of ports.placesOf(gateway)) if (server.kind === 'passthrough') tls.add(port);
  }
  const tcp = new Set<EdgePort>();
  for (const text of words.tcp) for (const port of ports.tcpPorts(text)) tcp.add(port);
  for (const port of tcp) {
    for (const { gateway } of port.merged.servers) {
      for (const key of index.with(word.tcp(gateway.reference, port.merged.port))) routes.add(key);
      for (const key of index.with(word.tcp(gateway.reference, '*'))) routes.add(key);
    }
    if (routes.size > MAX_ROUTES) return null;
  }
  const resources = new Set<ResourceKey>();
  for (const port of [...tls, ...tcp]) for (const { gateway } of port.merged.servers) resources.add(gateway.key);
  addRoutes(index, routes, read, resources);
  return resources.size > MAX_RESOURCES ? null : { names, tcp, tls, resources };
}

/**
 * Adds every route with one of the names, and those that share a name with one added: which rule a name gets depends on
 * no others. False where that would be too many.
 */
export function closeOverNames(index: ResourceIndex, names: Set<string>, routes: Set<ResourceKey>): boolean {
  // Going through a set gives what is added meanwhile.
  for (const name of names) {
    for (const key of index.with(word.name(name))) {
      if (routes.has(key)) continue;
      if (routes.size >= MAX_ROUTES) return false;
      routes.add(key);
      for (const text of index.wordsOf(key)) {
        const other = behind('name', text);
        if (other !== undefined) names.add(other);
      }
    }
  }
  return true;
}

/** Adds routes and what their rules are made from. */
function addRoutes(
  index: ResourceIndex,
  routes: ReadonlySet<ResourceKey>,
  read: ReadRoutes,
  into: Set<ResourceKey>,
): void {
  const hosts = new Set<string>();
  let namespaces: readonly string[] | undefined;
  for (const key of routes) {
    if (index.get(key) !== undefined) into.add(key);
    for (const text of index.wordsOf(key)) {
      const host = behind('destination', text);
      if (host !== undefined) hosts.add(host);
      if (text !== word.sourceLabels) continue;
      namespaces ??= workloadNamespaces(index);
      for (const source of read([key])) addSources(index, source, namespaces, into);
    }
  }
  for (const host of hosts) addHostParts(index, host, into);
  if ([...into].some((key) => isOfGatewayApi(index.get(key))))
    for (const key of index.with(word.gatewayApi)) into.add(key);
}

export function workloadNamespaces(index: ResourceIndex): readonly string[] {
  const prefix = word.workloads('');
  return [...index.words()].filter((text) => text.startsWith(prefix)).map((text) => text.slice(prefix.length));
}

export function isOfGatewayApi(resource: Resource | undefined): boolean {
  return ['KubernetesGateway', 'TCPRoute', 'TLSRoute'].includes(resource?.kind ?? '');
}
