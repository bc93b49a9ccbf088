// Rules of VirtualService (istio/istio pkg/config/validation: ValidateVirtualService and below).
import { gatewayDomainProblem, isDnsLabel, isIp, subnetProblem, wildcardDomainProblem } from './domain.ts';
import type { FieldPath } from './field-path.ts';
import { type HostIndex, indexHosts, overlappingHosts } from './host-index.ts';
import { checkHttpRoute } from './http-route-rules.ts';
import type { Report } from './issue.ts';
import { claimInHeader } from './jwt-claim.ts';
import { MAX_QUOTED } from './limits.ts';
import type { VirtualService } from './resource.ts';
import { checkDestination, checkGatewayNames, checkWeights } from './route-rules.ts';
import { check, checkExportTo, checkLabels, checkPort } from './shared-rules.ts';
import { checkUnreachableRules } from './unreachable-rules.ts';
import type {
  RouteDestination,
  TcpMatch,
  TcpRoute,
  TlsMatch,
  TlsRoute,
  VirtualServiceSpec,
} from './virtual-service.ts';

const MESH = 'mesh';
/** Names that a message lists. */
const MAX_LISTED = 20;

export function checkVirtualService({ metadata, spec }: VirtualService, report: Report): void {
  const { hosts = [], gateways = [], http = [], tls = [], tcp = [] } = spec;
  if (hosts.length === 0) checkDelegate(spec, report);
  checkGatewayNames(report, 'spec.gateways', gateways);
  const atGateway = gateways.length > 0 && !gateways.includes(MESH);
  if (!atGateway) checkNoClaims(spec, report);
  checkHosts(spec, atGateway, report);
  if (http.length + tls.length + tcp.length === 0) {
    report('SLU2030', 'spec', 'http, tcp or tls must be provided in virtual service');
  }
  for (const [i, route] of http.entries()) checkHttpRoute(route, `spec.http[${i}]`, hosts.length === 0, report);
  const known = indexHosts(hosts);
  for (const [i, route] of tls.entries()) checkTlsRoute(route, `spec.tls[${i}]`, { spec, known }, report);
  for (const [i, route] of tcp.entries()) checkTcpRoute(route, `spec.tcp[${i}]`, report);
  checkExportTo(report, spec.exportTo, metadata.namespace);
  checkUnreachableRules(spec, report);
}

/** Without hosts it is a part that another VirtualService delegates to, for http only. */
function checkDelegate({ gateways, tls, tcp }: VirtualServiceSpec, report: Report): void {
  const refuse = (field: string, what: string) =>
    report('SLU2031', `spec.${field}`, `delegate virtual service must have no ${what} specified`);
  if (gateways?.length) refuse('gateways', 'gateways');
  if (tls?.length) refuse('tls', 'tls route');
  if (tcp?.length) refuse('tcp', 'tcp route');
}

function checkNoClaims({ http = [], gateways = [] }: VirtualServiceSpec, report: Report): void {
  for (const [i, route] of http.entries()) {
    for (const [j, match] of (route.match ?? []).entries()) {
      for (const key of [...Object.keys(match.headers ?? {}), ...Object.keys(match.withoutHeaders ?? {})]) {
        if (!claimInHeader(key)) continue;
        const found = `found no gateways: [${gateways.slice(0, MAX_LISTED).join(' ')}]`;
        const message = `JWT claim based routing (key: ${key}) is only supported for gateway, ${found}`;
        report('SLU2041', `spec.http[${i}].match[${j}]`, message);
      }
    }
  }
}

