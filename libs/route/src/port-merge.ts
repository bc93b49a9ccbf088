// Which server gets which port: gateways merged as Istio merges them (`pilot/pkg/model/gateway.go`), the first claim wins.
// Says nothing of routes.
import type { Code } from '@sluice/resource';
import type { EdgeGateway, Server } from './model.ts';

/** The servers that share one address and port. */
export interface MergedPort {
  readonly bind: string;
  readonly port: number;
  /** In order of precedence; several only where all are HTTP, or all are told apart by server name. */
  readonly servers: Server[];
}

/** A server that got no place on its port. */
export interface Displaced {
  readonly server: Server;
  readonly code: Code;
  readonly message: string;
}

export interface PortMerge {
  /** By port, then address. */
  readonly ports: readonly MergedPort[];
  readonly displaced: readonly Displaced[];
}

interface Claim extends MergedPort {
  /** Hosts of TLS servers as written, and by which gateway. */
  readonly hosts: Map<string, string>;
}

/**
 * Merges gateways, given in order of precedence. Rules: a plain server shares its port only with HTTP servers if it is
 * HTTP itself; TLS servers share a port as long as no host is claimed twice; different addresses never conflict.
 * Codes: SLU3001 (port conflict), SLU3002 (host claimed twice). `only`: claims to look at, default all.
 */
export function mergePorts(gateways: readonly EdgeGateway[], only?: ReadonlySet<string>): PortMerge {
  const claims = new Map<string, Claim>();
  const displaced: Displaced[] = [];
  for (const gateway of gateways) {
    for (const server of gateway.servers) {
      const key = claimKey(server);
      if (only?.has(key) === false) continue;
      const claim = claims.get(key);
      if (claim === undefined) {
        const hosts = new Map<string, string>();
        claimHosts(server, hosts);
        claims.set(key, { bind: server.bind, port: server.port, servers: [server], hosts });
        continue;
      }
      const refusal = admit(server, claim);
      if (refusal === undefined) claim.servers.push(server);
      else displaced.push(refusal);
    }
  }
  const ports = [...claims.values()].sort((a, b) => a.port - b.port || (a.bind < b.bind ? -1 : 1));
  return { ports, displaced };
}

/** Servers of one key share a port. `0.0.0.0` is what '' means to Istio, and a socket cannot be bound to both. */
export function claimKey(server: Pick<Server, 'port' | 'bind'>): string {
  return `${server.port} ${server.bind === '0.0.0.0' ? '' : server.bind}`;
}

function isTls(server: Server): boolean {
  return server.kind !== 'tcp' && server.kind !== 'http' && server.kind !== 'udp';
}

function admit(server: Server, claim: Claim): Displaced | undefined {
  const first = claim.servers[0]!;
  if (isTls(server) && isTls(first)) {
    const taken = server.hosts.map(hostText).filter((host) => claim.hosts.has(host));
    if (taken.length === 0) {
      claimHosts(server, claim.hosts);
      return undefined;
    }
    const owners = [...new Set(taken.map((host) => claim.hosts.get(host)!))];
    const message = `server on port ${server.port} is skipped: duplicate host names ${taken.join(', ')}, already served by gateway ${owners.join(', ')}`;
    return { server, code: 'SLU3002', message };
  }
  if (server.kind === 'http' && first.kind === 'http') return undefined;
  return {
    server,
    code: 'SLU3001',
    message: `server ${server.port}.${server.protocol} is skipped: conflict with existing server ${first.port}.${first.protocol} of gateway ${first.gateway.id}`,
  };
}

function claimHosts(server: Server, hosts: Map<string, string>): void {
  if (isTls(server)) for (const host of server.hosts) hosts.set(hostText(host), server.gateway.id);
}

function hostText(host: { readonly namespace: string; readonly host: string }): string {
  return host.namespace === '*' ? host.host : `${host.namespace}/${host.host}`;
}
