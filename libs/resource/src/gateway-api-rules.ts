// Rules of the Gateway API's kinds (its CRDs' rules and API comments), for what L4 routing reads.
import { fqdnProblem, isIp, wildcardDomainProblem } from './domain.ts';
import type { FieldPath } from './field-path.ts';
import type { KubernetesListener, ParentReference } from './gateway-api.ts';
import type { Report } from './issue.ts';
import type { KubernetesGateway, ReferenceGrant, TCPRoute, TLSRoute } from './resource.ts';
import { quote } from './schema-check.ts';

/** The bounds of the Gateway API's CRDs. */
const MAX_LISTENERS = 64;
const MAX_RULES = 16;
const MAX_BACKENDS = 16;
const MAX_PARENTS = 32;
const MAX_GRANTS = 16;
const MAX_NAME = 253;
const MAX_HOSTNAMES = 1_024;

/** How the CRDs write the name of a listener, as of a rule. */
const SECTION_NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

const GROUP = 'gateway.networking.k8s.io';
const PROTOCOLS = new Set(['HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP']);

export function checkKubernetesGateway({ spec }: KubernetesGateway, report: Report): void {
  const { listeners } = spec;
  checkName(report, 'spec.gatewayClassName', spec.gatewayClassName);
  checkCount(report, 'spec.listeners', listeners.length, 1, MAX_LISTENERS);
  const names = new Set<string>();
  const places = new Set<string>();
  for (const [i, listener] of listeners.entries()) {
    const at = `spec.listeners[${i}]`;
    const place = `${listener.port} ${listener.protocol} ${listener.hostname ?? ''}`;
    if (names.has(listener.name)) report('SLU2014', `${at}.name`, 'Listener name must be unique within the Gateway');
    if (places.has(place)) {
      report('SLU2014', at, 'Combination of port, protocol and hostname must be unique for each listener');
    }
    names.add(listener.name);
    places.add(place);
    checkListener(listener, at, report);
  }
  for (const [i, { type = 'IPAddress', value }] of (spec.addresses ?? []).entries()) {
    if (value && type === 'IPAddress' && !isIp(value)) {
      report('SLU2003', `spec.addresses[${i}].value`, `${value} is not a valid IP`);
    }
  }
}

function checkCount(report: Report, at: FieldPath, count: number, min: number, max: number): void {
  if (count < min || count > max) report('SLU2093', at, `${at}: must have ${min} to ${max} items, has ${count}`);
}

function checkName(report: Report, at: FieldPath, name: string): void {
  if (name === '' || name.length > MAX_NAME) {
    report('SLU2093', at, `${at}: Invalid value: must have 1 to ${MAX_NAME} characters, has ${name.length}`);
  }
}

function checkSectionName(report: Report, at: FieldPath, name: string | undefined): void {
  if (name === undefined || (name.length <= MAX_NAME && SECTION_NAME.test(name))) return;
  const form = 'lower-case letters, digits, hyphens and dots';
  report('SLU2093', at, `${at}: Invalid value: ${quote(name)}: a section's name has ${form}`);
}

function checkListener(listener: KubernetesListener, at: FieldPath, report: Report): void {
  const { protocol, hostname, tls } = listener;
  checkSectionName(report, `${at}.name`, listener.name);
  if (!PROTOCOLS.has(protocol) && !protocol.includes('/')) {
    report('SLU2006', `${at}.protocol`, `unsupported protocol: ${protocol}`);
  }
  if (hostname) checkHostname(report, `${at}.hostname`, hostname);
  if (hostname && (protocol === 'TCP' || protocol === 'UDP')) {
    report('SLU2093', `${at}.hostname`, "hostname must not be specified for protocols ['TCP', 'UDP']");
  }
  if (tls !== undefined && ['HTTP', 'TCP', 'UDP'].includes(protocol)) {
    report('SLU2093', `${at}.tls`, "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']");
  }
  if (protocol === 'HTTPS' && tls?.mode === 'Passthrough') {
    report('SLU2093', `${at}.tls.mode`, 'tls mode must be Terminate for protocol HTTPS');
  }
  if (protocol === 'TLS' && tls?.mode === undefined) {
    report('SLU2093', `${at}.tls`, 'tls mode must be set for protocol TLS');
  }
  if (tls !== undefined && (tls.mode ?? 'Terminate') === 'Terminate') {
    const isSet = (tls.certificateRefs?.length ?? 0) > 0 || Object.keys(tls.options ?? {}).length > 0;
    if (!isSet) report('SLU2093', `${at}.tls`, 'certificateRefs or options must be specified when mode is Terminate');
  }
}

