// The traffic policy of a cluster and of a route, resolved from a DestinationRule with Istio's defaults
// (`pilot/pkg/networking/util/util.go` MergeSubsetTrafficPolicy, `core/cluster_traffic_policy.go`, `core/networkfilter.go`).
import {
  type ConnectionPool,
  type LoadBalancer,
  type OutlierDetection,
  type PortTrafficPolicy,
  parseDurationMs,
  type TrafficPolicy,
} from '@sluice/resource';
import type { Balancer, ClusterPlan, OutlierPlan } from '@sluice/route-table';
import type { MergedRule } from './destination-rules.ts';

/** Istio's `connectTimeout` where none is written. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Envoy's TCP proxy closes after an hour without a byte. */
const IDLE_TIMEOUT_MS = 3_600_000;
/** Envoy's ring has at least so many entries, and at most 8 Mi of them. */
const RING_SIZE = 1024;
const RING_SIZE_LIMIT = 8_388_608;
/** Envoy's Maglev table, a prime, and its greatest size. */
const MAGLEV_SIZE = 65_537;
const MAGLEV_SIZE_LIMIT = 5_000_011;
/** Envoy's outlier detection. */
const CONSECUTIVE_ERRORS = 5;
const EJECTION_INTERVAL_MS = 10_000;
const BASE_EJECTION_MS = 30_000;
const MAX_EJECTION_PERCENT = 10;

/** The table keeps numbers in 31 bits; Istio's fields of 32 bits mean `no limit` up there. */
const WORD_LIMIT = 0x7fff_ffff;

/** The parts of a policy that levels replace. */
interface Parts {
  readonly connectionPool?: ConnectionPool;
  readonly loadBalancer?: LoadBalancer;
  readonly outlierDetection?: OutlierDetection;
  readonly tls?: TrafficPolicy['tls'];
  readonly proxyProtocol?: TrafficPolicy['proxyProtocol'];
}

export type ClusterPolicy = Pick<
  ClusterPlan,
  'balancer' | 'hashTableSize' | 'connectTimeoutMs' | 'maxConnections' | 'keepalive' | 'proxyProtocol' | 'outlier'
> & {
  /** TLS towards the endpoint, which no engine makes yet; '' = none. */
  readonly tlsMode: string;
  /** Whether endpoints are spread by a key that TCP connections do not have. */
  readonly hashWithoutKey: boolean;
};

/** The policy of a host's port and subset: root, port of the root, subset, port of the subset. */
export function clusterPolicy(rule: MergedRule | undefined, subset: string, port: number): ClusterPolicy {
  const parts = effectiveParts(rule?.trafficPolicy, rule?.subsets.get(subset)?.trafficPolicy, port);
  const tcp = parts.connectionPool?.tcp;
  const mode = parts.tls?.mode ?? 'DISABLE';
  return {
    ...balance(parts.loadBalancer),
    connectTimeoutMs: milliseconds(tcp?.connectTimeout) || CONNECT_TIMEOUT_MS,
    maxConnections: word(tcp?.maxConnections),
    keepalive:
      tcp?.tcpKeepalive === undefined
        ? null
        : {
            probes: word(tcp.tcpKeepalive.probes),
            timeSeconds: word(Math.ceil((milliseconds(tcp.tcpKeepalive.time) ?? 0) / 1000)),
            intervalSeconds: word(Math.ceil((milliseconds(tcp.tcpKeepalive.interval) ?? 0) / 1000)),
          },
    proxyProtocol: parts.proxyProtocol === undefined ? 0 : parts.proxyProtocol.version === 'V2' ? 2 : 1,
    outlier: outlierPlan(parts.outlierDetection),
    tlsMode: parts.tls === undefined || mode === 'DISABLE' ? '' : mode,
  };
}

/** Timeouts of a route: only the root policy of its first destination counts, as in Istio's TCP proxy filter. */
export function routeTimeouts(rule: MergedRule | undefined): { idleTimeoutMs: number; maxDurationMs: number } {
  const tcp = rule?.trafficPolicy?.connectionPool?.tcp;
  return {
    idleTimeoutMs: milliseconds(tcp?.idleTimeout) ?? IDLE_TIMEOUT_MS,
    maxDurationMs: milliseconds(tcp?.maxConnectionDuration) ?? 0,
  };
}

