// What `bench publish` publishes: an edge of many teams, five resources a service, and changes of one resource each, in
// the mix in which they come: endpoints most, then weights and policies, then services that come and go.
import { keyOf, type Resource } from '@sluice/resource';

const API = 'networking.istio.io/v1';
const GATEWAYS = 4;
const TEAMS = 50;
/** Services with a TCP port of their own; the others are told apart by server name. */
const TCP_PORTS = 20;

type Loose = Record<string, unknown>;

function resource(apiVersion: string, kind: string, namespace: string, name: string, spec: Loose, labels: Loose = {}) {
  return { apiVersion, kind, metadata: { name, namespace, labels, annotations: {} }, spec } as unknown as Resource;
}

export function gateways(): Resource[] {
  return Array.from({ length: GATEWAYS }, (_, g) => {
    const tls = {
      port: { number: 8443 + g, name: 'tls', protocol: 'TLS' },
      hosts: ['*/*'],
      tls: { mode: 'PASSTHROUGH' },
    };
    const tcp = Array.from({ length: TCP_PORTS / GATEWAYS }, (_, i) => ({
      port: { number: 31_000 + g * 10 + i, name: `tcp-${i}`, protocol: 'TCP' },
      hosts: ['*/*'],
    }));
    return resource(API, 'Gateway', 'edge', `edge-${g}`, {
      selector: { istio: 'ingressgateway' },
      servers: [tls, ...tcp],
    });
  });
}

/** Service, DestinationRule, two WorkloadEntries and a VirtualService. */
export function service(i: number): Resource[] {
  const rule = { host: nameOf(i), trafficPolicy: policy(1000), subsets: ['v1', 'v2'].map(subset) };
  const ports = [{ port: 443, name: 'tls', targetPort: 8443 }];
  return [
    resource('v1', 'Service', teamOf(i), nameOf(i), { selector: { app: nameOf(i) }, ports }),
    resource(API, 'DestinationRule', teamOf(i), nameOf(i), rule),
    endpoint(i, 0, 1),
    endpoint(i, 1, 1),
    route(i, 90),
  ];
}

function subset(version: string) {
  return { name: version, labels: { version } };
}

function policy(maxConnections: number) {
  return { connectionPool: { tcp: { maxConnections, connectTimeout: '2s' } } };
}

function endpoint(i: number, n: number, third: number): Resource {
  const labels = { app: nameOf(i), version: `v${(n % 2) + 1}` };
  const address = `10.${(i >> 8) & 255}.${i & 255}.${third + n}`;
  return resource(API, 'WorkloadEntry', teamOf(i), `${nameOf(i)}-${n}`, { address }, labels);
}

function route(i: number, weight: number): Resource {
  const to = (version: string, share: number) => ({
    destination: { host: nameOf(i), subset: version, port: { number: 443 } },
    weight: share,
  });
  const destinations = [to('v1', weight), to('v2', 100 - weight)];
  const gateway = `edge/edge-${i % GATEWAYS}`;
  const host = `${nameOf(i)}.example.com`;
  const port = 31_000 + (i % GATEWAYS) * 10 + Math.floor(i / GATEWAYS);
  const spec =
    i < TCP_PORTS
      ? { hosts: ['*'], gateways: [gateway], tcp: [{ match: [{ port }], route: destinations }] }
      : { hosts: [host], gateways: [gateway], tls: [{ match: [{ sniHosts: [host] }], route: destinations }] };
  return resource(API, 'VirtualService', teamOf(i), nameOf(i), spec);
}

/** Another server name for a service. */
function alias(i: number): Resource {
  const { spec } = route(i, 50) as unknown as { spec: { tls: { match: unknown }[] } };
  const name = `alias-of-${nameOf(i)}`;
  const tls = spec.tls.map((rule) => ({ ...rule, match: [{ sniHosts: [`${name}.example.com`] }] }));
  return resource(API, 'VirtualService', teamOf(i), name, { ...spec, hosts: [`${name}.example.com`], tls });
}

function nameOf(i: number): string {
  return `svc-${i}`;
}

function teamOf(i: number): string {
  return `team-${i % TEAMS}`;
}

export interface OneChange {
  readonly what: string;
  readonly put: readonly Resource[];
  readonly delete: readonly string[];
}

/** The n-th change of an edge with so many services; each is of one resource. */
export function change(n: number, services: number): OneChange {
  const i = (n * 7919 + 31) % services;
  const put = (what: string, one: Resource) => ({ what, put: [one], delete: [] });
  const round = Math.floor(n / 20);
  switch (n % 20) {
    case 3:
    case 8:
    case 13:
    case 18:
      return put('route: weights', route(i, 10 + (n % 80)));
    case 5:
    case 15:
      return put(
        'policy',
        resource(API, 'DestinationRule', teamOf(i), nameOf(i), {
          host: nameOf(i),
          trafficPolicy: policy(10 + n),
          subsets: ['v1', 'v2'].map(subset),
        }),
      );
    case 10:
      return put(
        'service: port',
        resource('v1', 'Service', teamOf(i), nameOf(i), {
          selector: { app: nameOf(i) },
          ports: [{ port: 443, name: 'tls', targetPort: 9000 + (n % 1000) }],
        }),
      );
    case 1:
      return put('service: new', service(services + round)[0]!);
    case 11:
      return put('route: new', alias(services - 1 - round));
    case 19:
      return { what: 'route: gone', put: [], delete: [keyOf(alias(services - 1 - round))] };
    default:
      return put('endpoint', endpoint(i, n % 3, 1 + (n % 250)));
  }
}
