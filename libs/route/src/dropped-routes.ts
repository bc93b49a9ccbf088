// Says of each route what Istio would drop in silence, and what Sluice follows though Istio would not.
import type { Catalog } from './catalog.ts';
import type { CompileScope } from './compile-scope.ts';
import { honouredFields, matchConditions } from './conditions.ts';
import { followsTcp } from './idle.ts';
import { MESH } from './istio-virtual-service.ts';
import type { RouteEntry, RouteSource, Server } from './model.ts';
import type { MergedPort } from './port-merge.ts';
import { firstServer, serverHostIndex } from './tcp-rules.ts';

/** Complains of routes bound to gateways of this acceptor: codes SLU3004, SLU3011 to SLU3015. */
export function complainOfRoutes(scope: CompileScope, catalog: Catalog, ports: readonly MergedPort[]): void {
  const servers = serversByGateway(ports);
  for (const source of catalog.hidden)
    scope.report(
      'SLU3015',
      source.key,
      'spec.exportTo',
      `not followed: exportTo does not name namespace ${scope.clusters.sources.setting.namespace} of the acceptor`,
    );
  for (const source of catalog.routes) {
    if (!source.gateways.some((reference) => servers.has(reference))) continue;
    if (source.http)
      scope.report('SLU3013', source.key, 'spec.http', 'http rules are not followed: Sluice routes no HTTP');
    for (const entry of source.tcp) complainOfEntry(scope, source, entry, 'tcp', servers);
    for (const entry of source.tls) complainOfEntry(scope, source, entry, 'tls', servers);
  }
}

type ServersByGateway = ReadonlyMap<string, readonly Server[]>;

function serversByGateway(ports: readonly MergedPort[]): ServersByGateway {
  const byGateway = new Map<string, Server[]>();
  for (const server of ports.flatMap((merged) => merged.servers)) {
    const { reference } = server.gateway;
    if (byGateway.has(reference)) byGateway.get(reference)!.push(server);
    else byGateway.set(reference, [server]);
  }
  return byGateway;
}

function complainOfEntry(
  scope: CompileScope,
  source: RouteSource,
  entry: RouteEntry,
  protocol: 'tcp' | 'tls',
  servers: ServersByGateway,
): void {
  if (!scope.used.has(entry)) {
    complainOfUnused(scope, source, entry, protocol, servers);
    return;
  }
  for (const match of entry.matches) {
    const fields = honouredFields(match);
    if (fields.length > 0)
      scope.report(
        'SLU3011',
        source.key,
        match.path,
        `${fields.join(', ')} is followed at this edge; Istio ignores it at a gateway`,
      );
    if (matchConditions(match, scope.clusters.sources.workloads) === undefined)
      scope.report(
        'SLU3012',
        source.key,
        match.path,
        'never matches: no WorkloadEntry with an IP address has these labels',
      );
  }
}

/** A server to name in the message; looking at more of them would only make it longer. */
function complainOfUnused(
  scope: CompileScope,
  source: RouteSource,
  entry: RouteEntry,
  protocol: 'tcp' | 'tls',
  servers: ServersByGateway,
): void {
  if (entry.matches.every(({ gateways }) => gateways?.every((reference) => reference === MESH) === true)) {
    scope.report('SLU3035', source.key, entry.path, 'not followed at an edge: every match is for the mesh only');
    return;
  }
  const isOfProtocol = protocol === 'tcp' ? followsTcp : ({ kind }: Server) => kind === 'passthrough';
  if (protocol === 'tcp' && isForForeignTls(source, entry, servers)) return;
  for (const match of entry.matches) {
    for (const reference of source.gateways) {
      if (match.gateways !== undefined && !match.gateways.includes(reference)) continue;
      const server = (servers.get(reference) ?? []).find(
        (one) => isOfProtocol(one) && (match.port === undefined || match.port === one.port),
      );
      const ender = server === undefined ? undefined : scope.enders.get(server);
      if (server === undefined || ender === undefined || firstServer(serverHostIndex([server]), source) < 0) continue;
      scope.report(
        'SLU3004',
        source.key,
        entry.path,
        `never followed: ${ender.name} takes every connection of port ${server.port} of gateway ${server.gateway.id}`,
      );
      return;
    }
  }
  scope.report(
    'SLU3014',
    source.key,
    entry.path,
    `never followed: no ${protocol === 'tcp' ? 'TCP or TLS terminating' : 'TLS passthrough'} server of its gateways has a fitting port and host`,
  );
}

/** Servers whose TLS Sluice cannot end follow tcp rules in Istio; that they are not served is said of the server. */
function isForForeignTls(source: RouteSource, entry: RouteEntry, servers: ServersByGateway): boolean {
  return source.gateways.some((reference) =>
    (servers.get(reference) ?? []).some(
      (one) => one.kind === 'foreign-tls' && entry.matches.some(({ port }) => port === undefined || port === one.port),
    ),
  );
}
