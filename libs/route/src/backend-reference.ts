// What the backendRefs of a route lead to, and whether a ReferenceGrant lets them leave the route's namespace.
import {
  type BackendReference,
  type FieldPath,
  type ReferenceGrant,
  serviceHost,
  type TCPRoute,
  type TLSRoute,
} from '@sluice/resource';
import type { RouteDestination } from './model.ts';

/** `FROM-KIND FROM-NAMESPACE TO-NAMESPACE TO-GROUP TO-KIND NAME`, with an empty name for all. */
export type GrantIndex = ReadonlySet<string>;

const GROUP = 'gateway.networking.k8s.io';

export function indexGrants(grants: Iterable<ReferenceGrant>): GrantIndex {
  const index = new Set<string>();
  for (const { metadata, spec } of grants)
    for (const from of spec.from)
      for (const to of spec.to)
        if (from.group === GROUP)
          index.add(`${from.kind} ${from.namespace} ${metadata.namespace} ${to.group} ${to.kind} ${to.name ?? ''}`);
  return index;
}

interface Referrer {
  readonly kind: string;
  readonly namespace: string;
}

/** Whether one kind of the Gateway API may refer to something in another namespace. */
export function isGranted(
  grants: GrantIndex,
  from: Referrer,
  to: Referrer & { readonly group: string; readonly name: string },
): boolean {
  const prefix = `${from.kind} ${from.namespace} ${to.namespace} ${to.group} ${to.kind} `;
  return grants.has(prefix) || grants.has(prefix + to.name);
}

/**
 * Destinations of a rule. A reference that is refused keeps its weight and leads nowhere: its share of connections fails,
 * as the Gateway API asks.
 */
export function readBackends(
  references: readonly BackendReference[],
  route: TCPRoute | TLSRoute,
  grants: GrantIndex,
  refuse: (path: FieldPath, message: string) => void,
): readonly RouteDestination[] {
  return references.map((reference, index): RouteDestination => {
    const path = `backendRefs[${index}]`;
    const weight = reference.weight ?? 1;
    const refused = refusal(reference, route, grants);
    if (refused !== undefined) refuse(path, `backend ${reference.name} is refused: ${refused}`);
    // A route with one destination ignores its weight, but a backend of weight 0 takes nothing.
    const unused = references.length === 1 && weight === 0;
    const host = refused !== undefined || unused ? '' : hostOf(reference, route.metadata.namespace);
    return { path, host, subset: '', port: reference.port, weight };
  });
}

function refusal(
  { group = '', kind = 'Service', name, namespace, port }: BackendReference,
  route: TCPRoute | TLSRoute,
  grants: GrantIndex,
): string | undefined {
  const isService = group === '' && kind === 'Service';
  if (!isService && !(group === 'networking.istio.io' && kind === 'Hostname')) return `${kind} is not a Service`;
  if (port === undefined) return 'it has no port';
  const target = namespace ?? route.metadata.namespace;
  if (target === route.metadata.namespace) return undefined;
  const from = { kind: route.kind, namespace: route.metadata.namespace };
  if (isGranted(grants, from, { group, kind, name, namespace: target })) return undefined;
  return `no ReferenceGrant in namespace ${target} allows ${route.kind} of namespace ${route.metadata.namespace}`;
}

function hostOf({ kind = 'Service', name, namespace }: BackendReference, own: string): string {
  return kind === 'Hostname' ? name.toLowerCase() : serviceHost(name, namespace ?? own);
}
