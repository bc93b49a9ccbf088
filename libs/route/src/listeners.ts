// Listeners: each merged port with the chains of its servers, or the reason why it opens none.
import type { Code } from '@sluice/resource';
import { addAutoPassthrough } from './auto-passthrough.ts';
import type { GatewayCandidates } from './candidate.ts';
import { chainsOf, closeNames, type NameBook, type NamedChain } from './chain.ts';
import type { CompileScope } from './compile-scope.ts';
import type { RouteSource, Server } from './model.ts';
import type { MergedPort } from './port-merge.ts';
import { ANY_NAME, addTcpRules } from './tcp-rules.ts';
import { addTlsRules, type TlsBook } from './tls-rules.ts';

/** A ListenerPlan whose routes still name their clusters and whose policies are not chosen yet. */
export interface NamedListener {
  readonly name: string;
  readonly bind: string;
  readonly port: number;
  readonly servers: readonly Server[];
  readonly inspectsTls: boolean;
  readonly chains: readonly NamedChain[];
}

/** A server that takes no connections. */
export interface Unserved {
  readonly server: Server;
  readonly code: Code;
  readonly message: string;
}

export type CandidatesByGateway = ReadonlyMap<string, GatewayCandidates>;

/** The listener of a port, or undefined; servers without a part in it are told apart in `unserved`. */
export function buildListener(
  scope: CompileScope,
  merged: MergedPort,
  candidates: CandidatesByGateway,
  unserved: Unserved[],
): NamedListener | undefined {
  const names: NameBook = new Map();
  const book: TlsBook = { names, matches: new Set(), routes: new Map() };
  const own: Unserved[] = [];
  for (const servers of byGatewayAndKind(merged.servers)) addServers(scope, book, servers, candidates, own);
  const chains = chainsOf(names);
  unserved.push(...own);
  if (!chains.some((chain) => chain.rules.length > 0)) return undefined;
  const idle = new Set(own.map(({ server }) => server));
  return {
    name: listenerName(merged),
    bind: merged.bind,
    port: merged.port,
    servers: merged.servers.filter((server) => !idle.has(server)),
    inspectsTls: chains.some(looksAtTls),
    chains,
  };
}

function addServers(
  scope: CompileScope,
  book: TlsBook,
  servers: readonly Server[],
  byGateway: CandidatesByGateway,
  unserved: Unserved[],
): void {
  const [first] = servers;
  const { kind, gateway } = first!;
  const candidates = byGateway.get(gateway.reference);
  if (kind === 'tcp') {
    if (candidates !== undefined) addTcpRules(scope, book.names, first!, candidates.tcp);
    if (book.names.size === 0) unserved.push({ server: first!, ...noRoute(first!, candidates) });
  } else if (kind === 'passthrough') {
    if (candidates !== undefined) addTlsRules(scope, book, servers, candidates.tls);
    for (const server of servers)
      if (!scope.routed.has(server)) unserved.push({ server, ...noRoute(server, candidates) });
  } else if (kind === 'auto-passthrough') {
    for (const server of servers)
      if (!addAutoPassthrough(scope, book, server)) unserved.push({ server, ...noRoute(server, candidates) });
  } else {
    for (const server of servers) {
      if (kind === 'terminate' || kind === 'https')
        closeNames(
          book.names,
          server.hosts.map(({ host }) => host),
          `${server.gateway.id} ${server.path}`,
        );
      unserved.push({ server, ...UNSERVED[kind](server) });
    }
  }
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

type Reason = Pick<Unserved, 'code' | 'message'>;

function noRoute(server: Server, candidates: GatewayCandidates | undefined): Reason {
  const field = server.kind === 'tcp' ? 'tcp' : 'tls';
  const where = `port ${server.port} of gateway ${server.gateway.id} opens no listener: `;
  const bound = candidates?.sources ?? [];
  if (bound.length === 0) return { code: 'SLU3006', message: `${where}no route is bound to it` };
  const why = bound.some((source) => source[field].length > 0)
    ? `no ${field} rule of ${shownSources(bound)} fits its hosts and port`
    : `${shownSources(bound)} has no ${field} rules`;
  return { code: 'SLU3006', message: `${where}${why}` };
}

function shownSources(sources: readonly RouteSource[]): string {
  const shown = sources.slice(0, SHOWN_SOURCES).map(({ id }) => id);
  return shown.join(', ') + (sources.length > SHOWN_SOURCES ? ' and others' : '');
}

/** A message names so many sources and no more. */
const SHOWN_SOURCES = 5;

const UNSERVED: Readonly<Record<'terminate' | 'https' | 'http' | 'udp', (server: Server) => Reason>> = {
  terminate: (server) => ({
    code: 'SLU3008',
    message: `port ${server.port} of gateway ${server.gateway.id} would terminate TLS: this release passes TLS through and opens no listener for it`,
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

/** Istio's name: address and port, or the unix address. */
function listenerName({ bind, port }: MergedPort): string {
  if (bind.startsWith('unix:')) return bind;
  return `${bind === '' ? '0.0.0.0' : bind}_${port}`;
}

function looksAtTls(chain: NamedChain): boolean {
  return (
    chain.names.some((name) => name !== ANY_NAME) ||
    chain.rules.some(({ conditions }) => conditions.some(({ fact }) => fact === 'alpn' || fact === 'sni'))
  );
}
