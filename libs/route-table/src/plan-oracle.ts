// What a plan means, said as plainly as possible: the judge of the table in its tests. Nothing else imports it, and it
// shares no code with the table (addresses are read by ipaddr.js).

import ipaddr from 'ipaddr.js';
import type { AuthorizationPlan, Condition, TablePlan } from './plan.ts';

export interface Connection {
  readonly source: string;
  /** '' = no PROXY header: as source. */
  readonly remote: string;
  readonly destination: string;
  readonly port: number;
  /** undefined: not read yet; null: none will come. */
  readonly hello: { readonly serverName: string; readonly protocols: readonly string[] } | null | undefined;
}

/** The route's index over all listeners, -1 for no route, -2 where the ClientHello must be read first. */
export function naiveMatch(plan: TablePlan, listener: number, connection: Connection): number {
  const { chains, inspectsTls } = plan.listeners[listener];
  if (inspectsTls && connection.hello === undefined) return -2;
  const rank = (name: string) => nameRank(name, serverNameOf(connection));
  const chosen = chains.flatMap(({ names }, chain) => names.map((name) => ({ chain, rank: rank(name) })));
  const best = chosen.reduce((a, b) => (b.rank > a.rank ? b : a), { chain: -1, rank: -1 });
  if (best.chain < 0) return -1;
  const rule = chains[best.chain].rules.findIndex(({ conditions }) => conditions.every((c) => holds(c, connection)));
  if (rule < 0) return -1;
  const before = [...plan.listeners.slice(0, listener).flatMap((l) => l.chains), ...chains.slice(0, best.chain)];
  return before.reduce((sum, chain) => sum + chain.rules.length, 0) + rule;
}

/** -1 no match; `*` 0; a wildcard by the length of its suffix; an exact name above all. */
function nameRank(pattern: string, serverName: string): number {
  if (pattern === '*') return 0;
  if (serverName === '') return -1;
  if (!pattern.startsWith('*.')) return pattern === serverName ? 1000 : -1;
  const suffix = pattern.slice(1);
  return serverName.endsWith(suffix) && serverName.length > suffix.length && serverName.length < 256
    ? suffix.length
    : -1;
}

function serverNameOf({ hello }: Connection): string {
  return (hello?.serverName ?? '').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** -1 allowed, -2 no allow policy matches, else the first policy that denies. */
export function naiveAuthorize(plan: TablePlan, listener: number, connection: Connection, dryRun = false): number {
  const policies = plan.listeners[listener].authorization.map((index) => ({ index, ...plan.authorization[index] }));
  const inForce = policies.filter((policy) => policy.dryRun === dryRun);
  const denying = inForce.find((policy) => policy.action === 'deny' && policyMatches(policy, connection));
  if (denying !== undefined) return denying.index;
  const allows = inForce.filter((policy) => policy.action === 'allow');
  return allows.length === 0 || allows.some((policy) => policyMatches(policy, connection)) ? -1 : -2;
}

/** Indexes of the policies that match without effect. */
export function naiveReport(plan: TablePlan, listener: number, connection: Connection): number[] {
  return plan.listeners[listener].authorization.filter((index) => {
    const policy = plan.authorization[index];
    return (policy.action === 'audit' || policy.dryRun) && policyMatches(policy, connection);
  });
}

function policyMatches({ rules }: AuthorizationPlan, connection: Connection): boolean {
  return rules.some((conditions) => conditions.every((condition) => holds(condition, connection)));
}

function holds(condition: Condition, connection: Connection): boolean {
  return anyOf(condition, connection) !== (condition.not ?? false);
}

function anyOf(condition: Condition, connection: Connection): boolean {
  switch (condition.fact) {
    case 'port':
      return condition.ports.includes(connection.port);
    case 'sni':
      return condition.names.some((name) => serverNameMatches(name, serverNameOf(connection)));
    case 'alpn':
      return condition.protocols.some((protocol) => connection.hello?.protocols.includes(protocol));
    default: {
      const address = condition.fact === 'remote' && connection.remote !== '' ? connection.remote : undefined;
      const text = address ?? (condition.fact === 'destination' ? connection.destination : connection.source);
      return condition.cidrs.some((cidr) => cidrHolds(cidr, text));
    }
  }
}

function serverNameMatches(pattern: string, serverName: string): boolean {
  if (serverName === '') return false;
  if (pattern === '*') return true;
  if (serverName.length > 255) return false;
  if (pattern.startsWith('*.')) return nameRank(pattern, serverName) > 0;
  if (pattern.startsWith('*')) return serverName.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return serverName.startsWith(pattern.slice(0, -1));
  return pattern === serverName;
}

export function cidrHolds(cidr: string, text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  const [network, bits] = cidr.includes('/') ? ipaddr.parseCIDR(cidr) : [ipaddr.parse(cidr), undefined];
  const width = network.kind() === 'ipv4' ? 32 : 128;
  const length = bits ?? width;
  if (network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && length >= 96) {
    return address.kind() === 'ipv4' && address.match(network.toIPv4Address(), length - 96);
  }
  return address.kind() === network.kind() && address.match(network, length);
}
