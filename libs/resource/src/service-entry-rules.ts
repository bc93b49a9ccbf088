// Rules of ServiceEntry (istio/istio pkg/config/validation: ValidateServiceEntry, and the CRD's rules).
import { fqdnProblem, partialWildcardProblem, subnetProblem, wildcardDomainProblem } from './domain.ts';
import type { Report } from './issue.ts';
import { protocolFamily } from './protocol.ts';
import type { ServiceEntry } from './resource.ts';
import type { ServiceEntrySpec } from './service-entry.ts';
import { check, checkExportTo, checkPortName, checkProtocol, checkSelector } from './shared-rules.ts';
import { checkEndpoint, checkEntryPort } from './workload-entry-rules.ts';

/** The bounds of Istio's CRD. */
const MAX_HOSTS = 256;
const MAX_ADDRESSES = 256;
const MAX_ENDPOINTS = 4096;

/** Says that an entry of a mesh's inside belongs to a waypoint, which dynamic DNS does not go through. */
const WAYPOINT_LABEL = 'istio.io/use-waypoint';

export function checkServiceEntry({ metadata, spec }: ServiceEntry, report: Report): void {
  if (spec.workloadSelector !== undefined) {
    const suffix = ', will be applied to all services in namespace';
    checkSelector(report, 'spec.workloadSelector', spec.workloadSelector.labels, 'service entry: ', suffix);
    if (spec.endpoints !== undefined) {
      report('SLU2060', 'spec.endpoints', 'only one of WorkloadSelector or Endpoints can be set');
    }
  }
  checkHosts(spec, report);
  checkAddresses(spec, report);
  checkPorts(spec, report);
  checkResolution(spec, report);
  if (spec.resolution === 'DYNAMIC_DNS') {
    checkDynamicDns(spec, metadata.labels[WAYPOINT_LABEL] !== undefined, report);
  }
  checkManyHosts(spec, report);
  checkExportTo(report, spec.exportTo, metadata.namespace, { serviceEntry: true });
}

function checkHosts({ hosts }: ServiceEntrySpec, report: Report): void {
  if (hosts.length === 0) report('SLU2021', 'spec.hosts', 'service entry must have at least one host');
  if (hosts.length > MAX_HOSTS)
    report('SLU2021', 'spec.hosts', `spec.hosts: Too many: ${hosts.length}: must have at most ${MAX_HOSTS} items`);
  for (const [i, host] of hosts.entries()) {
    const path = `spec.hosts[${i}]`;
    if (host === '*') report('SLU2002', path, 'invalid host *: hostname cannot be wildcard');
    else {
      check(report, 'SLU2002', path, wildcardDomainProblem(host));
      check(report, 'SLU2066', path, partialWildcardProblem(host));
    }
  }
}

function checkAddresses({ addresses = [], resolution = 'NONE' }: ServiceEntrySpec, report: Report): void {
  if (addresses.length > MAX_ADDRESSES) {
    report(
      'SLU2003',
      'spec.addresses',
      `spec.addresses: Too many: ${addresses.length}: must have at most ${MAX_ADDRESSES} items`,
    );
  }
  for (const [i, address] of addresses.entries()) {
    check(report, 'SLU2003', `spec.addresses[${i}]`, subnetProblem(address));
  }
  if (resolution !== 'NONE' && resolution !== 'STATIC' && addresses.some((address) => address.includes('/'))) {
    report('SLU2061', 'spec.addresses', 'CIDR addresses are allowed only for NONE/STATIC resolution types');
  }
}

function checkPorts({ ports = [], addresses = [] }: ServiceEntrySpec, report: Report): void {
  const names = new Set<string>();
  const numbers = new Set<number>();
  for (const [i, { name, number, protocol, targetPort }] of ports.entries()) {
    const at = `spec.ports[${i}]`;
    if (names.has(name)) {
      report(
        'SLU2062',
        `${at}.name`,
        `service entry port name ${JSON.stringify(name)} already defined: Duplicate value`,
      );
    }
    if (numbers.has(number)) {
      const message = `service entry port ${number} already defined: port number cannot be duplicated`;
      report('SLU2062', `${at}.number`, message);
    }
    names.add(name);
    numbers.add(number);
    if (targetPort) checkEntryPort(report, `${at}.targetPort`, targetPort);
    if (addresses.length === 0 && (!protocol || protocol === 'TCP')) {
      const when = 'when IP Autoallocation is not enabled';
      report('SLU2063', at, `addresses are required for ports serving TCP (or unset) protocol ${when}`);
    }
    checkPortName(report, `${at}.name`, name);
    checkProtocol(report, `${at}.protocol`, protocol);
    checkEntryPort(report, `${at}.number`, number);
  }
}

