// All resources of a version, arranged for one acceptor: gateways in force and routes visible to it, both in order.
import type { Kind, Resource } from '@sluice/resource';
import { type Backends, indexBackends } from './backend.ts';
import type { Complaints } from './complaint-book.ts';
import { type DestinationRules, indexDestinationRules } from './destination-rules.ts';
import { readGatewayApi } from './gateway-api.ts';
import { readGateway } from './istio-gateway.ts';
import { readVirtualService } from './istio-virtual-service.ts';
import { selects } from './label.ts';
import type { EdgeGateway, RouteSource } from './model.ts';
import type { Setting } from './options.ts';
import { byPrecedence } from './order.ts';
import { isVisible, visibilityOf } from './visibility.ts';
import { indexWorkloads, type Workloads } from './workload.ts';

/** Resources by kind. */
export type ByKind = { readonly [K in Kind]: readonly Extract<Resource, { kind: K }>[] };

export interface Catalog {
  readonly byKind: ByKind;
  /** Those this acceptor serves. */
  readonly gateways: readonly EdgeGateway[];
  /** Those it sees, in the order in which they are tried. */
  readonly routes: readonly RouteSource[];
  /** Those it does not see, with a gateway of its own. */
  readonly hidden: readonly RouteSource[];
  readonly backends: Backends;
  readonly rules: DestinationRules;
  readonly workloads: Workloads;
}

export function groupByKind(resources: Iterable<Resource>): ByKind {
  const groups: Record<Kind, Resource[]> = {
    Gateway: [],
    VirtualService: [],
    DestinationRule: [],
    ServiceEntry: [],
    WorkloadEntry: [],
    AuthorizationPolicy: [],
    Service: [],
    EndpointSlice: [],
    Secret: [],
    KubernetesGateway: [],
    TCPRoute: [],
    TLSRoute: [],
    ReferenceGrant: [],
    GatewayClass: [],
  };
  for (const resource of resources) groups[resource.kind].push(resource);
  return groups as unknown as ByKind;
}

/** Arranges resources, given in any order. Complaints are about what cannot be read in full. */
export function buildCatalog(byKind: ByKind, setting: Setting, complaints: Complaints): Catalog {
  const backends = indexBackends(
    { services: byKind.Service, entries: byKind.ServiceEntry, slices: byKind.EndpointSlice },
    setting,
  );
  const kubernetes = readGatewayApi(byKind, complaints);
  const gateways: EdgeGateway[] = [];
  for (const resource of byPrecedence([...byKind.Gateway, ...byKind.KubernetesGateway], setting)) {
    if (resource.kind === 'KubernetesGateway') gateways.push(...(kubernetes.gateways.get(resource) ?? []));
    else if (selects(resource.spec.selector, setting.labels)) gateways.push(readGateway(resource));
  }
  const known = new Set(gateways.map((gateway) => gateway.reference));
  const steps: [RouteSource[], RouteSource[], RouteSource[]] = [[], [], []];
  const hidden: RouteSource[] = [];
  for (const resource of byPrecedence([...byKind.VirtualService, ...byKind.TCPRoute, ...byKind.TLSRoute], setting)) {
    if (resource.kind !== 'VirtualService') {
      const source = kubernetes.routes.get(resource);
      if (source !== undefined) steps[2].push(source);
      continue;
    }
    const source = readVirtualService(resource, complaints);
    const step = visibilityStep(resource.spec.exportTo, source.namespace, setting.namespace);
    if (step !== undefined) steps[step].push(source);
    else if (source.gateways.some((reference) => known.has(reference))) hidden.push(source);
  }
  return {
    byKind,
    gateways,
    routes: steps.flat(),
    hidden,
    backends,
    rules: indexDestinationRules(byKind.DestinationRule, setting),
    workloads: indexWorkloads(byKind.WorkloadEntry),
  };
}

/** Istio tries what is private to the acceptor's namespace, then what is exported to it, then what is public. */
export function visibilityStep(
  exportTo: readonly string[] | undefined,
  namespace: string,
  acceptor: string,
): 0 | 1 | 2 | undefined {
  const visibility = visibilityOf(exportTo, namespace);
  if (!isVisible(visibility, acceptor)) return undefined;
  if (visibility.has('*')) return 2;
  return namespace === acceptor ? 0 : 1;
}
