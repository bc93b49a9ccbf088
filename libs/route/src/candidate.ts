// The route entries of one gateway, by port, in Istio's order: what a server on a port has to look at, and no more.
import type { RouteEntry, RouteMatch, RouteSource } from './model.ts';

/** One match of one entry of one source. */
export interface Candidate {
  readonly source: RouteSource;
  readonly entry: RouteEntry;
  readonly match: RouteMatch;
  /** Grows in order of source, entry and match. */
  readonly rank: number;
}

/** Candidates of one protocol at one gateway. */
export class Candidates {
  readonly #byPort = new Map<number, Candidate[]>();
  readonly #anyPort: Candidate[] = [];

  /** Candidates are added in order of rank. */
  add(candidate: Candidate): void {
    const { port } = candidate.match;
    if (port === undefined) this.#anyPort.push(candidate);
    else if (this.#byPort.has(port)) this.#byPort.get(port)!.push(candidate);
    else this.#byPort.set(port, [candidate]);
  }

  /** Those that a server on the port follows, in order of rank. */
  *of(port: number): Generator<Candidate> {
    const own = this.#byPort.get(port) ?? [];
    const any = this.#anyPort;
    let i = 0;
    let j = 0;
    while (i < own.length || j < any.length) {
      if (j >= any.length || (i < own.length && own[i]!.rank < any[j]!.rank)) yield own[i++]!;
      else yield any[j++]!;
    }
  }
}

export interface GatewayCandidates {
  readonly tcp: Candidates;
  readonly tls: Candidates;
  /** Sources bound to the gateway, in order. */
  readonly sources: RouteSource[];
}

/** By gateway reference; sources are given in the order in which they are tried. A match that names other gateways is left out. */
export function candidatesByGateway(sources: Iterable<RouteSource>): ReadonlyMap<string, GatewayCandidates> {
  const byGateway = new Map<string, GatewayCandidates>();
  let rank = 0;
  for (const source of sources) {
    for (const reference of source.gateways) {
      let candidates = byGateway.get(reference);
      if (candidates === undefined) {
        candidates = { tcp: new Candidates(), tls: new Candidates(), sources: [] };
        byGateway.set(reference, candidates);
      }
      candidates.sources.push(source);
      for (const protocol of ['tcp', 'tls'] as const) {
        for (const entry of source[protocol]) {
          for (const match of entry.matches) {
            if (match.gateways !== undefined && !match.gateways.includes(reference)) continue;
            candidates[protocol].add({ source, entry, match, rank: rank++ });
          }
        }
      }
    }
  }
  return byGateway;
}
