// What a destination's host stands for: the Services and ServiceEntries of that name, and which of them an acceptor sees.
import { type EndpointSlice, type Service, type ServiceEntry, serviceHost } from '@sluice/resource';
import type { Setting } from './options.ts';
import { byPrecedence } from './order.ts';
import { isVisible, type Visibility, visibilityOf, visibilityOfService } from './visibility.ts';

/** A port of a host that takes TCP connections. */
export interface BackendPort {
  readonly number: number;
  readonly name: string;
}

/** One resource that gives a host its ports and endpoints. */
export type Provider =
  | { readonly kind: 'Service'; readonly service: Service; readonly slices: readonly EndpointSlice[] }
  | { readonly kind: 'ServiceEntry'; readonly entry: ServiceEntry };

/** All providers of one host in one namespace. */
export interface Backend {
  readonly host: string;
  readonly namespace: string;
  readonly visibility: Visibility;
  /** By number, in order of the providers. */
  readonly ports: Map<number, BackendPort>;
  readonly providers: Provider[];
}

export type Backends = ReadonlyMap<string, readonly Backend[]>;

interface Sources {
  readonly services: Iterable<Service>;
  readonly entries: Iterable<ServiceEntry>;
  readonly slices: Iterable<EndpointSlice>;
}

/** Kubernetes' label that ties an EndpointSlice to its Service. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** Every host with its backends, Services before ServiceEntries, then in order of precedence. */
export function indexBackends(sources: Sources, setting: Setting): Backends {
  const slices = slicesByService(sources.slices);
  const backends = new Map<string, Backend[]>();
  const byPlace = new Map<string, Backend>();
  const add = (
    host: string,
    namespace: string,
    visibility: Visibility,
    ports: Iterable<BackendPort>,
    provider: Provider,
  ) => {
    const place = `${namespace}/${host}`;
    let backend = byPlace.get(place);
    if (backend === undefined) {
      backend = { host, namespace, visibility, ports: new Map(), providers: [] };
      byPlace.set(place, backend);
      if (backends.has(host)) backends.get(host)!.push(backend);
      else backends.set(host, [backend]);
    }
    backend.providers.push(provider);
    for (const port of ports) if (!backend.ports.has(port.number)) backend.ports.set(port.number, port);
  };
  for (const service of byPrecedence(sources.services, setting)) {
    const { name, namespace, annotations } = service.metadata;
    const ports = (service.spec.ports ?? [])
      .filter((port) => (port.protocol ?? 'TCP') === 'TCP')
      .map((port) => ({ number: port.port, name: port.name ?? '' }));
    add(serviceHost(name, namespace), namespace, visibilityOfService(annotations, namespace), ports, {
      kind: 'Service',
      service,
      slices: slices.get(`${namespace}/${name}`) ?? [],
    });
  }
  for (const entry of byPrecedence(sources.entries, setting)) {
    const { namespace } = entry.metadata;
    const visibility = visibilityOf(entry.spec.exportTo, namespace);
    const ports = (entry.spec.ports ?? []).filter((port) => port.protocol?.toUpperCase() !== 'UDP');
    for (const host of new Set(entry.spec.hosts.map((name) => name.toLowerCase())))
      add(host, namespace, visibility, ports, { kind: 'ServiceEntry', entry });
  }
  return backends;
}

function slicesByService(slices: Iterable<EndpointSlice>): ReadonlyMap<string, readonly EndpointSlice[]> {
  const byService = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const name = slice.metadata.labels[SERVICE_NAME_LABEL];
    if (name === undefined) continue;
    const key = `${slice.metadata.namespace}/${name}`;
    if (byService.has(key)) byService.get(key)!.push(slice);
    else byService.set(key, [slice]);
  }
  return byService;
}

/** The backend an acceptor of the namespace sees under a host: its own namespace's first, else the first visible one. */
export function findBackend(backends: Backends, host: string, namespace: string): Backend | undefined {
  let first: Backend | undefined;
  for (const backend of backends.get(host) ?? []) {
    if (!isVisible(backend.visibility, namespace)) continue;
    if (backend.namespace === namespace) return backend;
    first ??= backend;
  }
  return first;
}

/** Namespaces whose definitions of the host the acceptor sees as well, and does not follow. */
export function namespacesPassedOver(backends: Backends, followed: Backend, namespace: string): readonly string[] {
  return (backends.get(followed.host) ?? [])
    .filter((one) => one !== followed && isVisible(one.visibility, namespace))
    .map((one) => one.namespace);
}

/** An ExternalName Service that lists no ports is another name for a host, whatever the port. */
export function leadsToAnyPort({ spec }: Service): boolean {
  return spec.type === 'ExternalName' && !!spec.externalName && (spec.ports ?? []).length === 0;
}

/** Whether a host is known to take no TCP connections at a port: it has no TCP ports, or has this one for another protocol. */
export function lacksPort(backend: Backend, number: number): boolean {
  if (backend.ports.has(number)) return false;
  const { leadsAnywhere, written } = writtenPorts(backend);
  return !leadsAnywhere && (backend.ports.size === 0 || written.has(number));
}

interface WrittenPorts {
  readonly leadsAnywhere: boolean;
  /** Of any protocol. */
  readonly written: ReadonlySet<number>;
}

/** Of thousands of resources with one host, asked for by each of thousands of clusters. */
const known = new WeakMap<Backend, WrittenPorts>();

function writtenPorts(backend: Backend): WrittenPorts {
  let ports = known.get(backend);
  if (ports === undefined) known.set(backend, (ports = readWrittenPorts(backend)));
  return ports;
}

function readWrittenPorts({ providers }: Backend): WrittenPorts {
  const written = new Set<number>();
  for (const one of providers) {
    if (one.kind === 'Service') for (const { port } of one.service.spec.ports ?? []) written.add(port);
    else for (const { number } of one.entry.spec.ports ?? []) written.add(number);
  }
  return { leadsAnywhere: providers.some((one) => one.kind === 'Service' && leadsToAnyPort(one.service)), written };
}

/** Istio's rule for a destination without a port: the only one of its host. */
export function onlyPort(backend: Backend | undefined): number | undefined {
  if (backend === undefined || backend.ports.size !== 1) return undefined;
  return backend.ports.keys().next().value;
}
