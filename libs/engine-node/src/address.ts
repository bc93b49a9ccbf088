// Unix addresses as Istio writes them, turned into what Node's net takes. Pure.

/** `unix:///run/x.sock` -> `/run/x.sock`; `unix://@name` -> an abstract name (unix(7): a leading NUL byte). */
export function unixPath(address: string): string | null {
  if (!address.startsWith('unix://')) return null;
  const rest = address.slice('unix://'.length);
  return rest.startsWith('@') ? `\0${rest.slice(1)}` : rest;
}