function checkHosts({ hosts = [], tls = [] }: VirtualServiceSpec, atGateway: boolean, report: Report): void {
  const sni = tls.some((route) => route.match.some((match) => match.sniHosts.length > 0));
  let valid = true;
  for (const [i, host] of hosts.entries()) {
    const problem = atGateway ? gatewayDomainProblem(host, sni) : wildcardDomainProblem(host);
    if (problem !== undefined && !isIp(host)) {
      valid = false;
      report('SLU2002', `spec.hosts[${i}]`, problem);
    } else if (host === '*' && !atGateway) {
      valid = false;
      const message = 'wildcard host * is not allowed for virtual services bound to the mesh gateway';
      report('SLU2037', `spec.hosts[${i}]`, message);
    }
  }
  if (!valid) return;
  for (const [i, j] of overlappingHosts(hosts)) {
    report('SLU2014', `spec.hosts[${j}]`, `duplicate hosts in virtual service: ${hosts[i]} & ${hosts[j]}`);
  }
}

interface Around {
  readonly spec: VirtualServiceSpec;
  readonly known: HostIndex;
}

function checkTlsRoute(route: TlsRoute, at: FieldPath, around: Around, report: Report): void {
  if (route.match.length === 0) report('SLU2033', at, 'TLS route must have at least one match condition');
  for (const [i, match] of route.match.entries()) {
    const path = `${at}.match[${i}]`;
    if (match.sniHosts.length === 0) report('SLU2033', path, 'TLS match must have at least one SNI host');
    for (const [j, host] of match.sniHosts.entries()) checkSniHost(host, `${path}.sniHosts[${j}]`, around, report);
    checkL4Match(match, path, report);
  }
  if (route.route.length === 0) report('SLU2033', at, 'TLS route is required');
  checkRouteDestinations(route.route, `${at}.route`, report);
}

function checkSniHost(host: string, at: FieldPath, { spec, known }: Around, report: Report): void {
  const atGateway = !spec.gateways?.includes(MESH);
  const problem = atGateway ? gatewayDomainProblem(host, true) : wildcardDomainProblem(host);
  if (problem !== undefined && isIp(host)) {
    const message = `using an IP address (${JSON.stringify(host)}) goes against SNI spec and most clients do not support this`;
    report('SLU2036', at, message);
  } else if (problem !== undefined) report('SLU2002', at, problem);
  else if (known.covering(host) < 0) {
    const hosts = (spec.hosts ?? [])
      .slice(0, MAX_LISTED)
      .join(', ')
      .slice(0, MAX_QUOTED * MAX_LISTED);
    const message = `SNI host ${JSON.stringify(host)} is not a compatible subset of any of the virtual service hosts: [${hosts}]`;
    report('SLU2032', at, message);
  }
}

function checkTcpRoute(route: TcpRoute, at: FieldPath, report: Report): void {
  for (const [i, match] of (route.match ?? []).entries()) {
    checkL4Match(match, `${at}.match[${i}]`, report);
    // Istio never evaluates it and so never checks it; Sluice does both.
    if (match.sourceSubnet)
      check(report, 'SLU2003', `${at}.match[${i}].sourceSubnet`, subnetProblem(match.sourceSubnet));
  }
  if (route.route.length === 0) report('SLU2033', at, 'TCP route is required');
  checkRouteDestinations(route.route, `${at}.route`, report);
}

function checkL4Match(match: TcpMatch | TlsMatch, at: FieldPath, report: Report): void {
  for (const [i, subnet] of (match.destinationSubnets ?? []).entries()) {
    check(report, 'SLU2003', `${at}.destinationSubnets[${i}]`, subnetProblem(subnet));
  }
  if (match.port) checkPort(report, `${at}.port`, match.port);
  checkLabels(report, `${at}.sourceLabels`, match.sourceLabels);
  checkGatewayNames(report, `${at}.gateways`, match.gateways);
  if (match.sourceNamespace && !isDnsLabel(match.sourceNamespace)) {
    report('SLU2007', `${at}.sourceNamespace`, `sourceNamespace match ${match.sourceNamespace} is invalid`);
  }
}

function checkRouteDestinations(routes: readonly RouteDestination[], at: FieldPath, report: Report): void {
  for (const [i, { destination }] of routes.entries()) checkDestination(report, `${at}[${i}].destination`, destination);
  checkWeights(report, at, routes);
}