function effectiveParts(root: TrafficPolicy | undefined, subset: TrafficPolicy | undefined, port: number): Parts {
  const base = replacePort(root ?? {}, root?.portLevelSettings, port);
  if (subset === undefined) return base;
  return replacePort(
    {
      connectionPool: subset.connectionPool ?? base.connectionPool,
      loadBalancer: subset.loadBalancer ?? base.loadBalancer,
      outlierDetection: subset.outlierDetection ?? base.outlierDetection,
      tls: subset.tls ?? base.tls,
      proxyProtocol: subset.proxyProtocol ?? base.proxyProtocol,
    },
    subset.portLevelSettings,
    port,
  );
}

/** A port's setting replaces the level's whole policy; what it leaves out falls back to the defaults, not to the level. */
function replacePort(level: Parts, settings: readonly PortTrafficPolicy[] | undefined, port: number): Parts {
  const own = settings?.find((setting) => setting.port?.number === port);
  if (own === undefined) return level;
  return {
    connectionPool: own.connectionPool,
    loadBalancer: own.loadBalancer,
    outlierDetection: own.outlierDetection,
    tls: own.tls,
    proxyProtocol: level.proxyProtocol,
  };
}

const SIMPLE: Readonly<Record<string, Balancer>> = {
  UNSPECIFIED: 'least-request',
  LEAST_REQUEST: 'least-request',
  LEAST_CONN: 'least-request',
  RANDOM: 'random',
  ROUND_ROBIN: 'round-robin',
  PASSTHROUGH: 'passthrough',
};

function balance(
  policy: LoadBalancer | undefined,
): Pick<ClusterPolicy, 'balancer' | 'hashTableSize' | 'hashWithoutKey'> {
  const hash = policy?.consistentHash;
  if (hash === undefined)
    return { balancer: SIMPLE[policy?.simple ?? 'UNSPECIFIED']!, hashTableSize: 0, hashWithoutKey: false };
  if (hash.useSourceIp !== true) return { balancer: 'random', hashTableSize: 0, hashWithoutKey: true };
  if (hash.maglev !== undefined) {
    const size = Math.min(Number(hash.maglev.tableSize || MAGLEV_SIZE), MAGLEV_SIZE_LIMIT);
    return { balancer: 'source-ip-maglev', hashTableSize: size, hashWithoutKey: false };
  }
  const size = Number(hash.ringHash?.minimumRingSize || hash.minimumRingSize || RING_SIZE);
  return { balancer: 'source-ip-ring', hashTableSize: Math.min(size, RING_SIZE_LIMIT), hashWithoutKey: false };
}

/**
 * A TCP endpoint fails when it cannot be connected to. Envoy counts that as a 5xx and as a gateway error, or apart from
 * both with `splitExternalLocalOriginErrors`; the lowest limit that is on decides. Null if none is on.
 */
function outlierPlan(policy: OutlierDetection | undefined): OutlierPlan | null {
  if (policy === undefined) return null;
  const limits = policy.splitExternalLocalOriginErrors
    ? [policy.consecutiveLocalOriginFailures ?? CONSECUTIVE_ERRORS]
    : [policy.consecutive5xxErrors ?? CONSECUTIVE_ERRORS, policy.consecutiveGatewayErrors ?? 0];
  const on = limits.filter((limit) => limit > 0);
  if (on.length === 0) return null;
  return {
    consecutiveErrors: word(Math.min(...on)),
    intervalMs: milliseconds(policy.interval) || EJECTION_INTERVAL_MS,
    baseEjectionMs: milliseconds(policy.baseEjectionTime) || BASE_EJECTION_MS,
    maxEjectionPercent: percent(policy.maxEjectionPercent || MAX_EJECTION_PERCENT),
    minHealthPercent: percent(policy.minHealthPercent ?? 0),
  };
}

function word(value: number | undefined): number {
  return Math.min(Math.max(0, value ?? 0), WORD_LIMIT);
}

function percent(value: number): number {
  return Math.min(Math.max(0, value), 100);
}

function milliseconds(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const ms = parseDurationMs(duration);
  return ms === undefined ? undefined : Math.min(Math.max(0, Math.round(ms)), Number.MAX_SAFE_INTEGER);
}
