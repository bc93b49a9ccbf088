// Rules of Sidecar (istio/istio pkg/config/validation: ValidateSidecar and below).
import { fqdnProblem, ipProblem, portProblem } from './domain.ts';
import type { FieldPath } from './field-path.ts';
import { checkScopedHost } from './gateway-rules.ts';
import type { Report } from './issue.ts';
import { protocolFamily } from './protocol.ts';
import { checkDestination } from './route-rules.ts';
import { checkServerTls } from './server-tls-rules.ts';
import {
  check,
  checkPort,
  checkPortName,
  checkProtocol,
  checkSelector,
  checkUnixAddress,
  UNIX_PREFIX,
} from './shared-rules.ts';
import type { SidecarSpec } from './sidecar.ts';
import { checkConnectionPool } from './traffic-policy-rules.ts';

type Ingress = NonNullable<SidecarSpec['ingress']>[number];
type Egress = NonNullable<SidecarSpec['egress']>[number];

export function checkSidecar(spec: SidecarSpec, namespace: string, report: Report): void {
  const { workloadSelector, ingress = [], egress = [], outboundTrafficPolicy: outbound, inboundConnectionPool } = spec;
  if (workloadSelector !== undefined) {
    const suffix = ', will be applied to all services in namespace';
    checkSelector(report, 'spec.workloadSelector', workloadSelector.labels, 'sidecar: ', suffix);
  }
  if (egress.length + ingress.length === 0 && outbound === undefined && inboundConnectionPool === undefined) {
    report('SLU2080', 'spec', 'sidecar: empty configuration provided');
    return;
  }
  const ports = new Set<number>();
  for (const [i, listener] of ingress.entries()) checkIngress(listener, `spec.ingress[${i}]`, ports, report);
  checkConnectionPool(inboundConnectionPool, 'spec.inboundConnectionPool', report);
  checkEgress(egress, namespace, report);
  checkOutbound(outbound, report);
}

function checkIngress(listener: Ingress, at: FieldPath, ports: Set<number>, report: Report): void {
  const { port, bind, tls, connectionPool, defaultEndpoint } = listener;
  if (port === undefined) {
    report('SLU2080', at, 'sidecar: port is required for ingress listeners');
    return;
  }
  const { number = 0, name = '', protocol = '' } = port;
  if (port.targetPort) report('SLU2080', `${at}.port.targetPort`, 'targetPort has no impact on Sidecars');
  if (name !== '') checkPortName(report, `${at}.port.name`, name);
  checkProtocol(report, `${at}.port.protocol`, protocol);
  checkPort(report, `${at}.port.number`, number);
  if (bind) check(report, 'SLU2003', `${at}.bind`, ipProblem(bind));
  if (ports.has(number)) report('SLU2080', `${at}.port`, 'sidecar: ports on IP bound listeners must be unique');
  ports.add(number);
  if (defaultEndpoint) checkDefaultEndpoint(defaultEndpoint, `${at}.defaultEndpoint`, report);
  if (tls !== undefined) checkIngressTls(tls, protocol, `${at}.tls`, report);
  checkConnectionPool(connectionPool, `${at}.connectionPool`, report);
  if (connectionPool?.http !== undefined && protocolFamily(protocol) !== 'http') {
    const which = `port ${number} (${JSON.stringify(name)})`;
    const but = `but its protocol is not HTTP (${protocol}); only TCP settings will apply`;
    const message = `sidecar: HTTP connection pool settings are configured for ${which} ${but}`;
    report('SLU2081', `${at}.connectionPool.http`, message);
  }
}

const LOCAL = new Set(['', '127.0.0.1', '0.0.0.0', '::1', '::']);

/** `127.0.0.1:port`, `0.0.0.0:port`, `[::1]:port`, `[::]:port`, `:port` or a Unix domain socket. */
function checkDefaultEndpoint(endpoint: string, at: FieldPath, report: Report): void {
  if (endpoint.startsWith(UNIX_PREFIX)) {
    checkUnixAddress(report, at, endpoint);
    return;
  }
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(endpoint);
  const host = parts?.[1] ?? parts?.[2] ?? endpoint;
  if (parts === null || !LOCAL.has(host)) {
    const forms = '127.0.0.1:<port>,0.0.0.0:<port>,[::1]:port,[::]:port,unix://filepath or unset';
    report('SLU2080', at, `sidecar: defaultEndpoint must be of form ${forms}`);
    return;
  }
  const port = parts[3] ?? '';
  if (/^\d+$/.test(port)) check(report, 'SLU2001', at, portProblem(Number(port)));
  else report('SLU2080', at, `sidecar: defaultEndpoint port (${port}) is not a number`);
}

