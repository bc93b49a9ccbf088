// Finds a route for each of many servers of one gateway that pass TLS through, reading as few of its routes as it takes, and
// each of them once.
import type { ResourceKey } from '@sluice/resource';
import { addScopedHost, firstScopedHost, type ScopedHosts } from '../host-index.ts';
import type { RouteMatch, RouteSource, Server } from '../model.ts';
import { EVERYWHERE } from '../visibility.ts';

/** Reads routes, in the order in which they are tried. */
export type ReadRoutes = (keys: Iterable<ResourceKey>) => readonly RouteSource[];

/** Routes read first; each time more are needed, twice as many. */
const FIRST_READ = 16;

export class RouteFinder {
  readonly #gateway: string;
  readonly #keys: Iterator<ResourceKey>;
  readonly #read: ReadRoutes;
  readonly #found: RoutedHosts[] = [];

  /** `gateway`: its reference. */
  constructor(gateway: string, keys: Iterable<ResourceKey>, read: ReadRoutes) {
    this.#gateway = gateway;
    this.#keys = keys[Symbol.iterator]();
    this.#read = read;
  }

  /** One with a rule for the server, wanted or not by an earlier server; undefined if there is none. */
  find(server: Server): ResourceKey | undefined {
    for (let i = 0; ; i++) {
      const hosts = this.#found[i] ?? this.#readMore();
      const key = hosts?.find(server);
      if (hosts === undefined || key !== undefined) return key;
    }
  }

  #readMore(): RoutedHosts | undefined {
    const keys: ResourceKey[] = [];
    for (let left = FIRST_READ << this.#found.length; left > 0; left--) {
      const next = this.#keys.next();
      if (next.done === true) break;
      keys.push(next.value);
    }
    if (keys.length === 0) return undefined;
    const hosts = new RoutedHosts(this.#gateway, this.#read(keys));
    this.#found.push(hosts);
    return hosts;
  }
}

/** Hosts of routes, by the port that a tls rule of theirs is for. */
class RoutedHosts {
  readonly #sources: readonly RouteSource[];
  readonly #anyPort: ScopedHosts = new Map();
  readonly #byPort = new Map<number, ScopedHosts>();

  constructor(gateway: string, sources: readonly RouteSource[]) {
    this.#sources = sources;
    const isFor = ({ gateways }: RouteMatch) => gateways === undefined || gateways.includes(gateway);
    for (const [position, source] of sources.entries()) {
      if (!source.gateways.includes(gateway)) continue;
      const ports = new Set<number | undefined>();
      for (const { matches } of source.tls) for (const match of matches) if (isFor(match)) ports.add(match.port);
      for (const port of ports.has(undefined) ? [undefined] : ports) this.#add(port, source, position);
    }
  }

  #add(port: number | undefined, { hosts, namespace }: RouteSource, position: number): void {
    let into = port === undefined ? this.#anyPort : this.#byPort.get(port);
    if (into === undefined) this.#byPort.set(port!, (into = new Map()));
    for (const scope of [EVERYWHERE, namespace]) for (const host of hosts) addScopedHost(into, scope, host, position);
  }

  find({ hosts, port }: Server): ResourceKey | undefined {
    for (const scoped of [this.#anyPort, this.#byPort.get(port)]) {
      for (const { namespace, host } of hosts) {
        const position = scoped === undefined ? -1 : firstScopedHost(scoped, namespace, host);
        if (position >= 0) return this.#sources[position]!.key;
      }
    }
    return undefined;
  }
}
