// The route entries of one gateway, in Istio's order, found by what a server asks for: its port and its hosts.
import { addScopedHost, firstScopedHost, type ScopedHosts } from './host-index.ts';
import type { RouteEntry, RouteMatch, RouteSource, Server } from './model.ts';
import { EVERYWHERE } from './visibility.ts';

/** One match of one entry of one source. */
export interface Candidate {
  readonly source: RouteSource;
  readonly entry: RouteEntry;
  readonly match: RouteMatch;
  /** Grows in order of source, entry and match. */
  readonly rank: number;
}

/** Candidates of one protocol at one gateway, each list in order of rank. */
export interface Candidates {
  readonly byPort: Map<number, Candidate[]>;
  readonly anyPort: Candidate[];
  /** Of `anyPort`: those that narrow nothing but the hosts, of which a plain server needs only the first; and the others. */
  readonly open: Candidate[];
  readonly narrow: Candidate[];
  /** Hosts of the open ones by namespace of the source (`*`: all), with positions in `open`; made when first asked for. */
  readonly openHosts: ScopedHosts;
}

export interface GatewayCandidates {
  readonly tcp: Candidates;
  readonly tls: Candidates;
  /** Sources bound to the gateway, in order. */
  readonly sources: RouteSource[];
}

/** By gateway reference; sources come in the order in which they are tried. A match that names other gateways is left out. */
export function candidatesByGateway(sources: Iterable<RouteSource>): ReadonlyMap<string, GatewayCandidates> {
  const byGateway = new Map<string, GatewayCandidates>();
  let rank = 0;
  for (const source of sources) {
    const references = new Set(source.gateways);
    for (const reference of references) candidatesAt(byGateway, reference).sources.push(source);
    for (const protocol of ['tcp', 'tls'] as const) {
      for (const entry of source[protocol]) {
        for (const match of entry.matches) {
          // A route of the Gateway API has a match for each of its parents, of which it may have thousands.
          for (const reference of match.gateways === undefined ? references : new Set(match.gateways)) {
            if (!references.has(reference)) continue;
            addCandidate(candidatesAt(byGateway, reference)[protocol], { source, entry, match, rank: rank++ });
          }
        }
      }
    }
  }
  return byGateway;
}

function candidatesAt(byGateway: Map<string, GatewayCandidates>, reference: string): GatewayCandidates {
  const known = byGateway.get(reference);
  if (known !== undefined) return known;
  const candidates = { tcp: noCandidates(), tls: noCandidates(), sources: [] };
  byGateway.set(reference, candidates);
  return candidates;
}

function noCandidates(): Candidates {
  return { byPort: new Map(), anyPort: [], open: [], narrow: [], openHosts: new Map() };
}

function addCandidate(candidates: Candidates, candidate: Candidate): void {
  const { port } = candidate.match;
  if (port === undefined) {
    candidates.anyPort.push(candidate);
    (isOpen(candidate.entry, candidate.match) ? candidates.open : candidates.narrow).push(candidate);
  } else if (candidates.byPort.has(port)) candidates.byPort.get(port)!.push(candidate);
  else candidates.byPort.set(port, [candidate]);
}

/** Narrows nothing but port and hosts, and leads somewhere. */
export function isOpen(entry: RouteEntry, match: RouteMatch): boolean {
  const narrow =
    match.sourceSubnet ?? match.destinationSubnets ?? match.sourceLabels ?? match.sourceNamespace ?? match.alpn;
  const leads = entry.destinations.length === 1 || entry.destinations.some(({ weight }) => weight > 0);
  return narrow === undefined && leads;
}

/** All for a port, in order of rank. */
export function candidatesOf(candidates: Candidates, port: number): Iterable<Candidate> {
  return inOrder(candidates.byPort.get(port) ?? [], candidates.anyPort);
}

/**
 * Those for a plain server, in order of rank, without the ones that cannot come into play: behind the first open candidate
 * with an overlapping host nothing of any port is reached. Thousands of servers with as many sources stay quick by that.
 */
export function candidatesFor(candidates: Candidates, server: Server): Iterable<Candidate> {
  const first = firstOpen(candidates, server);
  const any = first === undefined ? candidates.narrow : inOrder(candidates.narrow, [first]);
  return inOrder(candidates.byPort.get(server.port) ?? [], any);
}

function firstOpen(candidates: Candidates, { hosts }: Server): Candidate | undefined {
  const { open, openHosts } = candidates;
  if (openHosts.size === 0) {
    open.forEach(({ source }, position) => {
      for (const scope of [EVERYWHERE, source.namespace])
        for (const host of source.hosts) addScopedHost(openHosts, scope, host, position);
    });
  }
  let best = open.length;
  for (const { namespace, host } of hosts) {
    const position = firstScopedHost(openHosts, namespace, host);
    if (position >= 0 && position < best) best = position;
  }
  return open[best];
}

function* inOrder(a: Iterable<Candidate>, b: Iterable<Candidate>): Generator<Candidate> {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  let [one, other] = [left.next(), right.next()];
  while (one.done !== true || other.done !== true) {
    if (other.done === true || (one.done !== true && one.value.rank < other.value.rank)) {
      yield one.value;
      one = left.next();
    } else {
      yield other.value;
      other = right.next();
    }
  }
}
