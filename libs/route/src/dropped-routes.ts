// Says of each route what Istio would drop in silence, and what Sluice follows though Istio would not.
import type { Catalog } from './catalog.ts';
import type { CompileScope } from './compile-scope.ts';
import { honouredFields, matchConditions } from './conditions.ts';
import { followsTcp } from './idle.ts';
import { MESH } from './istio-virtual-service.ts';
import type { RouteEntry, RouteSource, Server } from './model.ts';
import { once } from './once.ts';
import type { MergedPort } from './port-merge.ts';
import { firstServer, serverHostIndex } from './tcp-rules.ts';

/** Complains of routes bound to gateways of this acceptor: codes SLU3004, SLU3011 to SLU3015. */
export function complainOfRoutes(scope: CompileScope, catalog: Catalog, ports: readonly MergedPort[]): void {
  const servers = serversByGateway(ports);
  const hostsOf = once((server: Server) => serverHostIndex([server]));
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
    const at: SourceAt = {
      source,
      servers,
      own: new Set(source.gateways),
      takes: once((server) => firstServer(hostsOf(server), source) >= 0),
      foreignPorts: foreignPortsOf(source, servers),
    };
    for (const entry of source.tcp) complainOfEntry(scope, at, entry, 'tcp');
    for (const entry of source.tls) complainOfEntry(scope, at, entry, 'tls');
  }
}

interface ServersOfGateway {
  /** The first server for a protocol on each port, by `PROTOCOL PORT`; by `PROTOCOL` on any port. */
  readonly first: Map<string, Server>;
  readonly foreignPorts: Set<number>;
}

type ServersByGateway = ReadonlyMap<string, ServersOfGateway>;

function serversByGateway(ports: readonly MergedPort[]): ServersByGateway {
  const byGateway = new Map<string, ServersOfGateway>();
  for (const server of ports.flatMap((merged) => merged.servers)) {
    const { reference } = server.gateway;
    let own = byGateway.get(reference);
    if (own === undefined) byGateway.set(reference, (own = { first: new Map(), foreignPorts: new Set() }));
    if (server.kind === 'foreign-tls') own.foreignPorts.add(server.port);
    const followed = followsTcp(server) ? 'tcp' : server.kind === 'passthrough' ? 'tls' : undefined;
    if (followed === undefined) continue;
    for (const key of [`${followed} ${server.port}`, followed]) if (!own.first.has(key)) own.first.set(key, server);
  }
  return byGateway;
}

function firstServerFor(
  servers: ServersByGateway,
  reference: string,
  followed: 'tcp' | 'tls',
  port: number | undefined,
): Server | undefined {
  return servers.get(reference)?.first.get(port === undefined ? followed : `${followed} ${port}`);
}

function foreignPortsOf({ gateways }: RouteSource, servers: ServersByGateway): ReadonlySet<number> {
  const ports = new Set<number>();
  for (const reference of gateways) for (const port of servers.get(reference)?.foreignPorts ?? []) ports.add(port);
  return ports;
}

/** A source with what is worked out once for all of its entries. */
interface SourceAt {
  readonly source: RouteSource;
  readonly servers: ServersByGateway;
  /** References of its gateways. */
  readonly own: ReadonlySet<string>;
  /** Whether a server has a host of the source. */
  readonly takes: (server: Server) => boolean;
  /** Ports of its gateways where Istio would follow tcp rules and Sluice cannot; that they are not served is said of the server. */
  readonly foreignPorts: ReadonlySet<number>;
}

function complainOfEntry(scope: CompileScope, at: SourceAt, entry: RouteEntry, protocol: 'tcp' | 'tls'): void {
  const { source } = at;
  if (!scope.used.has(entry)) {
    complainOfUnused(scope, at, entry, protocol);
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
function complainOfUnused(scope: CompileScope, at: SourceAt, entry: RouteEntry, protocol: 'tcp' | 'tls'): void {
  const { source, servers, own, takes, foreignPorts } = at;
  if (entry.matches.every(({ gateways }) => gateways?.every((reference) => reference === MESH) === true)) {
    scope.report('SLU3035', source.key, entry.path, 'not followed at an edge: every match is for the mesh only');
    return;
  }
  const isForeign = entry.matches.some(({ port }) =>
    port === undefined ? foreignPorts.size > 0 : foreignPorts.has(port),
  );
  if (protocol === 'tcp' && isForeign) return;
  for (const match of entry.matches) {
    for (const reference of match.gateways ?? source.gateways) {
      if (!own.has(reference)) continue;
      const server = firstServerFor(servers, reference, protocol, match.port);
      const ender = server === undefined ? undefined : scope.enders.get(server);
      if (server === undefined || ender === undefined || !takes(server)) continue;
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