function checkIngressTls(tls: NonNullable<Ingress['tls']>, protocol: string, at: FieldPath, report: Report): void {
  const refuse = (path: FieldPath, message: string) => report('SLU2080', path, message);
  if (tls.subjectAltNames?.length) {
    refuse(`${at}.subjectAltNames`, 'sidecar: subjectAltNames is not supported in ingress tls');
  }
  if (tls.httpsRedirect) refuse(`${at}.httpsRedirect`, 'sidecar: httpsRedirect is not supported');
  if (tls.credentialName) refuse(`${at}.credentialName`, 'sidecar: credentialName is not currently supported');
  if (tls.credentialNames?.length) {
    refuse(`${at}.credentialNames`, 'sidecar: credentialNames is not currently supported');
  }
  if (tls.tlsCertificates?.length) {
    refuse(`${at}.tlsCertificates`, 'sidecar: tls_certificates is not currently supported');
  }
  if (tls.mode === 'ISTIO_MUTUAL' || tls.mode === 'AUTO_PASSTHROUGH') {
    refuse(`${at}.mode`, `configuration is invalid: cannot set mode to ${tls.mode} in sidecar ingress tls`);
  }
  if (protocolFamily(protocol) !== 'tls') refuse(at, 'server cannot have TLS settings for non HTTPS/TLS ports');
  checkServerTls(tls, at, report);
}

function checkEgress(egress: readonly Egress[], namespace: string, report: Report): void {
  const ports = new Set<number>();
  const sockets = new Set<string>();
  for (const [i, listener] of egress.entries()) {
    const at = `spec.egress[${i}]`;
    const { port, bind = '' } = listener;
    if (port === undefined) {
      if (i < egress.length - 1) {
        const message = 'sidecar: the egress listener with empty port should be the last listener in the list';
        report('SLU2080', at, message);
      }
    } else {
      checkEgressPort(listener, at, report);
      const { number = 0 } = port;
      if (number === 0 && sockets.has(bind)) {
        report('SLU2080', `${at}.bind`, 'sidecar: unix domain socket values for listeners must be unique');
      } else if (number !== 0 && ports.has(number)) {
        report('SLU2080', `${at}.port`, 'sidecar: ports on IP bound listeners must be unique');
      }
      if (number === 0) sockets.add(bind);
      else ports.add(number);
    }
    checkEgressHosts(listener.hosts, `${at}.hosts`, namespace, report);
  }
}

function checkEgressPort(
  { port = {}, bind = '', captureMode = 'DEFAULT' }: Egress,
  at: FieldPath,
  report: Report,
): void {
  if (port.targetPort) report('SLU2080', `${at}.port.targetPort`, 'targetPort has no impact on Sidecars');
  if (port.name) checkPortName(report, `${at}.port.name`, port.name);
  checkProtocol(report, `${at}.port.protocol`, port.protocol);
  if (port.number) {
    checkPort(report, `${at}.port.number`, port.number);
    if (bind !== '') check(report, 'SLU2003', `${at}.bind`, ipProblem(bind));
    return;
  }
  if (bind.startsWith(UNIX_PREFIX)) checkUnixAddress(report, `${at}.bind`, bind);
  else report('SLU2080', `${at}.bind`, 'sidecar: ports with 0 value must have a unix domain socket bind address');
  if (captureMode === 'IPTABLES') {
    const message = 'sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners';
    report('SLU2080', `${at}.captureMode`, message);
  }
}

function checkEgressHosts(hosts: readonly string[], at: FieldPath, namespace: string, report: Report): void {
  if (hosts.length === 0) report('SLU2080', at, 'sidecar: egress listener must contain at least one host');
  const seen = new Map<string, Set<string>>();
  for (const [i, text] of hosts.entries()) {
    checkScopedHost(report, `${at}[${i}]`, text, 'sidecar');
    const slash = text.indexOf('/');
    if (slash < 0) continue;
    const scope = text.slice(0, slash) === '.' ? namespace : text.slice(0, slash);
    const host = text.slice(slash + 1);
    const known = seen.get(scope) ?? new Set<string>();
    const repeated = host === '*' ? known.size > 0 : known.has(host) || known.has('*');
    if (repeated) report('SLU2081', `${at}[${i}]`, `duplicated egress host: ${text}`);
    seen.set(scope, known.add(host));
  }
  if (seen.get('*')?.has('*') && seen.size > 1) {
    report('SLU2081', at, '`*/*` host select all resources, no other hosts can be added');
  }
}

function checkOutbound(policy: SidecarSpec['outboundTrafficPolicy'], report: Report): void {
  const proxy = policy?.egressProxy;
  if (proxy === undefined) return;
  const at = 'spec.outboundTrafficPolicy.egressProxy';
  if (policy?.mode !== 'ALLOW_ANY') {
    const message = 'sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode';
    report('SLU2080', at, message);
    return;
  }
  check(report, 'SLU2002', `${at}.host`, fqdnProblem(proxy.host));
  if (proxy.port === undefined) {
    report('SLU2080', at, 'sidecar: egress_proxy port must be non-nil');
    return;
  }
  checkDestination(report, at, proxy);
}
