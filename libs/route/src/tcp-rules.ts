// The rules of a plain TCP server, or of one that ends TLS: the first entry that takes every connection is the last that counts
// (Istio: `buildGatewayNetworkFiltersFromTCPRoutes`).
import type { NamedRoute } from '@sluice/route-table';
import { type Candidates, candidatesFor } from './candidate.ts';
import { addRule, type NameBook } from './chain.ts';
import type { CompileScope } from './compile-scope.ts';
import { matchConditions } from './conditions.ts';
import { addScopedHost, firstScopedHost, type ScopedHosts } from './host-index.ts';
import type { RouteEntry, RouteSource, Server } from './model.ts';
import { once } from './once.ts';
import { planRoute } from './route-plan.ts';

/** The name of a chain that takes any connection. */
export const ANY_NAME = '*';

/** Where a server's rules go: the names of the listener, and what TLS is ended with before them. */
export interface TcpRulesAt {
  readonly book: NameBook;
  readonly names: readonly string[];
  readonly tls?: string;
}

/** Adds the server's rules to the listener's names, and remembers the entry that ends them, if one does. False: it has none. */
export function addTcpRules(
  scope: CompileScope,
  { book, names, tls }: TcpRulesAt,
  server: Server,
  candidates: Candidates,
): boolean {
  let hasRules = false;
  const hosts = serverHostIndex([server]);
  const routes = new Map<RouteEntry, NamedRoute | undefined>();
  const serverOf = once((source: RouteSource) => firstServer(hosts, source));
  for (const { source, entry, match } of candidatesFor(candidates, server)) {
    if (serverOf(source) < 0) continue;
    scope.used.add(entry);
    const conditions = matchConditions(match, scope.clusters.sources.workloads);
    if (conditions === undefined) continue;
    if (!routes.has(entry)) routes.set(entry, planTcpRoute(scope, source, entry, server, tls));
    const route = routes.get(entry);
    if (route === undefined) continue;
    addRule(book, names, { conditions, route });
    hasRules = true;
    if (conditions.length > 0) continue;
    scope.enders.set(server, entry);
    break;
  }
  return hasRules;
}

function planTcpRoute(
  scope: CompileScope,
  source: RouteSource,
  entry: RouteEntry,
  { port }: Server,
  tls: string | undefined,
): NamedRoute | undefined {
  const route = planRoute(scope.clusters, source, entry, port);
  return route === undefined || tls === undefined ? route : { ...route, tls };
}

/** Hosts of servers by the namespace they are for, each with its server's position. */
export function serverHostIndex(servers: readonly Server[]): ScopedHosts {
  const hosts: ScopedHosts = new Map();
  servers.forEach((server, position) => {
    for (const { namespace, host } of server.hosts) addScopedHost(hosts, namespace, host, position);
  });
  return hosts;
}

/** Position of the first server with a host that overlaps one of the source's, -1 if there is none. */
export function firstServer(hosts: ScopedHosts, source: RouteSource): number {
  let best = -1;
  for (const scope of ['*', source.namespace]) {
    for (const host of source.hosts) {
      const position = firstScopedHost(hosts, scope, host);
      if (position >= 0 && (best < 0 || position < best)) best = position;
    }
  }
  return best;
}
