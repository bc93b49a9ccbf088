// Istio's EnvoyFilter: patches for what Envoy is told. Read and checked but for the patches' values, which are Envoy's own
// messages, and not applied. Follows istio/api networking/v1alpha3/envoy_filter.proto.
import { z } from 'zod';
import { TargetReference } from './authorization-policy.ts';
import { fields, int32, list, oneOf, type Readable, text, textMap, uint32 } from './field.ts';
import { WorkloadSelector } from './metadata.ts';

const APPLY_TO = [
  'INVALID',
  'LISTENER',
  'FILTER_CHAIN',
  'NETWORK_FILTER',
  'HTTP_FILTER',
  'ROUTE_CONFIGURATION',
  'VIRTUAL_HOST',
  'HTTP_ROUTE',
  'CLUSTER',
  'EXTENSION_CONFIG',
  'BOOTSTRAP',
  'LISTENER_FILTER',
] as const;

const OPERATIONS = [
  'INVALID',
  'MERGE',
  'ADD',
  'REMOVE',
  'INSERT_BEFORE',
  'INSERT_AFTER',
  'INSERT_FIRST',
  'REPLACE',
] as const;

const FilterMatch = fields({
  name: text().optional(),
  subFilter: fields({ name: text().optional() }).optional(),
});

const ListenerMatch = fields({
  portNumber: uint32().optional(),
  portName: text().optional(),
  filterChain: fields({
    name: text().optional(),
    sni: text().optional(),
    transportProtocol: text().optional(),
    applicationProtocols: text().optional(),
    filter: FilterMatch.optional(),
    destinationPort: uint32().optional(),
  }).optional(),
  listenerFilter: text().optional(),
  name: text().optional(),
});

const RouteConfigurationMatch = fields({
  portNumber: uint32().optional(),
  portName: text().optional(),
  gateway: text().optional(),
  vhost: fields({
    name: text().optional(),
    domainName: text().optional(),
    route: fields({
      name: text().optional(),
      action: oneOf(['ANY', 'ROUTE', 'REDIRECT', 'DIRECT_RESPONSE']).optional(),
    }).optional(),
  }).optional(),
  name: text().optional(),
});

const ObjectMatch = fields({
  context: oneOf(['ANY', 'SIDECAR_INBOUND', 'SIDECAR_OUTBOUND', 'GATEWAY', 'WAYPOINT']).optional(),
  proxy: fields({ proxyVersion: text().optional(), metadata: textMap().optional() }).optional(),
  listener: ListenerMatch.optional(),
  routeConfiguration: RouteConfigurationMatch.optional(),
  cluster: fields({
    portNumber: uint32().optional(),
    service: text().optional(),
    subset: text().optional(),
    name: text().optional(),
  }).optional(),
  waypoint: fields({
    filter: FilterMatch.optional(),
    portNumber: uint32().optional(),
    route: fields({ name: text().optional() }).optional(),
  }).optional(),
});

export const EnvoyFilterSpec = fields({
  workloadSelector: WorkloadSelector.optional(),
  targetRefs: list(TargetReference).optional(),
  configPatches: list(
    fields({
      applyTo: oneOf(APPLY_TO).optional(),
      match: ObjectMatch.optional(),
      patch: fields({
        operation: oneOf(OPERATIONS).optional(),
        value: z.record(z.string(), z.unknown()).optional(),
        filterClass: oneOf(['UNSPECIFIED', 'AUTHN', 'AUTHZ', 'STATS']).optional(),
      }).optional(),
    }),
  ).optional(),
  priority: int32().optional(),
});

export type EnvoyFilterSpec = Readable<z.infer<typeof EnvoyFilterSpec>>;