function checkResolution(spec: ServiceEntrySpec, report: Report): void {
  const { endpoints = [], ports = [], resolution = 'NONE' } = spec;
  if (endpoints.length > MAX_ENDPOINTS) {
    const message = `spec.endpoints: Too many: ${endpoints.length}: must have at most ${MAX_ENDPOINTS} items`;
    report('SLU2060', 'spec.endpoints', message);
  }
  if (resolution === 'NONE') {
    if (endpoints.length > 0) {
      const message = 'no endpoints should be provided for resolution type none: NONE mode cannot set endpoints';
      report('SLU2061', 'spec.endpoints', message);
    }
    if (spec.workloadSelector !== undefined) {
      report('SLU2066', 'spec.workloadSelector', 'workloadSelector should not be set when resolution mode is NONE');
    }
    return;
  }
  const isDns = resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN';
  if (isDns) checkDns(spec, resolution, report);
  const servicePorts = new Set(ports.map(({ name }) => name));
  const rules = { servicePorts, names: isDns, sockets: resolution === 'STATIC' };
  for (const [i, endpoint] of endpoints.entries()) checkEndpoint(endpoint, `spec.endpoints[${i}]`, rules, report);
}

function checkDns(spec: ServiceEntrySpec, resolution: string, report: Report): void {
  const { hosts, endpoints = [], addresses = [], ports = [] } = spec;
  if (endpoints.length === 0) {
    for (const [i, host] of hosts.entries()) {
      if (fqdnProblem(host) === undefined) continue;
      const when = `if no endpoints are provided for resolution mode ${resolution}`;
      report('SLU2061', `spec.hosts[${i}]`, `hosts must be FQDN or contain only prefix wildcards ${when}`);
    }
  }
  if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1) {
    const message = `there must only be 0 or 1 endpoint for resolution mode ${resolution}: DNS_ROUND_ROBIN mode cannot have multiple endpoints`;
    report('SLU2061', 'spec.endpoints', message);
  }
  if (
    addresses.length > 0 &&
    hosts.length > 1 &&
    ports.some(({ protocol = '' }) => ['tcp', 'tls'].includes(protocolFamily(protocol) ?? ''))
  ) {
    const message = 'service entry can not have more than one host specified simultaneously with address and tcp port';
    report('SLU2066', 'spec.hosts', message);
  }
}

function checkDynamicDns(spec: ServiceEntrySpec, hasWaypoint: boolean, report: Report): void {
  const { hosts, addresses = [], endpoints = [], ports = [] } = spec;
  const refuse = (path: string, message: string) => report('SLU2061', path, message);
  for (const [i, host] of hosts.entries()) {
    if (!host.startsWith('*.')) {
      refuse(`spec.hosts[${i}]`, 'hosts must be wildcards for resolution mode DYNAMIC_DNS');
    }
  }
  if (addresses.length > 0) refuse('spec.addresses', 'addresses must not be set for resolution mode DYNAMIC_DNS');
  if (endpoints.length > 0) refuse('spec.endpoints', 'endpoints must not be set for resolution mode DYNAMIC_DNS');
  if (spec.workloadSelector !== undefined) {
    refuse('spec.workloadSelector', 'workloadSelector must not be set for resolution mode DYNAMIC_DNS');
  }
  for (const [i, { protocol = '' }] of ports.entries()) {
    const family = protocolFamily(protocol);
    if (family !== 'http' && family !== 'tls') {
      refuse(
        `spec.ports[${i}].protocol`,
        'only HTTP, TLS, GRPC and HTTP2 ports are allowed for resolution mode DYNAMIC_DNS',
      );
    }
  }
  if (spec.location === 'MESH_INTERNAL' && hasWaypoint) {
    refuse('spec.location', 'MESH_INTERNAL with a waypoint is not supported for resolution mode DYNAMIC_DNS');
  }
}

/** Plain TCP has nothing to tell hosts apart by; without resolution the hosts do not matter. */
function checkManyHosts({ hosts, ports = [], resolution = 'NONE' }: ServiceEntrySpec, report: Report): void {
  if (resolution === 'NONE' || hosts.length < 2) return;
  for (const [i, { protocol }] of ports.entries()) {
    const family = protocolFamily(protocol ?? '');
    if (family === 'http' || family === 'tls') continue;
    report('SLU2062', `spec.ports[${i}]`, 'multiple hosts provided with non-HTTP, non-TLS ports');
    return;
  }
}
