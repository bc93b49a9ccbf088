// Which servers take no connections after a change of routes, and why. A server that is told to be routed stays so for as
// long as the route that was found for it does: it is not asked of all routes again.
import type { ResourceKey } from '@sluice/resource';
import { type BoundRoutes, followsTcp, noRoute } from '../idle.ts';
import type { RouteSource, Server } from '../model.ts';
import { tlsNameOf } from '../tls-plan.ts';
import { routesTls } from '../tls-rules.ts';
import type { EdgePort, EdgePorts } from './edge-ports.ts';
import type { ResourceIndex } from './resource-index.ts';
import { word } from './words.ts';

/** Reads routes, in the order in which they are tried. */
export type ReadRoutes = (keys: Iterable<ResourceKey>) => readonly RouteSource[];

/** More than are named in a message, see SHOWN_SOURCES: their ids do not matter then. */
const MANY_BOUND = 6;

export class IdleTeller {
  readonly #index: ResourceIndex;
  readonly #ports: EdgePorts;
  /** A route that leads to a server which passes TLS through. */
  readonly #witness = new Map<Server, ResourceKey>();

  constructor(index: ResourceIndex, ports: EdgePorts) {
    this.#index = index;
    this.#ports = ports;
  }

  /** Looks again at the servers of the gateways that changed routes are, or were, bound to. Gives ports with a change. */
  renew(gateways: Iterable<string>, changed: ReadonlySet<ResourceKey>, read: ReadRoutes): Set<EdgePort> {
    const renewed = new Set<EdgePort>();
    for (const gateway of gateways) {
      let bound: BoundRoutes | undefined;
      for (const { server, port } of this.#ports.placesOf(gateway)) {
        if (!followsTcp(server) && server.kind !== 'passthrough') continue;
        const isServed = this.#isServed(server, port, changed, read);
        const before = port.idle.get(server);
        if (isServed && before === undefined) continue;
        bound ??= this.#boundTo(gateway, read);
        const cause = isServed ? undefined : noRoute(server, bound);
        if (cause?.message === before?.message) continue;
        if (cause === undefined) port.idle.delete(server);
        else port.idle.set(server, cause);
        renewed.add(port);
      }
    }
    return renewed;
  }

  #isServed(server: Server, port: EdgePort, changed: ReadonlySet<ResourceKey>, read: ReadRoutes): boolean {
    if (server.kind === 'tcp') return !port.chains.isEmpty;
    if (server.kind === 'passthrough') return this.#isRouted(server, port, changed, read);
    return server.hosts.some(({ host }) => port.chains.endsTls(host, tlsNameOf(server)));
  }

  #isRouted(server: Server, { idle }: EdgePort, changed: ReadonlySet<ResourceKey>, read: ReadRoutes): boolean {
    const witness = this.#witness.get(server);
    if (witness !== undefined && !changed.has(witness)) return true;
    const { reference } = server.gateway;
    const bound = this.#index.with(word.boundTls(reference));
    for (const key of idle.has(server) ? changed : bound) {
      const [source] = read([key]);
      if (source === undefined || !source.gateways.includes(reference) || !routesTls(server, source)) continue;
      this.#witness.set(server, key);
      return true;
    }
    this.#witness.delete(server);
    return false;
  }

  #boundTo(gateway: string, read: ReadRoutes): BoundRoutes {
    const keys = this.#index.with(word.bound(gateway));
    const count = this.#index.count(word.bound(gateway));
    return {
      count,
      ids: count < MANY_BOUND ? read(keys).map(({ id }) => id) : [],
      hasTcp: this.#index.count(word.boundTcp(gateway)) > 0,
      hasTls: this.#index.count(word.boundTls(gateway)) > 0,
    };
  }
}
