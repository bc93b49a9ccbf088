// Host names with wildcards, compared as Istio does (`pkg/config/host/name.go`). `*` stands for any text at the start.

/** Whether some name fits both: symmetric; `*.a.com` does not overlap `a.com`; `*` overlaps everything. */
export function overlaps(a: string, b: string): boolean {
  if (a.startsWith('*')) {
    if (!b.startsWith('*')) return b.endsWith(a.slice(1));
    return a.length < b.length ? b.endsWith(a.slice(1)) : a.endsWith(b.slice(1));
  }
  return b.startsWith('*') ? a.endsWith(b.slice(1)) : a === b;
}

/** Whether every name that fits `a` fits `b` too. */
export function isSubsetOf(a: string, b: string): boolean {
  if (!b.startsWith('*')) return a === b;
  if (a.startsWith('*') && a.length < b.length) return false;
  return (a.startsWith('*') ? a.slice(1) : a).endsWith(b.slice(1));
}
