// How far the lists of resources multiply with each other: a host is looked at in each namespace it is exported to, with each
// of its ports. So some thousand values of text can ask for millions of look-ups, and a set beyond the bound is refused
// before any of it is looked at.
import { type Complaint, complain, type Resource, type VirtualService } from '@sluice/resource';

/** Of what multiplies only: a list that is looked at once costs what it is long, and is no reason to refuse a set. */
export const MAX_SPREAD = 1_000_000;

/** How many more look-ups the lists of a resource ask for than the longest of them has values; 0 where none multiply. */
export function spreadOf(resource: Resource | undefined): number {
  switch (resource?.kind) {
    case 'VirtualService': {
      const { exportTo, hosts } = resource.spec;
      return (lengthOf(exportTo) - 1) * (lengthOf(hosts) + countDestinations(resource));
    }
    case 'ServiceEntry': {
      const { exportTo, hosts, ports, endpoints } = resource.spec;
      return multiplied(hosts, exportTo, ports) + (lengthOf(hosts) - 1) * (endpoints?.length ?? 0);
    }
    case 'TLSRoute':
      return multiplied(resource.spec.hostnames, resource.spec.parentRefs);
    default:
      return 0;
  }
}

function multiplied(...lists: readonly (readonly unknown[] | undefined)[]): number {
  const lengths = lists.map(lengthOf);
  return lengths.reduce((product, length) => product * length, 1) - Math.max(...lengths);
}

export function isTooFar(spread: number): boolean {
  return spread > MAX_SPREAD;
}

export function spreadOfAll(resources: Iterable<Resource>): number {
  let spread = 0;
  for (const resource of resources) spread += spreadOf(resource);
  return spread;
}

export function complainOfSpread(): Complaint {
  const message = `hosts, ports, endpoints, destinations, parents and namespaces of exportTo multiply to more than ${MAX_SPREAD}`;
  return complain('SLU3040', '', '', message);
}

function lengthOf(list: readonly unknown[] | undefined): number {
  return Math.max(1, list?.length ?? 0);
}

function countDestinations({ spec: { tcp = [], tls = [], http = [] } }: VirtualService): number {
  let count = 0;
  for (const { route } of [...tcp, ...tls]) count += route.length;
  for (const { route, mirror, mirrors } of http)
    count += (route?.length ?? 0) + (mirrors?.length ?? 0) + (mirror ? 1 : 0);
  return count;
}
