// Answers which of many host names, some with wildcards, overlaps a given one first. Same answer as asking `overlaps` of each.
import { overlaps } from './host.ts';

/** Names with a position each; the lowest position wins. Filled by `addHost`, then only read. */
export interface HostIndex {
  readonly exact: Map<string, number>;
  /** `*.suffix`, by `.suffix`. */
  readonly wildcards: Map<string, number>;
  /** `*foo.com`: rare enough to be tried one by one. */
  readonly partial: { readonly name: string; readonly position: number }[];
  /** For every `.suffix` of an added name: the lowest position of the names that end so. */
  readonly bySuffix: Map<string, number>;
  /** Position of `*`, and the lowest of all. */
  any: number;
  lowest: number;
}

/** Indexes by a scope, such as the namespace that a host is for. */
export type ScopedHosts = Map<string, HostIndex>;

const NONE = Number.POSITIVE_INFINITY;

export function newHostIndex(): HostIndex {
  return { exact: new Map(), wildcards: new Map(), partial: [], bySuffix: new Map(), any: NONE, lowest: NONE };
}

export function addHost(index: HostIndex, name: string, position: number): void {
  index.lowest = Math.min(index.lowest, position);
  if (name === '*') index.any = Math.min(index.any, position);
  else if (name.startsWith('*.')) lower(index.wildcards, name.slice(1), position);
  else if (name.startsWith('*')) index.partial.push({ name, position });
  else lower(index.exact, name, position);
  for (const suffix of suffixes(name)) lower(index.bySuffix, suffix, position);
}

/** The lowest position of a name that overlaps the host, -1 if none does. */
export function firstHost(index: HostIndex, host: string): number {
  let best = host === '*' ? index.lowest : index.any;
  for (const { name, position } of index.partial) if (position < best && overlaps(name, host)) best = position;
  if (!host.startsWith('*')) best = Math.min(best, index.exact.get(host) ?? NONE);
  else if (host.startsWith('*.')) best = Math.min(best, index.bySuffix.get(host.slice(1)) ?? NONE);
  else if (host !== '*') best = Math.min(best, firstOfPartial(index, host));
  for (const suffix of suffixes(host)) best = Math.min(best, index.wildcards.get(suffix) ?? NONE);
  return best === NONE ? -1 : best;
}

export function addScopedHost(hosts: ScopedHosts, scope: string, host: string, position: number): void {
  if (!hosts.has(scope)) hosts.set(scope, newHostIndex());
  addHost(hosts.get(scope)!, host, position);
}

export function firstScopedHost(hosts: ScopedHosts, scope: string, host: string): number {
  const index = hosts.get(scope);
  return index === undefined ? -1 : firstHost(index, host);
}

function firstOfPartial({ exact, wildcards }: HostIndex, host: string): number {
  let best = NONE;
  for (const [name, position] of exact) if (position < best && overlaps(name, host)) best = position;
  for (const [suffix, position] of wildcards) if (position < best && overlaps(`*${suffix}`, host)) best = position;
  return best;
}

function lower(map: Map<string, number>, key: string, position: number): void {
  const known = map.get(key);
  if (known === undefined || position < known) map.set(key, position);
}

/** `.b.c` and `.c` of `a.b.c`; `.b.c` and `.c` of `*.b.c`. */
export function* suffixes(name: string): Generator<string> {
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) yield name.slice(dot);
}
