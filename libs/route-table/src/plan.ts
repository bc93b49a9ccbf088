// What a version means at the edge, as plain data: the hand-over between compiling (libs/route) and the table.
// It names everything by what it is; the table (table.ts) is the same in a form made for look-ups.

/** All that one acceptor serves at one version. The same resources always give the same plan, byte for byte. */
export interface TablePlan {
  readonly listeners: readonly ListenerPlan[];
  readonly clusters: readonly ClusterPlan[];
  /** Rules that close connections before a route is followed; in force on every listener that names them. */
  readonly authorization: readonly AuthorizationPlan[];
}

/** One address and port on which connections are taken. */
export interface ListenerPlan {
  /** Istio's name of it: `0.0.0.0_31400`, `10.0.0.1_443`, or `unix:///run/edge.sock`. */
  readonly name: string;
  /** '' = the acceptor's own default address, an IP address, or `unix:///path` / `unix://@abstract`. */
  readonly bind: string;
  /** 1..65535; 0 with a unix bind. */
  readonly port: number;
  /** `namespace/name` of the Gateways that asked for it, in order of precedence. */
  readonly gateways: readonly string[];
  /** Whether the first bytes must be seen before a chain can be chosen (any chain with SNI or ALPN). */
  readonly inspectsTls: boolean;
  /** Chosen by server name: exact, then the longest wildcard suffix, then the chain for `*`. No falling back. */
  readonly chains: readonly ChainPlan[];
  /** Indexes into TablePlan.authorization. */
  readonly authorization: readonly number[];
}

/** The rules for some server names of a listener. */
export interface ChainPlan {
  /** Lower case; exact names, `*.suffix`, or `*` (any name, no name, not TLS). Each name at most once in a listener. */
  readonly names: readonly string[];
  /** First match wins; none matching is "no route". */
  readonly rules: readonly RulePlan[];
}

/** Conditions are ANDed; an empty list matches every connection of the chain. */
export interface RulePlan {
  readonly conditions: readonly Condition[];
  readonly route: RoutePlan;
}

export type Condition =
  /** source: the socket's peer; remote: the client's address after a PROXY header (else as source). */
  | { readonly fact: 'source' | 'remote' | 'destination'; readonly not?: boolean; readonly cidrs: readonly string[] }
  | { readonly fact: 'port'; readonly not?: boolean; readonly ports: readonly number[] }
  /** Exact names, `*.suffix`, `prefix*` or `*` (any name, but one must be there). */
  | { readonly fact: 'sni'; readonly not?: boolean; readonly names: readonly string[] }
  /** True where the client offers any of them. */
  | { readonly fact: 'alpn'; readonly not?: boolean; readonly protocols: readonly string[] };

export interface RoutePlan {
  /** `namespace/virtualservice/tcp[0]`, or its own name where one is given. */
  readonly name: string;
  /** At least one; weights 0..2^31-1, chosen by weight / sum; those of weight 0 are left out at compile. */
  readonly destinations: readonly { readonly cluster: number; readonly weight: number }[];
  /** What TLS is ended with before the route is followed, by name; absent: bytes pass as they come. */
  readonly tls?: string;
  /** Close after so long without a byte either way; 0 = never. From the first destination's DestinationRule. */
  readonly idleTimeoutMs: number;
  /** Close after so long, come what may; 0 = never. */
  readonly maxDurationMs: number;
}

export type Balancer =
  | 'round-robin'
  | 'least-request'
  | 'random'
  | 'source-ip-ring'
  | 'source-ip-maglev'
  | 'passthrough';

/** The endpoints of one host, subset and port, with their policy, already resolved from all DestinationRules. */
export interface ClusterPlan {
  /** `outbound|PORT|SUBSET|HOST`, as Istio writes it. */
  readonly name: string;
  readonly host: string;
  /** '' = all endpoints of the host. */
  readonly subset: string;
  readonly port: number;
  readonly balancer: Balancer;
  /** Ring size (at least) or Maglev table size (prime); 0 where the balancer has none. */
  readonly hashTableSize: number;
  readonly connectTimeoutMs: number;
  /** Sessions at once to this cluster from one acceptor; 0 = no limit. */
  readonly maxConnections: number;
  /** Seconds and probes for upstream sockets; null = off. 0 in a field = the system's own value. */
  readonly keepalive: {
    readonly probes: number;
    readonly timeSeconds: number;
    readonly intervalSeconds: number;
  } | null;
  /** PROXY header sent to the endpoint: 0 = none, 1, 2. */
  readonly proxyProtocol: 0 | 1 | 2;
  readonly outlier: OutlierPlan | null;
  /** Sorted by address, then port. Empty is allowed: such a session closes with UH. */
  readonly endpoints: readonly EndpointPlan[];
}

export interface OutlierPlan {
  readonly consecutiveErrors: number;
  readonly intervalMs: number;
  readonly baseEjectionMs: number;
  /** 0..100. */
  readonly maxEjectionPercent: number;
  readonly minHealthPercent: number;
}

export interface EndpointPlan {
  /** IPv4, IPv6, a DNS name to be resolved by the acceptor, or `unix:///path`. */
  readonly address: string;
  /** 1..65535; 0 with a unix address. */
  readonly port: number;
  /** At least 1. */
  readonly weight: number;
}

/** One policy. Order: audit logs, any deny match closes, and if any allow policy is there one must match. */
export interface AuthorizationPlan {
  /** `namespace/name`. */
  readonly name: string;
  readonly action: 'allow' | 'deny' | 'audit';
  /** Judged and logged, without effect. */
  readonly dryRun: boolean;
  /** ORed; each is a list of ANDed conditions. No rules: never matches. */
  readonly rules: readonly (readonly Condition[])[];
}
