// Kinds that real deployments keep beside their routes: accepted, told of, and not applied.

interface IgnoredRow {
  readonly kinds: readonly string[];
  readonly clusterScoped?: boolean;
  /** Ends the sentence `KIND is accepted, but `. */
  readonly why: string;
}

const NO_WORKLOADS = 'Sluice runs no workloads';

const CORE_GROUP: readonly IgnoredRow[] = [
  { kinds: ['Pod', 'ReplicationController', 'PodTemplate'], why: NO_WORKLOADS },
  { kinds: ['Namespace', 'Node', 'PersistentVolume'], clusterScoped: true, why: 'Sluice runs no cluster' },
  {
    kinds: ['ConfigMap', 'ServiceAccount', 'PersistentVolumeClaim', 'LimitRange', 'ResourceQuota', 'Event'],
    why: NO_WORKLOADS,
  },
  { kinds: ['Endpoints'], why: 'Sluice reads EndpointSlice instead' },
];

const WORKLOADS: readonly IgnoredRow[] = [
  { kinds: ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision'], why: NO_WORKLOADS },
];

const INGRESS: readonly IgnoredRow[] = [
  { kinds: ['Ingress'], why: 'Sluice routes no HTTP' },
  { kinds: ['IngressClass'], clusterScoped: true, why: 'Sluice routes no HTTP' },
  { kinds: ['NetworkPolicy'], why: 'Sluice enforces AuthorizationPolicy only' },
];

const GROUPS: Readonly<Record<string, readonly IgnoredRow[]>> = {
  '': CORE_GROUP,
  apps: WORKLOADS,
  extensions: [...WORKLOADS, ...INGRESS],
  'networking.k8s.io': INGRESS,
  batch: [{ kinds: ['Job', 'CronJob'], why: NO_WORKLOADS }],
  autoscaling: [{ kinds: ['HorizontalPodAutoscaler'], why: NO_WORKLOADS }],
  policy: [{ kinds: ['PodDisruptionBudget'], why: NO_WORKLOADS }],
  'rbac.authorization.k8s.io': [
    { kinds: ['Role', 'RoleBinding'], why: 'Sluice has no Kubernetes API' },
    { kinds: ['ClusterRole', 'ClusterRoleBinding'], clusterScoped: true, why: 'Sluice has no Kubernetes API' },
  ],
  'apiextensions.k8s.io': [
    { kinds: ['CustomResourceDefinition'], clusterScoped: true, why: 'Sluice has no Kubernetes API' },
  ],
  'networking.istio.io': [
    { kinds: ['Sidecar'], why: 'Sluice is a gateway and runs no sidecars' },
    { kinds: ['WorkloadGroup'], why: 'workloads do not register with Sluice; write a WorkloadEntry for each' },
    { kinds: ['EnvoyFilter'], why: 'Sluice is not Envoy and applies no filter patches' },
    { kinds: ['ProxyConfig'], why: 'an acceptor is configured by its environment' },
  ],
  'security.istio.io': [
    { kinds: ['PeerAuthentication'], why: 'a Gateway server says which TLS it takes' },
    { kinds: ['RequestAuthentication'], why: 'Sluice reads no HTTP requests' },
  ],
  'telemetry.istio.io': [{ kinds: ['Telemetry'], why: 'Sluice always keeps its metrics and session log' }],
  'extensions.istio.io': [{ kinds: ['WasmPlugin', 'TrafficExtension'], why: 'Sluice runs no plugins' }],
  'gateway.networking.k8s.io': [
    { kinds: ['HTTPRoute', 'GRPCRoute'], why: 'Sluice routes no HTTP' },
    { kinds: ['UDPRoute'], why: 'Sluice routes no UDP' },
    {
      kinds: ['BackendTLSPolicy', 'BackendLBPolicy', 'ListenerSet', 'XListenerSet', 'XBackendTrafficPolicy'],
      why: 'Sluice does not read it yet',
    },
  ],
};

/** What is told of a kind that is accepted and not applied. */
export interface IgnoredKind {
  readonly clusterScoped: boolean;
  readonly why: string;
}

const IGNORED = new Map<string, IgnoredKind>();
for (const [group, rows] of Object.entries(GROUPS)) {
  for (const { kinds, clusterScoped = false, why } of rows) {
    for (const kind of kinds) IGNORED.set(`${group}/${kind}`, { clusterScoped, why });
  }
}

/** The row of a group (empty for core) and kind, if Sluice accepts it without applying it. */
export function ignoredKind(group: string, kind: string): IgnoredKind | undefined {
  return IGNORED.get(`${group}/${kind}`);
}

/** Kinds that are accepted without being applied, as `group/kind`. */
export const IGNORED_KINDS: readonly string[] = [...IGNORED.keys()];
