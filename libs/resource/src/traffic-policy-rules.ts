// Rules of traffic policies (istio/istio pkg/config/validation: validateTrafficPolicy and below).
import { fqdnProblem, ipProblem, portProblem } from './domain.ts';
import { parseDurationMs } from './duration.ts';
import type { FieldPath } from './field-path.ts';
import type { Report } from './issue.ts';
import { checkLoadBalancer } from './load-balancer-rules.ts';
import { checkDuration, checkPercent, checkPort } from './shared-rules.ts';
import type {
  ClientTls,
  ConnectionPool,
  OutlierDetection,
  PortTrafficPolicy,
  TrafficPolicy,
} from './traffic-policy.ts';

export function checkTrafficPolicy(policy: TrafficPolicy | undefined, at: FieldPath, report: Report): void {
  if (policy === undefined) return;
  const { connectionPool, loadBalancer, outlierDetection, tls, portLevelSettings, tunnel, proxyProtocol } = policy;
  if (!(connectionPool || loadBalancer || outlierDetection || tls || portLevelSettings || tunnel || proxyProtocol)) {
    if (policy.retryBudget === undefined) {
      report('SLU2050', at, 'traffic policy must have at least one field');
      return;
    }
  }
  if (tunnel !== undefined && proxyProtocol !== undefined) {
    report('SLU2050', at, 'tunnel and proxyProtocol must not be set together');
    return;
  }
  checkPolicyParts(policy, at, report);
  for (const [i, port] of (portLevelSettings ?? []).entries()) {
    checkPortPolicy(port, `${at}.portLevelSettings[${i}]`, report);
  }
  if (tunnel !== undefined) checkTunnel(tunnel, `${at}.tunnel`, report);
  const percent = policy.retryBudget?.percent;
  if (percent !== undefined && (percent < 0 || percent > 100)) {
    report('SLU2008', `${at}.retryBudget.percent`, `percentage ${percent} is not in range 0..100`);
  }
}

function checkPolicyParts(policy: TrafficPolicy | PortTrafficPolicy, at: FieldPath, report: Report): void {
  checkOutlierDetection(policy.outlierDetection, `${at}.outlierDetection`, report);
  checkConnectionPool(policy.connectionPool, `${at}.connectionPool`, report);
  checkLoadBalancer(policy.loadBalancer, policy.outlierDetection !== undefined, `${at}.loadBalancer`, report);
  checkClientTls(policy.tls, `${at}.tls`, report);
}

function checkPortPolicy(policy: PortTrafficPolicy, at: FieldPath, report: Report): void {
  if (policy.port === undefined) report('SLU2050', at, 'portTrafficPolicy must have valid port');
  else checkPort(report, `${at}.port.number`, policy.port.number ?? 0);
  const { connectionPool, loadBalancer, outlierDetection, tls } = policy;
  if (!(connectionPool || loadBalancer || outlierDetection || tls)) {
    report('SLU2050', at, 'port traffic policy must have at least one field');
  } else checkPolicyParts(policy, at, report);
}

export function checkConnectionPool(pool: ConnectionPool | undefined, at: FieldPath, report: Report): void {
  if (pool === undefined) return;
  const { http, tcp } = pool;
  if (http === undefined && tcp === undefined) {
    report('SLU2051', at, 'connection pool must have at least one field');
    return;
  }
  if (http !== undefined) checkHttpPool(http, `${at}.http`, report);
  if (tcp === undefined) return;
  if ((tcp.maxConnections ?? 0) < 0) {
    report('SLU2051', `${at}.tcp.maxConnections`, 'max connections must be non-negative');
  }
  checkDuration(report, `${at}.tcp.connectTimeout`, tcp.connectTimeout);
  checkDuration(report, `${at}.tcp.maxConnectionDuration`, tcp.maxConnectionDuration);
  // Zero switches the idle timeout off; Istio counts in whole milliseconds here.
  if (Math.trunc(parseDurationMs(tcp.idleTimeout ?? '0') ?? 0) !== 0) {
    checkDuration(report, `${at}.tcp.idleTimeout`, tcp.idleTimeout);
  }
  checkDuration(report, `${at}.tcp.tcpKeepalive.time`, tcp.tcpKeepalive?.time);
  checkDuration(report, `${at}.tcp.tcpKeepalive.interval`, tcp.tcpKeepalive?.interval);
}

