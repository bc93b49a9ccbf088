// The Gateway API's Gateway, TCPRoute and TLSRoute read into the common model: every listener becomes a gateway of its own,
// so that a route can be bound to one listener only.
import {
  complain,
  type GatewayClass,
  type KubernetesGateway,
  type KubernetesListener,
  keyOf,
  type TCPRoute,
  type TLSRoute,
} from '@sluice/resource';
import { ALPN_ANNOTATION, readAlpnAnnotation } from './alpn.ts';
import { type GrantIndex, indexGrants, readBackends } from './backend-reference.ts';
import type { ByKind } from './catalog.ts';
import type { Complaints } from './complaint-book.ts';
import { isSubsetOf } from './host.ts';
import { readListenerTls } from './listener-tls.ts';
import { MAX_MATCH_LOAD } from './match-load.ts';
import type { EdgeGateway, RouteEntry, RouteMatch, RouteSource, Server, ServerKind } from './model.ts';
import { attachments, type ListenerGateway } from './parent-reference.ts';

export interface GatewayApi {
  readonly gateways: ReadonlyMap<KubernetesGateway, readonly EdgeGateway[]>;
  readonly routes: ReadonlyMap<TCPRoute | TLSRoute, RouteSource>;
}

/** Controllers whose classes Sluice serves: its own, and Istio's, whose sets it takes over. */
const CONTROLLERS = new Set(['sluice.io/gateway-controller', 'istio.io/gateway-controller']);

export function readGatewayApi(byKind: ByKind, complaints: Complaints): GatewayApi {
  const classes = new Map(byKind.GatewayClass.map((one) => [one.metadata.name, one]));
  const grants = indexGrants(byKind.ReferenceGrant);
  const gateways = new Map<KubernetesGateway, readonly ListenerGateway[]>();
  const byId = new Map<string, readonly ListenerGateway[]>();
  for (const gateway of byKind.KubernetesGateway) {
    const listeners = isServed(classes.get(gateway.spec.gatewayClassName)) ? readListeners(gateway, grants) : [];
    gateways.set(gateway, listeners);
    byId.set(`${gateway.metadata.namespace}/${gateway.metadata.name}`, listeners);
  }
  const routes = new Map<TCPRoute | TLSRoute, RouteSource>();
  let matches = 0;
  for (const route of [...byKind.TCPRoute, ...byKind.TLSRoute]) {
    const source = readRoute(route, byId, grants, complaints);
    routes.set(route, source);
    for (const { matches: own } of [...source.tcp, ...source.tls])
      for (const { names } of own) matches += Math.max(1, names.length);
    // What is read already is too much to match (SLU3037), and the rest of it would be as large.
    if (matches > MAX_MATCH_LOAD) break;
  }
  return { gateways, routes };
}

/** Without a GatewayClass of the name there is no other controller that could serve the Gateway. */
function isServed(gatewayClass: GatewayClass | undefined): boolean {
  return gatewayClass === undefined || CONTROLLERS.has(gatewayClass.spec.controllerName);
}

function readListeners(resource: KubernetesGateway, grants: GrantIndex): readonly ListenerGateway[] {
  const { namespace, name } = resource.metadata;
  const addresses = (resource.spec.addresses ?? []).filter(
    ({ type = 'IPAddress', value }) => type === 'IPAddress' && value,
  );
  const binds = addresses.length === 0 ? [''] : addresses.map(({ value }) => value!);
  return resource.spec.listeners.map((listener, index): ListenerGateway => {
    const servers: Server[] = [];
    const gateway: ListenerGateway = {
      key: keyOf(resource),
      id: `${namespace}/${name}`,
      reference: `${keyOf(resource)}/${listener.name}`,
      namespace,
      servers,
      listener,
    };
    const ending = listener.protocol === 'TLS' && listener.tls?.mode !== 'Passthrough';
    const how = ending ? readListenerTls(resource, listener, grants) : { kind: serverKind(listener) };
    for (const bind of binds) {
      servers.push({
        gateway,
        path: `spec.listeners[${index}]`,
        port: listener.port,
        bind,
        protocol: listener.protocol,
        hosts: [{ namespace: '*', host: (listener.hostname || '*').toLowerCase() }],
        ...how,
      });
    }
    return gateway;
  });
}

/** Of a listener that does not end TLS. */
function serverKind({ protocol }: KubernetesListener): ServerKind {
  switch (protocol) {
    case 'TCP':
      return 'tcp';
    case 'TLS':
      return 'passthrough';
    case 'HTTP':
      return 'http';
    case 'HTTPS':
      return 'https';
    default:
      return 'udp';
  }
}

function readRoute(
  route: TCPRoute | TLSRoute,
  gateways: ReadonlyMap<string, readonly ListenerGateway[]>,
  grants: GrantIndex,
  complaints: Complaints,
): RouteSource {
  const { namespace, name, annotations } = route.metadata;
  const key = keyOf(route);
  const attached = attachments(route, gateways, (path, message) =>
    complaints.push(complain('SLU3027', key, path, message)),
  );
  const alpn =
    route.kind === 'TLSRoute'
      ? readAlpnAnnotation(annotations, (message) =>
          complaints.push(complain('SLU3010', key, `metadata.annotations["${ALPN_ANNOTATION}"]`, message)),
        )
      : new Map<string, readonly string[]>();
  const hostnames =
    route.kind === 'TLSRoute' ? [...new Set((route.spec.hostnames ?? []).map((host) => host.toLowerCase()))] : [];
  const names = attached.map((listener) => (route.kind === 'TLSRoute' ? commonNames(hostnames, listener) : []));
  const entries = route.spec.rules.map((rule, index): RouteEntry => {
    const path = `spec.rules[${index}]`;
    const protocols = alpn.get(`spec.tls[${index}]`) ?? alpn.get('');
    return {
      name: `${namespace}/${name}/${route.kind.toLowerCase()}[${index}]`,
      path,
      matches: attached.map(
        (listener, at): RouteMatch => ({
          path,
          gateways: [listener.reference],
          names: names[at]!,
          alpn: protocols,
        }),
      ),
      destinations: readBackends(rule.backendRefs, route, grants, (at, message) =>
        complaints.push(complain('SLU3028', key, `${path}.${at}`, message)),
      ),
    };
  });
  return {
    key,
    id: `${namespace}/${name}`,
    namespace,
    hosts: ['*'],
    gateways: attached.map((listener) => listener.reference),
    tcp: route.kind === 'TCPRoute' ? entries : [],
    tls: route.kind === 'TLSRoute' ? entries : [],
    http: false,
  };
}

/** Names that both the route and the listener are for; the more specific of two that overlap. */
export function commonNames(hostnames: readonly string[], { listener }: ListenerGateway): readonly string[] {
  const own = (listener.hostname || '*').toLowerCase();
  if (hostnames.length === 0) return [own];
  if (own === '*') return hostnames;
  const common = new Set<string>();
  for (const host of hostnames) {
    if (isSubsetOf(host, own)) common.add(host);
    else if (isSubsetOf(own, host)) common.add(own);
  }
  return [...common];
}
