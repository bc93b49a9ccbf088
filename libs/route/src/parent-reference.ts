// Which listeners a route of the Gateway API is attached to: named by it, of a fitting kind, and allowing it.
import type { FieldPath, KubernetesListener, ParentReference, TCPRoute, TLSRoute } from '@sluice/resource';
import { addHost, firstHost, type HostIndex, newHostIndex } from './host-index.ts';
import type { EdgeGateway } from './model.ts';

/** One listener as a gateway. */
export interface ListenerGateway extends EdgeGateway {
  readonly listener: KubernetesListener;
}

type Refuse = (path: FieldPath, message: string) => void;

const GROUP = 'gateway.networking.k8s.io';
/** Kubernetes gives every namespace its own name as a label; other labels of namespaces are not known here. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** Each listener once, in the order of parentRefs; a parent that takes none of the route is complained about. */
export function attachments(
  route: TCPRoute | TLSRoute,
  gateways: ReadonlyMap<string, readonly ListenerGateway[]>,
  refuse: Refuse,
): readonly ListenerGateway[] {
  const attached = new Set<ListenerGateway>();
  const hosts = newHostIndex();
  for (const host of hostnamesOf(route)) addHost(hosts, host.toLowerCase(), 0);
  (route.spec.parentRefs ?? []).forEach((parent, index) => {
    const path = `spec.parentRefs[${index}]`;
    if ((parent.kind ?? 'Gateway') !== 'Gateway' || (parent.group ?? GROUP) !== GROUP) {
      refuse(path, `route is not accepted: parent ${parent.name} is no Gateway`);
      return;
    }
    const id = `${parent.namespace ?? route.metadata.namespace}/${parent.name}`;
    const listeners = gateways.get(id);
    if (listeners === undefined) {
      refuse(path, `route is not accepted: Gateway ${id} is not found`);
      return;
    }
    const named = listeners.filter((one) => isNamed(one.listener, parent));
    const taking = named.filter((one) => refusal(one, route, hosts) === undefined);
    for (const one of taking) attached.add(one);
    if (named.length === 0)
      refuse(path, `route is not accepted: no listener of Gateway ${id} fits sectionName and port`);
    else if (taking.length === 0)
      refuse(path, `route is not accepted by Gateway ${id}: ${refusal(named[0]!, route, hosts)!()}`);
  });
  return [...attached];
}

function isNamed(listener: KubernetesListener, { sectionName, port }: ParentReference): boolean {
  return (!sectionName || listener.name === sectionName) && (port === undefined || listener.port === port);
}

/** Why a listener does not take a route; undefined if it does. Said when asked: of thousands of listeners one is told. */
function refusal(
  { listener, namespace }: ListenerGateway,
  route: TCPRoute | TLSRoute,
  hosts: HostIndex,
): (() => string) | undefined {
  const kinds = listener.allowedRoutes?.kinds;
  const endsTls = listener.protocol === 'TLS' && listener.tls?.mode !== 'Passthrough';
  const fitting = route.kind === 'TCPRoute' ? listener.protocol === 'TCP' || endsTls : isPassthrough(listener);
  if (!fitting)
    return () =>
      `listener ${listener.name} is ${listener.protocol}${endsTls ? ' that is ended here' : ''} and takes no ${route.kind}`;
  if (
    kinds !== undefined &&
    kinds.length > 0 &&
    !kinds.some(({ kind, group = GROUP }) => kind === route.kind && group === GROUP)
  )
    return () => `listener ${listener.name} allows no ${route.kind}`;
  if (!allowsNamespace(listener, namespace, route.metadata.namespace))
    return () => `listener ${listener.name} allows no routes of namespace ${route.metadata.namespace}`;
  if (!sharesName(listener, hosts))
    return () => `listener ${listener.name} is for ${listener.hostname}, the route for ${some(hostnamesOf(route))}`;
  return undefined;
}

function hostnamesOf(route: TCPRoute | TLSRoute): readonly string[] {
  return route.kind === 'TLSRoute' ? (route.spec.hostnames ?? []) : [];
}

/** Host names that a message names. */
const MAX_LISTED = 5;

function some(names: readonly string[]): string {
  return (
    names.slice(0, MAX_LISTED).join(', ') + (names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : '')
  );
}

function isPassthrough({ protocol, tls }: KubernetesListener): boolean {
  return protocol === 'TLS' && tls?.mode === 'Passthrough';
}

/** Without a name the listener, or the route, is for all. */
function sharesName({ hostname }: KubernetesListener, hosts: HostIndex): boolean {
  return !hostname || hosts.lowest !== 0 || firstHost(hosts, hostname.toLowerCase()) >= 0;
}

function allowsNamespace({ allowedRoutes }: KubernetesListener, own: string, namespace: string): boolean {
  const { from = 'Same', selector } = allowedRoutes?.namespaces ?? {};
  if (from === 'All') return true;
  if (from === 'Same') return namespace === own;
  if (from === 'None' || selector === undefined) return false;
  const labels: Readonly<Record<string, string>> = { [NAMESPACE_NAME_LABEL]: namespace };
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      if (operator === 'In') return value !== undefined && values.includes(value);
      return value === undefined || !values.includes(value);
    })
  );
}
