// Listeners: each merged port with the chains of its servers, or the reason why it opens none.
import type { ListenerHead, NamedChain } from '@sluice/route-table';
import { addAutoPassthrough } from './auto-passthrough.ts';
import type { GatewayCandidates } from './candidate.ts';
import { chainsOf, closeNames, type NameBook, takenNames } from './chain.ts';
import type { CompileScope } from './compile-scope.ts';
import { boundRoutes, noRoute, UNSERVED, type Unserved } from './idle.ts';
import type { RouteSource, Server } from './model.ts';
import type { PlannedPolicies } from './policies.ts';
import type { MergedPort } from './port-merge.ts';
import { ANY_NAME, addTcpRules } from './tcp-rules.ts';
import { tlsNameOf } from './tls-plan.ts';
import { addTlsRules, type TlsBook } from './tls-rules.ts';

/** A port with its chains, and its servers that have no part in them. */
export interface BuiltPort {
  readonly merged: MergedPort;
  readonly chains: readonly NamedChain[];
  readonly unserved: readonly Unserved[];
}

const NO_SOURCES: readonly RouteSource[] = [];

export type CandidatesByGateway = ReadonlyMap<string, GatewayCandidates>;

export function buildPort(scope: CompileScope, merged: MergedPort, candidates: CandidatesByGateway): BuiltPort {
  const names: NameBook = new Map();
  const book: TlsBook = { names, matches: new Set(), routes: new Map() };
  const unserved: Unserved[] = [];
  const claimed = claimNames(scope, names, merged.servers);
  for (const servers of byGatewayAndKind(merged.servers))
    addServers(scope, { ...book, claimed }, servers, candidates, unserved);
  return { merged, chains: chainsOf(names), unserved };
}

/** A port is listened on where any connection could find a rule. */
export function opensListener(chains: Iterable<NamedChain>): boolean {
  for (const { rules } of chains) if (rules.length > 0) return true;
  return false;
}

/** The listener of a port without its chains. `idle`: servers without a part in it. */
export function listenerHead(
  merged: MergedPort,
  inspectsTls: boolean,
  isIdle: (server: Server) => boolean,
  policies: PlannedPolicies,
): ListenerHead {
  const servers = merged.servers.filter((server) => !isIdle(server));
  const authorization = policies.on(servers);
  return {
    name: listenerName(merged),
    bind: merged.bind,
    port: merged.port,
    gateways: [...new Set(servers.map((server) => server.gateway.id))],
    inspectsTls: inspectsTls || (speaksFirst(servers) && authorization.some((index) => asksName(policies, index))),
    authorization,
  };
}

/** Of plain TCP nobody knows who speaks first: waiting for the client would hold up those that wait for the endpoint. */
const speaksFirst = (servers: readonly Server[]) =>
  servers.some(({ kind }) => kind === 'passthrough' || kind === 'terminate');

/** A policy about server names must see them, also where every name goes the same way. */
function asksName({ plans }: PlannedPolicies, index: number): boolean {
  return plans[index]!.rules.some((rule) => rule.some(({ fact }) => fact === 'sni'));
}

function addServers(
  scope: CompileScope,
  book: PortBook,
  servers: readonly Server[],
  byGateway: CandidatesByGateway,
  unserved: Unserved[],
): void {
  const [first] = servers;
  const { kind, gateway } = first!;
  const candidates = byGateway.get(gateway.reference);
  const bound = boundRoutes(candidates?.sources ?? NO_SOURCES);
  if (kind === 'tcp') {
    if (candidates !== undefined) addTcpRules(scope, { book: book.names, names: [ANY_NAME] }, first!, candidates.tcp);
    if (book.names.size === 0) unserved.push({ server: first!, ...noRoute(first!, bound) });
  } else if (kind === 'passthrough') {
    if (candidates !== undefined) addTlsRules(scope, book, servers, candidates.tls);
    for (const server of servers) if (!scope.routed.has(server)) unserved.push({ server, ...noRoute(server, bound) });
  } else if (kind === 'auto-passthrough') {
    for (const server of servers)
      if (!addAutoPassthrough(scope, book, server)) unserved.push({ server, ...noRoute(server, bound) });
  } else if (kind === 'terminate') {
    for (const server of servers) {
      const at = { book: book.names, names: book.claimed.get(server) ?? [], tls: tlsNameOf(server) };
      const isServed =
        at.names.length > 0 && candidates !== undefined && addTcpRules(scope, at, server, candidates.tcp);
      if (!isServed) unserved.push({ server, ...noRoute(server, bound) });
    }
  } else for (const server of servers) unserved.push({ server, ...UNSERVED[kind](server) });
}

/** What a listener has taken in so far, and the names of its servers that end TLS. */
interface PortBook extends TlsBook {
  readonly claimed: ReadonlyMap<Server, readonly string[]>;
}

/**
 * Names of servers that end TLS, or would, are theirs whatever rules there are: what is meant to be ended here must not go
 * on to where a rule of passthrough leads. A name of two such servers is the first one's.
 */
function claimNames({ report }: CompileScope, book: NameBook, servers: readonly Server[]): PortBook['claimed'] {
  const claimed = new Map<Server, readonly string[]>();
  for (const server of servers) {
    if (server.kind !== 'terminate' && server.kind !== 'foreign-tls' && server.kind !== 'https') continue;
    const own = new Set(server.hosts.map(({ host }) => host));
    for (const { name, by } of takenNames(book, [...own])) {
      own.delete(name);
      const { key } = server.gateway;
      report('SLU3002', key, server.path, `host ${name} on port ${server.port} is skipped: already served by ${by}`);
    }
    claimed.set(server, [...own]);
    closeNames(book, own, `${server.gateway.id} ${server.path}`);
  }
  return claimed;
}

/** Runs of servers of one gateway and kind: route entries are looked at once for each run. */
function byGatewayAndKind(servers: readonly Server[]): readonly (readonly Server[])[] {
  const runs: Server[][] = [];
  for (const server of servers) {
    const last = runs.at(-1)?.[0];
    if (last !== undefined && last.gateway === server.gateway && last.kind === server.kind) runs.at(-1)!.push(server);
    else runs.push([server]);
  }
  return runs;
}

/** Istio's name: address and port, or the unix address. */
function listenerName({ bind, port }: MergedPort): string {
  if (bind.startsWith('unix:')) return bind;
  return `${bind === '' ? '0.0.0.0' : bind}_${port}`;
}

export function looksAtTls(chain: NamedChain): boolean {
  return (
    chain.names.some((name) => name !== ANY_NAME) ||
    chain.rules.some(
      ({ conditions, route }) =>
        route.tls !== undefined || conditions.some(({ fact }) => fact === 'alpn' || fact === 'sni'),
    )
  );
}
