// Rules of WorkloadEntry and of a ServiceEntry's endpoints (Istio: validateWorkloadEntry and the CRD's rules).
import { fqdnProblem, isDnsLabel, isIp, unixAddressProblem } from './domain.ts';
import { type FieldPath, fieldAt } from './field-path.ts';
import type { Report } from './issue.ts';
import type { WorkloadEntry } from './resource.ts';
import { checkLabels, UNIX_PREFIX } from './shared-rules.ts';
import type { WorkloadEntrySpec } from './workload-entry.ts';

export interface EndpointRules {
  /** Names of the ports that the ServiceEntry has; undefined where no ServiceEntry is known. */
  readonly servicePorts?: ReadonlySet<string>;
  /** Addresses may be DNS names. */
  readonly names: boolean;
  /** Addresses may be Unix domain sockets. */
  readonly sockets: boolean;
}

export function checkWorkloadEntry({ spec }: WorkloadEntry, report: Report): void {
  checkEndpoint(spec, 'spec', { names: true, sockets: true }, report);
}

export function checkEndpoint(entry: WorkloadEntrySpec, at: FieldPath, rules: EndpointRules, report: Report): void {
  const { address = '', network } = entry;
  const isSocket = address.startsWith(UNIX_PREFIX) && rules.sockets;
  // What DNS resolves is a name: there an address is needed in any case.
  const needed = !network || (rules.names && rules.servicePorts !== undefined);
  if (address === '' && needed) {
    report('SLU2064', at, 'Address is required');
    return;
  }
  if (address === '') report('SLU2065', at, `address is unset with network ${JSON.stringify(network)}`);
  else if (isSocket) checkSocket(entry, at, rules, report);
  else if (!isIp(address)) {
    const quoted = JSON.stringify(address);
    if (!rules.names) report('SLU2064', `${at}.address`, `endpoint address ${quoted} is not a valid IP address`);
    else if (fqdnProblem(address) !== undefined) {
      report('SLU2064', `${at}.address`, `endpoint address ${quoted} is not a valid FQDN or an IP address`);
    }
  }
  for (const [name, port] of Object.entries(entry.ports ?? {})) {
    const path = fieldAt(`${at}.ports`, name);
    if (rules.servicePorts !== undefined && !rules.servicePorts.has(name)) {
      report('SLU2062', path, `endpoint port ${port} is not defined by the service entry`);
    }
    checkEntryPortName(report, path, `${at}.ports`, name);
    checkEntryPort(report, path, port);
  }
  checkLabels(report, `${at}.labels`, entry.labels);
}

function checkSocket(entry: WorkloadEntrySpec, at: FieldPath, rules: EndpointRules, report: Report): void {
  const { address = '', ports } = entry;
  const problem = unixAddressProblem(address.slice(UNIX_PREFIX.length));
  if (problem !== undefined) {
    const rule = address.endsWith('/') ? 'UDS may not be a dir' : 'UDS must be an absolute path or abstract socket';
    report('SLU2013', `${at}.address`, `${problem}: ${rule}`);
  }
  if (ports !== undefined && Object.keys(ports).length > 0) {
    report('SLU2064', `${at}.ports`, `unix endpoint ${address} must not include ports: UDS may not include ports`);
  }
  if (rules.servicePorts !== undefined && rules.servicePorts.size !== 1) {
    report('SLU2064', at, 'exactly 1 service port required for unix endpoints');
  }
}

/** A name in the map of ports, which Istio's CRD and its webhook word differently. */
export function checkEntryPortName(report: Report, at: FieldPath, ports: FieldPath, name: string): void {
  if (!isDnsLabel(name)) {
    report('SLU2007', at, `${ports}: Invalid value: invalid port name: ${name}: port name must be valid`);
  }
}

/** A port of a ServiceEntry or WorkloadEntry, whose CRD words the range differently. */
export function checkEntryPort(report: Report, at: FieldPath, port: number): void {
  if (port < 1 || port > 65535) report('SLU2001', at, `port number ${port} is invalid: port must be between 1-65535`);
}
