// The normal form of a resource: plain JSON data that can be hashed, stored in a log and read again.
import type { AuthorizationPolicySpec } from './authorization-policy.ts';
import type { DestinationRuleSpec } from './destination-rule.ts';
import type { EndpointSliceSpec } from './endpoint-slice.ts';
import type { GatewaySpec } from './gateway.ts';
import type {
  GatewayClassSpec,
  KubernetesGatewaySpec,
  ReferenceGrantSpec,
  TCPRouteSpec,
  TLSRouteSpec,
} from './gateway-api.ts';
import type { ResourceKey } from './issue.ts';
import type { Metadata } from './metadata.ts';
import type { SecretSpec } from './secret.ts';
import type { ServiceSpec } from './service.ts';
import type { ServiceEntrySpec } from './service-entry.ts';
import type { VirtualServiceSpec } from './virtual-service.ts';
import type { WorkloadEntrySpec } from './workload-entry.ts';

interface Normal<Kind extends string, Spec> {
  /** The canonical one of the kind, such as `networking.istio.io/v1`. */
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: Metadata;
  /**
   * As the manifest has it, without defaults filled in and without nulls. Secret and EndpointSlice, whose manifests have no
   * spec, keep their fields here.
   */
  readonly spec: Spec;
}

export type Gateway = Normal<'Gateway', GatewaySpec>;
export type VirtualService = Normal<'VirtualService', VirtualServiceSpec>;
export type DestinationRule = Normal<'DestinationRule', DestinationRuleSpec>;
export type ServiceEntry = Normal<'ServiceEntry', ServiceEntrySpec>;
export type WorkloadEntry = Normal<'WorkloadEntry', WorkloadEntrySpec>;
export type AuthorizationPolicy = Normal<'AuthorizationPolicy', AuthorizationPolicySpec>;
export type Service = Normal<'Service', ServiceSpec>;
export type EndpointSlice = Normal<'EndpointSlice', EndpointSliceSpec>;
export type Secret = Normal<'Secret', SecretSpec>;
/** The Gateway API's Gateway; a manifest writes `kind: Gateway` with its apiVersion. */
export type KubernetesGateway = Normal<'KubernetesGateway', KubernetesGatewaySpec>;
export type TCPRoute = Normal<'TCPRoute', TCPRouteSpec>;
export type TLSRoute = Normal<'TLSRoute', TLSRouteSpec>;
export type ReferenceGrant = Normal<'ReferenceGrant', ReferenceGrantSpec>;
export type GatewayClass = Normal<'GatewayClass', GatewayClassSpec>;

/** A resource that Sluice applies, told apart by `kind`. */
export type Resource =
  | Gateway
  | VirtualService
  | DestinationRule
  | ServiceEntry
  | WorkloadEntry
  | AuthorizationPolicy
  | Service
  | EndpointSlice
  | Secret
  | KubernetesGateway
  | TCPRoute
  | TLSRoute
  | ReferenceGrant
  | GatewayClass;

export type Kind = Resource['kind'];

/** A resource that Sluice accepts and does not apply: its manifest as plain data. */
export interface IgnoredResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** The key of a resource in a set, a log or a complaint: `Kind/namespace/name`, namespace empty if cluster-scoped. */
export function keyOf(resource: { readonly kind: string; readonly metadata: Metadata }): ResourceKey {
  return `${resource.kind}/${resource.metadata.namespace}/${resource.metadata.name}`;
}
