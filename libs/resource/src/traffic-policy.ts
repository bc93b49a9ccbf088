// How connections to endpoints are made, spread and limited: the traffic policy of a DestinationRule.
// Follows istio/api networking/v1alpha3/destination_rule.proto.
import { z } from 'zod';
import { PortSelector } from './destination.ts';
import { double, duration, fields, flag, int32, list, oneOf, type Readable, text, texts, uint32 } from './field.ts';

const uint64 = () => z.union([z.int().min(0), z.string().regex(/^\d{1,20}$/)]);

export const ConnectionPool = fields({
  tcp: fields({
    maxConnections: int32().optional(),
    connectTimeout: duration().optional(),
    tcpKeepalive: fields({
      probes: uint32().optional(),
      time: duration().optional(),
      interval: duration().optional(),
    }).optional(),
    maxConnectionDuration: duration().optional(),
    idleTimeout: duration().optional(),
  }).optional(),
  http: fields({
    http1MaxPendingRequests: int32().optional(),
    http2MaxRequests: int32().optional(),
    maxRequestsPerConnection: int32().optional(),
    maxRetries: int32().optional(),
    idleTimeout: duration().optional(),
    h2UpgradePolicy: oneOf(['DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE']).optional(),
    useClientProtocol: flag().optional(),
    maxConcurrentStreams: int32().optional(),
    http2KeepAlive: fields({ interval: duration().optional(), timeout: duration().optional() }).optional(),
  }).optional(),
});

const Warmup = fields({
  duration: duration('duration is required'),
  minimumPercent: double()
    .min(0)
    .max(100, { error: 'minimumPercent value should be less than or equal to 100' })
    .optional(),
  aggression: double().min(1, { error: 'aggression should be greater than or equal to 1' }).optional(),
});

const LocalityLb = fields({
  distribute: list(fields({ from: text().optional(), to: z.record(z.string(), uint32()).optional() })).optional(),
  failover: list(fields({ from: text().optional(), to: text().optional() })).optional(),
  failoverPriority: texts().optional(),
  enabled: flag().optional(),
});

export const LoadBalancer = fields({
  simple: oneOf(['UNSPECIFIED', 'RANDOM', 'PASSTHROUGH', 'ROUND_ROBIN', 'LEAST_REQUEST', 'LEAST_CONN']).optional(),
  consistentHash: fields({
    httpHeaderName: text().optional(),
    httpCookie: fields({
      name: text('name required for HttpCookie'),
      path: text().optional(),
      ttl: duration().optional(),
      attributes: list(fields({ name: text().optional(), value: text().optional() })).optional(),
    }).optional(),
    useSourceIp: flag().optional(),
    httpQueryParameterName: text().optional(),
    ringHash: fields({ minimumRingSize: uint64().optional() }).optional(),
    maglev: fields({ tableSize: uint64().optional() }).optional(),
    minimumRingSize: uint64().optional(),
  }).optional(),
  localityLbSetting: LocalityLb.optional(),
  zoneAwareLbSetting: fields({
    enabled: flag().optional(),
    minClusterSize: uint32().optional(),
    failover: list(fields({ from: text().optional(), to: text().optional() })).optional(),
    failoverPriority: texts().optional(),
  }).optional(),
  warmupDurationSecs: duration().optional(),
  warmup: Warmup.optional(),
});

export const OutlierDetection = fields({
  consecutiveErrors: int32().optional(),
  splitExternalLocalOriginErrors: flag().optional(),
  consecutiveLocalOriginFailures: uint32().optional(),
  consecutiveGatewayErrors: uint32().optional(),
  consecutive5xxErrors: uint32().optional(),
  interval: duration().optional(),
  baseEjectionTime: duration().optional(),
  maxEjectionPercent: int32().optional(),
  minHealthPercent: int32().optional(),
});

export const ClientTls = fields({
  mode: oneOf(['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL']).optional(),
  clientCertificate: text().optional(),
  privateKey: text().optional(),
  caCertificates: text().optional(),
  credentialName: text().optional(),
  subjectAltNames: texts().optional(),
  sni: text().optional(),
  insecureSkipVerify: flag().optional(),
  caCrl: text().optional(),
});

const PORT_POLICY = {
  loadBalancer: LoadBalancer.optional(),
  connectionPool: ConnectionPool.optional(),
  outlierDetection: OutlierDetection.optional(),
  tls: ClientTls.optional(),
};

const PortTrafficPolicy = fields({ port: PortSelector.optional(), ...PORT_POLICY });

export const TrafficPolicy = fields({
  ...PORT_POLICY,
  portLevelSettings: list(PortTrafficPolicy).optional(),
  tunnel: fields({
    protocol: text().optional(),
    targetHost: text('tunnel target host must be valid FQDN or IP address'),
    targetPort: uint32('tunnel target port is invalid'),
  }).optional(),
  proxyProtocol: fields({ version: oneOf(['V1', 'V2']).optional() }).optional(),
  retryBudget: fields({ percent: double().optional(), minRetryConcurrency: uint32().optional() }).optional(),
});

export type TrafficPolicy = Readable<z.infer<typeof TrafficPolicy>>;
export type PortTrafficPolicy = Readable<z.infer<typeof PortTrafficPolicy>>;
export type ConnectionPool = Readable<z.infer<typeof ConnectionPool>>;
export type LoadBalancer = Readable<z.infer<typeof LoadBalancer>>;
export type OutlierDetection = Readable<z.infer<typeof OutlierDetection>>;
export type ClientTls = Readable<z.infer<typeof ClientTls>>;
