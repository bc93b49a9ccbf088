// How much there is to match: what compiling takes in time, and its rules in memory. It grows with the product of rules and
// ports, so that small files can ask for billions; a set beyond the bound is refused before any of it is compiled.
import { type Complaint, complain } from '@sluice/resource';
import { isOpen } from './candidate.ts';
import type { Catalog } from './catalog.ts';
import { followsTcp } from './idle.ts';
import type { EdgeGateway, RouteMatch, RouteSource, Server } from './model.ts';
import { claimKey } from './port-merge.ts';

/**
 * Matches of routes at gateways and ports together: three times what 100,000 routes of one name on one port come to, and
 * compiled in seconds and a few hundred MB.
 */
export const MAX_MATCH_LOAD = 1_000_000;

/** How often what is bound to a gateway is tried: at one port, and at all of its ports together. */
interface Places {
  all: number;
  readonly byPort: Map<number, number>;
}

type AtGateway = Readonly<Record<'tcp' | 'tls', Places>>;

/**
 * A match counts once for each gateway it may be bound to, and once more for each port where it is tried, there times its
 * server names, subnets and protocols; a source counts its hosts at each port where one of its matches is tried. Servers of one gateway that take the same rules
 * together are one place.
 */
export class MatchLoad {
  readonly #gateways: ReadonlyMap<string, AtGateway>;
  #total = 0;

  constructor(gateways: Iterable<EdgeGateway>) {
    this.#gateways = new Map(Array.from(gateways, (gateway) => [gateway.reference, placesOf(gateway)]));
  }

  get isTooMuch(): boolean {
    return this.#total > MAX_MATCH_LOAD;
  }

  add(source: RouteSource): void {
    this.#total += this.#loadOf(source);
  }

  remove(source: RouteSource): void {
    this.#total -= this.#loadOf(source);
  }

  /** At how many ports a match of a source is tried. */
  timesTried(source: RouteSource, protocol: 'tcp' | 'tls', match: RouteMatch): number {
    let times = 0;
    for (const reference of match.gateways ?? source.gateways) {
      const places = this.#gateways.get(reference)?.[protocol];
      if (places !== undefined) times += timesAt(places, match.port);
    }
    return times;
  }

  #loadOf(source: RouteSource): number {
    // Where so many pairs would be tried takes as long to find out as trying.
    const pairs = pairsOf(source);
    if (pairs > MAX_MATCH_LOAD) return pairs;
    return pairs + this.#triedOf(source, 'tcp') + this.#triedOf(source, 'tls');
  }

  #triedOf(source: RouteSource, protocol: 'tcp' | 'tls'): number {
    let tried = 0;
    const ports = new Map<Places, Set<number | undefined>>();
    for (const entry of source[protocol]) {
      for (const match of entry.matches) {
        // Of plain rules for everything only the first that fits is tried, and it is found by its host.
        if (protocol === 'tcp' && match.port === undefined && isOpen(entry, match)) continue;
        const weight = weightOf(match);
        for (const reference of match.gateways ?? source.gateways) {
          const places = this.#gateways.get(reference)?.[protocol];
          if (places === undefined) continue;
          const own = ports.get(places) ?? new Set();
          ports.set(places, own.add(match.port));
          tried += weight * timesAt(places, match.port);
        }
      }
    }
    for (const [places, own] of ports)
      for (const port of own.has(undefined) ? [undefined] : own) tried += source.hosts.length * timesAt(places, port);
    return tried;
  }
}

/** Its names, and what else it lists: every rule made of it is compared by all of it, and has an index of it in the table. */
function weightOf({ names, destinationSubnets = [], alpn = [] }: RouteMatch): number {
  return Math.max(1, names.length) + destinationSubnets.length + alpn.length;
}

function timesAt({ all, byPort }: Places, port: number | undefined): number {
  return port === undefined ? all : (byPort.get(port) ?? 0);
}

/** The load of these; null where it is too much: looks at no more than it takes to know. */
export function matchLoad({ gateways, routes }: Pick<Catalog, 'gateways' | 'routes'>): MatchLoad | null {
  const load = new MatchLoad(gateways);
  for (const source of routes) {
    load.add(source);
    if (load.isTooMuch) return null;
  }
  return load;
}

export function complainOfLoad(): Complaint {
  const message = `the routes have more than ${MAX_MATCH_LOAD} matches together, counted at every gateway and port where they are tried`;
  return complain('SLU3037', '', '', message);
}

/** Runs of passthrough servers of one port are gone through once, all others one by one (`byGatewayAndKind`). */
function placesOf({ servers }: EdgeGateway): AtGateway {
  const at: AtGateway = { tcp: { all: 0, byPort: new Map() }, tls: { all: 0, byPort: new Map() } };
  const last = new Map<string, Server['kind']>();
  for (const server of servers) {
    const claim = claimKey(server);
    if (followsTcp(server)) addPlace(at.tcp, server.port, server.kind === 'terminate' ? server.hosts.length : 1);
    else if (server.kind === 'passthrough' && last.get(claim) !== 'passthrough') addPlace(at.tls, server.port, 1);
    last.set(claim, server.kind);
  }
  return at;
}

function addPlace(places: Places, port: number, times: number): void {
  places.all += times;
  places.byPort.set(port, (places.byPort.get(port) ?? 0) + times);
}

/** Pairs of a match and a gateway. */
function pairsOf({ tcp, tls, gateways }: RouteSource): number {
  let pairs = 0;
  for (const entries of [tcp, tls])
    for (const { matches } of entries) for (const match of matches) pairs += match.gateways?.length ?? gateways.length;
  return pairs;
}
