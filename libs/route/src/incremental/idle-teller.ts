// Which servers take no connections after a change of routes, and why. A server that is told to be routed stays so for as
// long as the route that was found for it does: it is not asked of all routes again.
import type { ResourceKey } from '@sluice/resource';
import { type BoundRoutes, followsTcp, noRoute } from '../idle.ts';
import type { Server } from '../model.ts';
import { tlsNameOf } from '../tls-plan.ts';
import type { EdgePort, EdgePorts } from './edge-ports.ts';
import type { ResourceIndex } from './resource-index.ts';
import { type ReadRoutes, RouteFinder } from './route-finder.ts';
import { word } from './words.ts';

/** More than are named in a message, see SHOWN_SOURCES: their ids do not matter then. */
const MANY_BOUND = 6;

/** For the servers of one gateway: among the routes that changed, and among all that are bound to it. */
interface Finders {
  readonly changed: RouteFinder;
  readonly bound: RouteFinder;
}

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
      const finders: Finders = {
        changed: new RouteFinder(gateway, changed, read),
        bound: new RouteFinder(gateway, this.#index.with(word.boundTls(gateway)), read),
      };
      let bound: BoundRoutes | undefined;
      for (const { server, port } of this.#ports.placesOf(gateway)) {
        if (!followsTcp(server) && server.kind !== 'passthrough') continue;
        const isServed = this.#isServed(server, port, changed, finders);
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

  #isServed(server: Server, port: EdgePort, changed: ReadonlySet<ResourceKey>, finders: Finders): boolean {
    if (server.kind === 'tcp') return !port.chains.isEmpty;
    if (server.kind === 'passthrough') return this.#isRouted(server, port, changed, finders);
    return server.hosts.some(({ host }) => port.chains.endsTls(host, tlsNameOf(server)));
  }

  #isRouted(server: Server, { idle }: EdgePort, changed: ReadonlySet<ResourceKey>, finders: Finders): boolean {
    const witness = this.#witness.get(server);
    if (witness !== undefined && !changed.has(witness)) return true;
    // Only a changed route can have come to an idle server, and the changed one most likely leads there as it did.
    const found = finders.changed.find(server) ?? (idle.has(server) ? undefined : finders.bound.find(server));
    if (found === undefined) this.#witness.delete(server);
    else this.#witness.set(server, found);
    return found !== undefined;
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
