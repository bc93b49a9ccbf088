// Istio's name resolution: short host names, gateway references, namespaced hosts. Pure text, no look-up of resources.

/** The domain under which Kubernetes services are named when a reference is short. */
export const CLUSTER_DOMAIN = 'cluster.local';

/**
 * The full name of a host in a resource of `namespace` (Istio: `model.ResolveShortnameToFQDN`): a name without a dot is a
 * service of that namespace, everything else stays as it is, in lower case. `*` and IP addresses stay too.
 */
export function resolveHost(host: string, namespace: string): string {
  const name = host.toLowerCase();
  if (name === '' || name.startsWith('*') || name.includes('.') || name.includes(':')) return name;
  return serviceHost(name, namespace);
}

/** The full name of a Kubernetes service. */
export function serviceHost(name: string, namespace: string): string {
  return `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
}

/**
 * What a VirtualService's gateway reference means in a resource of `namespace` (Istio: `resolveGatewayName`):
 * `mesh` or `namespace/name`. Forms: `name`, `./name`, `ns/name`, and the legacy `name.ns` with or without
 * `.svc.cluster.local`.
 */
export function resolveGateway(reference: string, namespace: string): string {
  if (reference === 'mesh') return reference;
  const slash = reference.indexOf('/');
  if (slash >= 0) {
    const scope = reference.slice(0, slash);
    return `${scope === '.' ? namespace : scope}/${reference.slice(slash + 1)}`;
  }
  const [name, legacyNamespace] = reference.split('.', 2);
  return legacyNamespace === undefined || legacyNamespace === ''
    ? `${namespace}/${name}`
    : `${legacyNamespace}/${name}`;
}

/** A host of a Gateway's server or a Sidecar, split into scope (`*` where none is written) and DNS name. */
export interface ScopedHost {
  readonly namespace: string;
  readonly host: string;
}

/** Splits `host`, `ns/host`, `./host` (`.` becomes the given namespace) or a host of every namespace. */
export function parseScopedHost(text: string, namespace: string): ScopedHost {
  const slash = text.indexOf('/');
  if (slash < 0) return { namespace: '*', host: text.toLowerCase() };
  const scope = text.slice(0, slash);
  return { namespace: scope === '.' ? namespace : scope, host: text.slice(slash + 1).toLowerCase() };
}
