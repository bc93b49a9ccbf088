// IST0101 and IST0112: destinations whose host, port or subset is not there, or is not clear.
import { type Destination, type FieldPath, keyOf, resolveHost, type VirtualService } from '@sluice/resource';
import { findHost, hasPort } from './host-scope.ts';
import type { Subject } from './subject.ts';

interface Use {
  readonly path: FieldPath;
  readonly destination: Destination;
  readonly mirror: boolean;
}

export function analyzeDestinations(subject: Subject): void {
  const subsets = knownSubsets(subject);
  for (const service of subject.byKind.VirtualService) {
    for (const use of destinationsOf(service)) {
      analyzeHost(subject, service, use);
      const { host, subset } = use.destination;
      if (!subset || subsets.has(`${resolveHost(host, service.metadata.namespace)} ${subset}`)) continue;
      subject.report(
        'SLU0101',
        keyOf(service),
        `${use.path}.subset`,
        `Referenced ${use.mirror ? 'mirror' : 'host'}+subset not found: "${host}+${subset}"`,
      );
    }
  }
}

function analyzeHost({ hosts, report }: Subject, service: VirtualService, { path, destination, mirror }: Use): void {
  const { namespace } = service.metadata;
  const key = keyOf(service);
  const known = findHost(hosts, destination.host, namespace, service.spec.exportTo);
  if (known === undefined) {
    report(
      'SLU0101',
      key,
      `${path}.host`,
      `Referenced ${mirror ? 'mirror host' : 'host'} not found: "${destination.host}"`,
    );
    return;
  }
  const port = destination.port?.number;
  if (!port && known.ports.length > 1)
    report(
      'SLU0112',
      key,
      path,
      `This VirtualService routes to a service "${destination.host}" that exposes multiple ports [${tellPorts(known.ports)}]. Specifying a port in the destination is required to disambiguate.`,
    );
  if (port && !hasPort(known, port))
    report('SLU0101', key, `${path}.port`, `Referenced host:port not found: "${destination.host}:${port}"`);
}

/** Ports that a message names: a Service may have thousands, and thousands of routes lead to it. */
const SHOWN_PORTS = 20;

function tellPorts(ports: readonly number[]): string {
  return ports.slice(0, SHOWN_PORTS).join(' ') + (ports.length > SHOWN_PORTS ? ' ...' : '');
}

/** `HOST SUBSET` of every DestinationRule. */
function knownSubsets({ byKind }: Subject): ReadonlySet<string> {
  const known = new Set<string>();
  for (const { metadata, spec } of byKind.DestinationRule) {
    const host = resolveHost(spec.host, metadata.namespace);
    for (const { name } of spec.subsets ?? []) known.add(`${host} ${name}`);
  }
  return known;
}

export function* destinationsOf({ spec }: VirtualService): Generator<Use> {
  for (const field of ['tcp', 'tls'] as const) {
    for (const [i, rule] of (spec[field] ?? []).entries())
      for (const [j, { destination }] of rule.route.entries())
        yield { path: `spec.${field}[${i}].route[${j}].destination`, destination, mirror: false };
  }
  for (const [i, rule] of (spec.http ?? []).entries()) {
    for (const [j, { destination }] of (rule.route ?? []).entries())
      yield { path: `spec.http[${i}].route[${j}].destination`, destination, mirror: false };
    if (rule.mirror !== undefined) yield { path: `spec.http[${i}].mirror`, destination: rule.mirror, mirror: true };
    for (const [j, { destination }] of (rule.mirrors ?? []).entries())
      yield { path: `spec.http[${i}].mirrors[${j}].destination`, destination, mirror: true };
  }
}