const NON_NEGATIVE = {
  http1MaxPendingRequests: 'http1 max pending requests',
  http2MaxRequests: 'http2 max requests',
  maxRequestsPerConnection: 'max requests per connection',
  maxRetries: 'max retries',
  maxConcurrentStreams: 'max concurrent streams',
} as const;

function checkHttpPool(http: NonNullable<ConnectionPool['http']>, at: FieldPath, report: Report): void {
  for (const field of Object.keys(NON_NEGATIVE) as (keyof typeof NON_NEGATIVE)[]) {
    if ((http[field] ?? 0) < 0) report('SLU2051', `${at}.${field}`, `${NON_NEGATIVE[field]} must be non-negative`);
  }
  checkDuration(report, `${at}.idleTimeout`, http.idleTimeout);
  if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol === true) {
    report('SLU2051', at, 'use client protocol must not be true when H2UpgradePolicy is UPGRADE');
  }
  const keepAlive = http.http2KeepAlive;
  if (keepAlive === undefined) return;
  for (const field of ['interval', 'timeout'] as const) {
    if (keepAlive[field] === undefined)
      report('SLU2051', `${at}.http2KeepAlive`, `http2 keepalive ${field} is required`);
    checkDuration(report, `${at}.http2KeepAlive.${field}`, keepAlive[field]);
  }
}

function checkOutlierDetection(outlier: OutlierDetection | undefined, at: FieldPath, report: Report): void {
  if (outlier === undefined) return;
  checkDuration(report, `${at}.baseEjectionTime`, outlier.baseEjectionTime);
  checkDuration(report, `${at}.interval`, outlier.interval);
  if (outlier.consecutiveErrors) {
    const instead = 'use consecutiveGatewayErrors or consecutive5xxErrors instead';
    report('SLU2056', `${at}.consecutiveErrors`, `outlier detection consecutive errors is deprecated, ${instead}`);
  }
  if (!outlier.splitExternalLocalOriginErrors && (outlier.consecutiveLocalOriginFailures ?? 0) > 0) {
    const but = 'but split external local origin errors is set to false';
    report('SLU2053', at, `outlier detection consecutive local origin failures is specified, ${but}`);
  }
  checkPercent(report, `${at}.maxEjectionPercent`, outlier.maxEjectionPercent);
  checkPercent(report, `${at}.minHealthPercent`, outlier.minHealthPercent);
}

function checkClientTls(tls: ClientTls | undefined, at: FieldPath, report: Report): void {
  if (tls === undefined) return;
  const refuse = (message: string) => report('SLU2054', at, message);
  const { mode = 'DISABLE', caCertificates, credentialName, subjectAltNames, clientCertificate, privateKey } = tls;
  if (tls.insecureSkipVerify === true) {
    if (mode === 'SIMPLE' && (caCertificates || credentialName || subjectAltNames?.length)) {
      refuse('cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true');
    }
    if (mode === 'MUTUAL' && (caCertificates || subjectAltNames?.length)) {
      refuse('cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true');
    }
  }
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && credentialName) {
    if (clientCertificate || caCertificates || privateKey || tls.caCrl) {
      refuse('cannot specify client certificates or CA certificate or CA CRL If credentialName is set');
    }
    return;
  }
  if (mode !== 'MUTUAL') return;
  if (!clientCertificate) refuse('client certificate required for mutual tls');
  if (!privateKey) refuse('private key required for mutual tls');
}

function checkTunnel(tunnel: NonNullable<TrafficPolicy['tunnel']>, at: FieldPath, report: Report): void {
  if (tunnel.protocol && tunnel.protocol !== 'CONNECT' && tunnel.protocol !== 'POST') {
    report('SLU2055', `${at}.protocol`, 'tunnel protocol must be "CONNECT" or "POST"');
  }
  const [name, address] = [fqdnProblem(tunnel.targetHost), ipProblem(tunnel.targetHost)];
  if (name !== undefined && address !== undefined) {
    const message = `tunnel target host must be valid FQDN or IP address: ${name}; ${address}`;
    report('SLU2055', `${at}.targetHost`, message);
  }
  const port = portProblem(tunnel.targetPort);
  if (port !== undefined) report('SLU2055', `${at}.targetPort`, `tunnel target port is invalid: ${port}`);
}
