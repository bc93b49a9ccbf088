// Host names with wildcards, compared as Istio does (pkg/config/host: Matches, SubsetOf), for many hosts at once.
// A wildcard stands for any text before its suffix: `*.foo.com` covers `a.b.foo.com`, not `foo.com`; `*` covers all.

const isWildcard = (host: string) => host.startsWith('*');
const suffixOf = (host: string) => (isWildcard(host) ? host.slice(1) : host);

/** Whether some name fits both hosts (symmetric). */
export function hostsOverlap(a: string, b: string): boolean {
  return hostCovers(a, b) || hostCovers(b, a);
}

/** Whether every name that fits `host` fits `cover` too. */
export function hostCovers(cover: string, host: string): boolean {
  if (!isWildcard(cover)) return cover === host;
  if (isWildcard(host) && host.length < cover.length) return false;
  return suffixOf(host).endsWith(cover.slice(1));
}

/** A set of hosts that can be asked without looking at each. */
export interface HostIndex {
  /** A position in the list of hosts of one that covers `host`, other than the position `except`; -1 if none does. */
  covering(host: string, except?: number): number;
}

/** Builds an index; asking it costs as many steps as the wildcards have different lengths. */
export function indexHosts(hosts: readonly string[]): HostIndex {
  const exact = new Map<string, number>();
  const wildcards = new Map<string, number>();
  for (const [i, host] of hosts.entries()) {
    const map = isWildcard(host) ? wildcards : exact;
    const key = suffixOf(host);
    if (!map.has(key)) map.set(key, i);
  }
  const lengths = [...new Set([...wildcards.keys()].map((suffix) => suffix.length))].sort((a, b) => b - a);
  return {
    covering(host, except = -1) {
      const same = (isWildcard(host) ? wildcards : exact).get(suffixOf(host));
      if (same !== undefined && same !== except) return same;
      const text = suffixOf(host);
      for (const length of lengths) {
        if (length > text.length) continue;
        const found = wildcards.get(text.slice(text.length - length));
        if (found !== undefined && found !== except) return found;
      }
      return -1;
    },
  };
}

/** Pairs of positions of hosts that overlap, the earlier one first; one pair at most for each host. */
export function overlappingHosts(hosts: readonly string[]): readonly (readonly [number, number])[] {
  const index = indexHosts(hosts);
  const pairs: [number, number][] = [];
  for (const [i, host] of hosts.entries()) {
    const other = index.covering(host, i);
    if (other >= 0) pairs.push(other < i ? [other, i] : [i, other]);
  }
  return pairs;
}
