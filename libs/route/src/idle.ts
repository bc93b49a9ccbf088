// Servers that take no connections, and why.
import { type Code, type Complaint, complain, type FieldPath, type ResourceKey } from '@sluice/resource';
import type { RouteSource, Server } from './model.ts';
import { compareText } from './order.ts';

/** A server that takes no connections. */
export interface Unserved extends IdleCause {
  readonly server: Server;
}

export interface IdleCause {
  readonly code: Code;
  readonly message: string;
}

/** A server without a part in any listener. */
export interface IdleServer {
  /** `namespace/name`. */
  readonly gateway: string;
  readonly resource: ResourceKey;
  readonly path: FieldPath;
  readonly bind: string;
  readonly port: number;
  readonly protocol: string;
  readonly code: Code;
  readonly reason: string;
}

/** What is bound to a gateway, as far as it is told of where nothing of it fits. */
export interface BoundRoutes {
  readonly count: number;
  /** Ids, in the order in which they are tried; all of them if they are at most SHOWN_SOURCES. */
  readonly ids: readonly string[];
  readonly hasTcp: boolean;
  readonly hasTls: boolean;
}

/** A message names so many sources; where there are more, a few of them would say nothing. */
export const SHOWN_SOURCES = 5;

export function boundRoutes(sources: readonly Pick<RouteSource, 'id' | 'tcp' | 'tls'>[]): BoundRoutes {
  let bound = boundOf.get(sources);
  if (bound === undefined) boundOf.set(sources, (bound = summaryOf(sources)));
  return bound;
}

/** Each server of a gateway asks for the same sources. */
const boundOf = new WeakMap<object, BoundRoutes>();

function summaryOf(sources: readonly Pick<RouteSource, 'id' | 'tcp' | 'tls'>[]): BoundRoutes {
  return {
    count: sources.length,
    ids: sources.slice(0, SHOWN_SOURCES).map(({ id }) => id),
    hasTcp: sources.some(({ tcp }) => tcp.length > 0),
    hasTls: sources.some(({ tls }) => tls.length > 0),
  };
}

/** Servers that end TLS follow the rules of plain ones (Istio: `createGatewayTCPFilterChainOpts`). */
export function followsTcp({ kind }: Server): boolean {
  return kind === 'tcp' || kind === 'terminate';
}

export function noRoute(server: Server, bound: BoundRoutes): IdleCause {
  const field = followsTcp(server) ? 'tcp' : 'tls';
  const where = `port ${server.port} of gateway ${server.gateway.id} opens no listener: `;
  if (bound.count === 0) return { code: 'SLU3006', message: `${where}no route is bound to it` };
  const shown = bound.count > SHOWN_SOURCES ? 'the routes bound to it' : bound.ids.join(', ');
  const why = (followsTcp(server) ? bound.hasTcp : bound.hasTls)
    ? `no ${field} rule of ${shown} fits its hosts and port`
    : bound.count > SHOWN_SOURCES
      ? `none of ${shown} has ${field} rules`
      : `${shown} ${bound.count === 1 ? 'has' : 'have'} no ${field} rules`;
  return { code: 'SLU3006', message: `${where}${why}` };
}

/** Why a server of such a kind is never served. */
export const UNSERVED: Readonly<Record<'foreign-tls' | 'https' | 'http' | 'udp', (server: Server) => IdleCause>> = {
  'foreign-tls': (server) => ({
    code: 'SLU3008',
    message: `port ${server.port} of gateway ${server.gateway.id} opens no listener: Sluice ends TLS in mode SIMPLE, MUTUAL or OPTIONAL_MUTUAL, and for listeners of the Gateway API without frontend validation`,
  }),
  https: (server) => ({
    code: 'SLU3007',
    message: `port ${server.port} of gateway ${server.gateway.id} is ${server.protocol}: Sluice routes no HTTP and opens no listener for it`,
  }),
  http: (server) => ({
    code: 'SLU3007',
    message: `port ${server.port} of gateway ${server.gateway.id} is ${server.protocol}: Sluice routes no HTTP and opens no listener for it`,
  }),
  udp: (server) => ({
    code: 'SLU3009',
    message: `port ${server.port} of gateway ${server.gateway.id} is ${server.protocol}: Sluice routes TCP only and opens no listener for it`,
  }),
};

/** In order of port, then address, gateway and path. */
export function idleServers(unserved: Iterable<Unserved>): readonly IdleServer[] {
  return Array.from(unserved, idleServer).sort(
    (a, b) =>
      a.port - b.port ||
      compareText(a.bind, b.bind) ||
      compareText(a.resource, b.resource) ||
      compareText(a.path, b.path) ||
      compareText(a.code, b.code),
  );
}

function idleServer({ server, code, message }: Unserved): IdleServer {
  const { gateway, path, bind, port, protocol } = server;
  return { gateway: gateway.id, resource: gateway.key, path, bind, port, protocol, code, reason: message };
}

export function complainOfIdle(idle: readonly IdleServer[]): Complaint[] {
  return idle.map(({ resource, path, code, reason }) => complain(code, resource, path, reason));
}
