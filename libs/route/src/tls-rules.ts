// The rules of servers that pass TLS through: one chain for each server name, the first to name it wins
// (Istio: `buildGatewayNetworkFiltersFromTLSRoutes`).
import type { NamedRoute } from '@sluice/route-table';
import { type Candidate, type Candidates, candidatesOf } from './candidate.ts';
import { addRule, type NameBook, takenNames } from './chain.ts';
import type { CompileScope } from './compile-scope.ts';
import { matchConditions } from './conditions.ts';
import { addScopedHost, firstScopedHost, type ScopedHosts } from './host-index.ts';
import type { RouteEntry, RouteMatch, RouteSource, Server } from './model.ts';
import { once } from './once.ts';
import { planRoute } from './route-plan.ts';
import { ANY_NAME, firstServer, serverHostIndex } from './tcp-rules.ts';
import { EVERYWHERE } from './visibility.ts';

/** What a listener has taken in so far. */
export interface TlsBook {
  readonly names: NameBook;
  readonly matches: Set<RouteMatch>;
  readonly routes: Map<RouteEntry, NamedRoute | undefined>;
}

/**
 * Adds the rules for one gateway's passthrough servers on one port. Istio takes server by server, and of each every
 * VirtualService with an overlapping host; a match with a name that is already taken is dropped whole (SLU3003).
 */
export function addTlsRules(
  scope: CompileScope,
  book: TlsBook,
  servers: readonly Server[],
  candidates: Candidates,
): void {
  const hosts = serverHostIndex(servers);
  const found: { readonly candidate: Candidate; readonly server: number }[] = [];
  const serverOf = once((source: RouteSource) => firstServer(hosts, source));
  for (const candidate of candidatesOf(candidates, servers[0]!.port)) {
    const server = serverOf(candidate.source);
    if (server >= 0) found.push({ candidate, server });
  }
  found.sort((a, b) => a.server - b.server || a.candidate.rank - b.candidate.rank);
  for (const { candidate, server } of found) {
    scope.used.add(candidate.entry);
    addMatch(scope, book, candidate, servers[server]!);
  }
  markRouted(scope, servers, found);
}

/** A server has a route if any of the sources found has a host of its own, even where an earlier server brought it in. */
function markRouted(scope: CompileScope, servers: readonly Server[], found: readonly { candidate: Candidate }[]): void {
  const hosts: ScopedHosts = new Map();
  for (const source of new Set(found.map(({ candidate }) => candidate.source))) {
    for (const namespace of [EVERYWHERE, source.namespace])
      for (const host of source.hosts) addScopedHost(hosts, namespace, host, 0);
  }
  for (const server of servers)
    if (server.hosts.some(({ namespace, host }) => firstScopedHost(hosts, namespace, host) >= 0))
      scope.routed.add(server);
}

function addMatch(scope: CompileScope, book: TlsBook, { source, entry, match }: Candidate, server: Server): void {
  if (book.matches.has(match)) return;
  book.matches.add(match);
  const conditions = matchConditions(match, scope.clusters.sources.workloads);
  if (conditions === undefined) return;
  const served = match.names.filter((name) => name === ANY_NAME || name.startsWith('*.') || !name.startsWith('*'));
  if (served.length < match.names.length)
    scope.report(
      'SLU3029',
      source.key,
      match.path,
      `not served: ${match.names.filter((name) => !served.includes(name)).join(', ')}: a wildcard stands for whole labels only`,
    );
  const taken = takenNames(book.names, served);
  if (taken.length > 0) {
    const list = taken.map(({ name, by }) => `${name} (by ${by})`).join(', ');
    scope.report(
      'SLU3003',
      source.key,
      match.path,
      `match on port ${server.port} of gateway ${server.gateway.id} is skipped: duplicate SNI host names, already taken: ${list}`,
    );
    return;
  }
  if (!book.routes.has(entry)) book.routes.set(entry, planRoute(scope.clusters, source, entry, server.port));
  const route = book.routes.get(entry);
  if (route !== undefined) addRule(book.names, served, { conditions, route });
}