/** A DNS name in lower case, no address; a wildcard stands for the whole first label. */
function checkHostname(report: Report, at: FieldPath, hostname: string): void {
  const problem = wildcardDomainProblem(hostname) ?? (hostname === '*' ? 'hostname cannot be wildcard' : undefined);
  const plain = hostname.startsWith('*.') ? hostname.slice(2) : hostname;
  if (problem !== undefined) report('SLU2002', at, problem);
  else if (
    isIp(hostname) ||
    hostname.endsWith('.') ||
    fqdnProblem(plain) !== undefined ||
    hostname !== hostname.toLowerCase()
  ) {
    report(
      'SLU2002',
      at,
      `invalid hostname ${JSON.stringify(hostname)}: must be a DNS name in lower case, not an address`,
    );
  }
}

export function checkL4Route(route: TCPRoute | TLSRoute, report: Report): void {
  const { spec } = route;
  checkCount(report, 'spec.rules', spec.rules.length, 1, MAX_RULES);
  checkCount(report, 'spec.parentRefs', spec.parentRefs?.length ?? 0, 0, MAX_PARENTS);
  checkParents(spec.parentRefs ?? [], report);
  const names = new Set<string>();
  for (const [i, rule] of spec.rules.entries()) {
    const at = `spec.rules[${i}]`;
    checkCount(report, `${at}.backendRefs`, rule.backendRefs.length, 1, MAX_BACKENDS);
    if (rule.name && names.has(rule.name)) {
      report('SLU2014', `${at}.name`, 'Rule name must be unique within the route');
    }
    if (rule.name) names.add(rule.name);
    checkSectionName(report, `${at}.name`, rule.name);
    for (const [j, backend] of rule.backendRefs.entries()) {
      checkName(report, `${at}.backendRefs[${j}].name`, backend.name);
      const isService = (backend.kind ?? 'Service') === 'Service' && !backend.group;
      if (isService && backend.port === undefined) {
        report('SLU2093', `${at}.backendRefs[${j}]`, 'Must have port for Service reference');
      }
    }
  }
  if (route.kind !== 'TLSRoute') return;
  checkCount(report, 'spec.hostnames', route.spec.hostnames?.length ?? 0, 0, MAX_HOSTNAMES);
  for (const [i, hostname] of (route.spec.hostnames ?? []).entries()) {
    checkHostname(report, `spec.hostnames[${i}]`, hostname);
  }
}

/** A parent may stand several times only for parts of it, each of which is told the same way. */
function checkParents(parents: readonly ParentReference[], report: Report): void {
  const seen = new Map<string, { readonly parts: Set<string>; readonly told: string }>();
  for (const [i, { group, kind, namespace = '', name, sectionName = '', port }] of parents.entries()) {
    const at = `spec.parentRefs[${i}]`;
    checkName(report, `${at}.name`, name);
    if (sectionName !== '') checkSectionName(report, `${at}.sectionName`, sectionName);
    const parent = JSON.stringify([group ?? GROUP, kind ?? 'Gateway', namespace, name]);
    const told = `${sectionName !== ''} ${port !== undefined}`;
    const part = `${sectionName} ${port ?? ''}`;
    const same = seen.get(parent);
    if (same === undefined) {
      seen.set(parent, { parts: new Set([part]), told });
      continue;
    }
    const what = 'when parentRefs includes 2 or more references to the same parent';
    if (same.told !== told) report('SLU2093', at, `sectionName or port must be specified ${what}`);
    else if (same.parts.has(part)) report('SLU2093', at, `sectionName or port must be unique ${what}`);
    same.parts.add(part);
  }
}

export function checkReferenceGrant({ spec }: ReferenceGrant, report: Report): void {
  checkCount(report, 'spec.from', spec.from.length, 1, MAX_GRANTS);
  checkCount(report, 'spec.to', spec.to.length, 1, MAX_GRANTS);
}
