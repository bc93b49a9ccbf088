// The table of kinds: which group, versions and schema each has. Says nothing of what a kind means.
import type { z } from 'zod';
import { AuthorizationPolicySpec } from './authorization-policy.ts';
import { DestinationRuleSpec } from './destination-rule.ts';
import { EndpointSliceSpec } from './endpoint-slice.ts';
import { GatewaySpec } from './gateway.ts';
import {
  GatewayClassSpec,
  KubernetesGatewaySpec,
  ReferenceGrantSpec,
  TCPRouteSpec,
  TLSRouteSpec,
} from './gateway-api.ts';
import type { Kind } from './resource.ts';
import { ManifestSecret, normalizeSecret, SecretSpec } from './secret.ts';
import { ServiceSpec } from './service.ts';
import { ServiceEntrySpec } from './service-entry.ts';
import { VirtualServiceSpec } from './virtual-service.ts';
import { WorkloadEntrySpec } from './workload-entry.ts';

export interface KindRow {
  /** In the normal form. */
  readonly kind: Kind;
  /** In a manifest, if another. */
  readonly manifestKind: string;
  readonly group: string;
  /** The canonical one first. */
  readonly versions: readonly string[];
  readonly clusterScoped: boolean;
  /** Schema of `spec` in the normal form. */
  readonly spec: z.ZodType;
  /** Where the manifest keeps these fields at its top: their schema there, and the way to the normal form. */
  readonly flat?: {
    readonly schema: z.ZodObject;
    readonly normalize: (fields: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  };
}

const NETWORKING = { group: 'networking.istio.io', versions: ['v1', 'v1beta1', 'v1alpha3'], clusterScoped: false };
const SECURITY = { group: 'security.istio.io', versions: ['v1', 'v1beta1'], clusterScoped: false };
const CORE = { group: '', versions: ['v1'], clusterScoped: false };
const GATEWAY_API = {
  group: 'gateway.networking.k8s.io',
  versions: ['v1', 'v1beta1', 'v1alpha3', 'v1alpha2'],
  clusterScoped: false,
};

type Row = Omit<KindRow, 'kind' | 'manifestKind'> & { readonly manifestKind?: string };

const ROWS: Readonly<Record<Kind, Row>> = {
  Gateway: { ...NETWORKING, spec: GatewaySpec },
  VirtualService: { ...NETWORKING, spec: VirtualServiceSpec },
  DestinationRule: { ...NETWORKING, spec: DestinationRuleSpec },
  ServiceEntry: { ...NETWORKING, spec: ServiceEntrySpec },
  WorkloadEntry: { ...NETWORKING, spec: WorkloadEntrySpec },
  AuthorizationPolicy: { ...SECURITY, spec: AuthorizationPolicySpec },
  Service: { ...CORE, spec: ServiceSpec },
  Secret: { ...CORE, spec: SecretSpec, flat: { schema: ManifestSecret, normalize: normalizeSecret } },
  EndpointSlice: {
    ...CORE,
    group: 'discovery.k8s.io',
    versions: ['v1', 'v1beta1'],
    spec: EndpointSliceSpec,
    flat: { schema: EndpointSliceSpec, normalize: (fields) => ({ ...fields }) },
  },
  KubernetesGateway: { ...GATEWAY_API, manifestKind: 'Gateway', spec: KubernetesGatewaySpec },
  TCPRoute: { ...GATEWAY_API, spec: TCPRouteSpec },
  TLSRoute: { ...GATEWAY_API, spec: TLSRouteSpec },
  ReferenceGrant: { ...GATEWAY_API, spec: ReferenceGrantSpec },
  GatewayClass: { ...GATEWAY_API, clusterScoped: true, spec: GatewayClassSpec },
};

export const KINDS: readonly KindRow[] = Object.entries(ROWS).map(([kind, row]) => ({
  manifestKind: kind,
  ...row,
  kind: kind as Kind,
}));

const BY_KIND = new Map(KINDS.map((row) => [row.kind as string, row]));
const BY_MANIFEST = new Map(KINDS.map((row) => [`${row.group}/${row.manifestKind}`, row]));

/** The row of a kind of the normal form. */
export function kindRow(kind: string): KindRow | undefined {
  return BY_KIND.get(kind);
}

/** The row of a manifest's group (empty for core) and kind. */
export function manifestRow(group: string, kind: string): KindRow | undefined {
  return BY_MANIFEST.get(`${group}/${kind}`);
}

/** `group/version`, or the version alone for the core group. */
export function canonicalApiVersion(row: KindRow): string {
  return row.group === '' ? row.versions[0]! : `${row.group}/${row.versions[0]}`;
}
