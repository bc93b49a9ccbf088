// Istio's and Kubernetes' resources for L4: read from YAML or JSON, checked, and kept in a normal form.
// Pure: no files, no clock. What resources mean together is libs/route's.

export type {
  AuthorizationCondition,
  AuthorizationOperation,
  AuthorizationPolicySpec,
  AuthorizationRule,
  AuthorizationSource,
} from './authorization-policy.ts';
export { BoundedComplaints, boundComplaints, countComplaints } from './bounded-complaints.ts';
export { canonicalJson, digestOf } from './canonical.ts';
export { CODES, type Code, type CodeRow } from './codes.ts';
export { type Decoded, decodeResource } from './decode.ts';
export type { Destination } from './destination.ts';
export type { DestinationRuleSpec, Subset } from './destination-rule.ts';
export { parseDurationMs } from './duration.ts';
export type { EndpointSliceSpec } from './endpoint-slice.ts';
export { type FieldKeys, type FieldPath, fieldAt, formatFieldPath, parseFieldPath } from './field-path.ts';
export type { GatewayServer, GatewaySpec, ServerTls } from './gateway.ts';
export type {
  BackendReference,
  GatewayClassSpec,
  KubernetesGatewaySpec,
  KubernetesListener,
  ParentReference,
  ReferenceGrantSpec,
  TCPRouteSpec,
  TLSRouteSpec,
} from './gateway-api.ts';
export { hostCovers, hostsOverlap } from './host-index.ts';
export type { HttpRoute } from './http-route.ts';
export {
  type Complaint,
  complain,
  type Issue,
  type Level,
  type Position,
  type Report,
  type ResourceKey,
} from './issue.ts';
export { MAX_FILE_CHARACTERS, MAX_ISSUES, MAX_TOTAL_CHARACTERS } from './limits.ts';
export { isSecretField, masked, maskedValue } from './masked.ts';
export type { Metadata } from './metadata.ts';
export {
  CLUSTER_DOMAIN,
  parseScopedHost,
  resolveGateway,
  resolveHost,
  type ScopedHost,
  serviceHost,
} from './names.ts';
export type { SourceFile } from './origin.ts';
export { locateIssue, type ParsedSet, parseResources } from './parse.ts';
export { type ProtocolFamily, protocolFamily } from './protocol.ts';
export {
  type AuthorizationPolicy,
  type DestinationRule,
  type EndpointSlice,
  type Gateway,
  type GatewayClass,
  type IgnoredResource,
  type Kind,
  type KubernetesGateway,
  keyOf,
  type ReferenceGrant,
  type Resource,
  type Secret,
  type Service,
  type ServiceEntry,
  type TCPRoute,
  type TLSRoute,
  type VirtualService,
  type WorkloadEntry,
} from './resource.ts';
export type { SecretSpec } from './secret.ts';
export { usableCipherSuites } from './server-tls-rules.ts';
export type { ServiceSpec } from './service.ts';
export type { ServiceEntryPort, ServiceEntrySpec } from './service-entry.ts';
export type {
  ClientTls,
  ConnectionPool,
  LoadBalancer,
  OutlierDetection,
  PortTrafficPolicy,
  TrafficPolicy,
} from './traffic-policy.ts';
export type {
  RouteDestination,
  TcpMatch,
  TcpRoute,
  TlsMatch,
  TlsRoute,
  VirtualServiceSpec,
} from './virtual-service.ts';
export type { WorkloadEntrySpec } from './workload-entry.ts';
