// Rules of Istio's Gateway (istio/istio pkg/config/validation: ValidateGateway and below).
import { ipProblem, isDnsLabel, isIp, type Problem, partialWildcardProblem, wildcardDomainProblem } from './domain.ts';
import type { FieldPath } from './field-path.ts';
import type { GatewayServer } from './gateway.ts';
import type { Report } from './issue.ts';
import { protocolFamily, SERVER_PROTOCOLS } from './protocol.ts';
import type { Gateway } from './resource.ts';
import { checkServerTls } from './server-tls-rules.ts';
import { check, checkLabels, checkPort, checkUnixAddress, UNIX_PREFIX } from './shared-rules.ts';
import { reportUnusedTls } from './unused-tls-fields.ts';

export function checkGateway({ metadata, spec }: Gateway, report: Report): void {
  if (!isDnsLabel(metadata.name)) {
    report('SLU2007', 'metadata.name', `invalid gateway name: ${JSON.stringify(metadata.name)}`);
  }
  if (spec.servers.length === 0) report('SLU2020', 'spec.servers', 'gateway must have at least one server');
  const names = new Set<string>();
  for (const [i, server] of spec.servers.entries()) {
    const at = `spec.servers[${i}]`;
    checkServer(server, at, report);
    const { name, protocol } = server.port;
    if (names.has(name)) {
      report('SLU2014', `${at}.port.name`, `port names in servers must be unique: duplicate name ${name}`);
    }
    names.add(name);
    if (server.tls?.httpsRedirect === true && protocolFamily(protocol) !== 'http') {
      report('SLU2026', `${at}.tls.httpsRedirect`, 'tls.httpsRedirect should only be used with http servers');
    }
  }
  checkLabels(report, 'spec.selector', spec.selector);
}

function checkServer(server: GatewayServer, at: FieldPath, report: Report): void {
  if (server.hosts.length === 0) report('SLU2021', `${at}.hosts`, 'server config must contain at least one host');
  for (const [i, host] of server.hosts.entries()) checkScopedHost(report, `${at}.hosts[${i}]`, host, 'gateway');
  const validPort = checkServerPort(server, `${at}.port`, report);
  checkBind(server, at, report);
  if (server.tls !== undefined) {
    checkServerTls(server.tls, `${at}.tls`, report);
    reportUnusedTls(server.tls, `${at}.tls`, report);
  }
  if (validPort) checkTlsFitsProtocol(server, at, report);
}

function checkServerPort({ port, bind }: GatewayServer, at: FieldPath, outer: Report): boolean {
  let valid = true;
  const report: Report = (code, path, message) => {
    valid = false;
    outer(code, path, message);
  };
  if (protocolFamily(port.protocol) === undefined) {
    const name = JSON.stringify(port.protocol);
    report('SLU2006', `${at}.protocol`, `invalid protocol ${name}, supported protocols are ${SERVER_PROTOCOLS}`);
  }
  if (port.number > 0 || !bind?.startsWith(UNIX_PREFIX)) checkPort(report, `${at}.number`, port.number);
  if ((port.targetPort ?? 0) > 0) report('SLU2022', `${at}.targetPort`, 'targetPort has no impact on Gateways');
  if (port.name === '') report('SLU2007', `${at}.name`, 'port name must be set');
  return valid;
}

function checkBind({ port, bind }: GatewayServer, at: FieldPath, report: Report): void {
  if (bind === undefined || bind === '') return;
  if (!bind.startsWith(UNIX_PREFIX)) {
    check(report, 'SLU2003', `${at}.bind`, ipProblem(bind));
    return;
  }
  checkUnixAddress(report, `${at}.bind`, bind);
  if (port.number !== 0) {
    report('SLU2013', `${at}.port.number`, `port number must be 0 for unix domain socket: ${port.number}`);
  }
}

function checkTlsFitsProtocol({ port, tls }: GatewayServer, at: FieldPath, report: Report): void {
  const family = protocolFamily(port.protocol);
  if (family === 'tls' && tls === undefined) {
    report('SLU2022', at, 'server must have TLS settings for HTTPS/TLS protocols');
  } else if (family !== 'tls' && tls !== undefined) {
    if (family !== 'http') report('SLU2022', `${at}.tls`, 'server cannot have TLS settings for non HTTPS/TLS ports');
    else if (
      (tls.mode ?? 'PASSTHROUGH') !== 'PASSTHROUGH' ||
      tls.caCertificates ||
      tls.privateKey ||
      tls.serverCertificate
    ) {
      report('SLU2022', `${at}.tls`, 'server cannot have TLS settings for plain text HTTP ports');
    }
  }
}

/** `host` (gateways only), `namespace/host`, `./host`, or a host of every namespace. */
export function checkScopedHost(report: Report, path: FieldPath, text: string, of: 'gateway' | 'sidecar'): void {
  const slash = text.indexOf('/');
  if (slash < 0) {
    if (of === 'gateway') checkHostPart(report, path, text, of);
    else report('SLU2002', path, 'host must be of form namespace/dnsName');
    return;
  }
  const [namespace, host] = [text.slice(0, slash), text.slice(slash + 1)];
  if (namespace === '' || host === '') {
    report('SLU2002', path, 'config namespace and dnsName in host entry cannot be empty');
  }
  const special = namespace === '*' || namespace === '.' || (namespace === '~' && of === 'sidecar');
  if (!special && !isDnsLabel(namespace)) {
    report('SLU2002', path, `invalid namespace value ${JSON.stringify(namespace)} in ${of}`);
  }
  checkHostPart(report, path, host, of);
}

function checkHostPart(report: Report, path: FieldPath, host: string, of: 'gateway' | 'sidecar'): void {
  if (host !== '*' && !host.includes('.') && !(of === 'gateway' && isIp(host))) {
    report('SLU2002', path, `short names (non FQDN) are not allowed: ${JSON.stringify(host)}`);
  }
  const problem: Problem = wildcardDomainProblem(host);
  if (problem !== undefined && !(of === 'gateway' && isIp(host))) report('SLU2002', path, problem);
  check(report, 'SLU2002', path, partialWildcardProblem(host));
}
