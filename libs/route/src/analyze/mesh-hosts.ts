// IST0109: VirtualServices of the mesh that claim the same host. Sluice serves no mesh, but the set may come from one.
import { keyOf, resolveHost, type VirtualService } from '@sluice/resource';
import { addHost, firstHost, type HostIndex, newHostIndex } from '../host-index.ts';
import { compareText } from '../order.ts';
import { EVERYWHERE, visibilityOf } from '../visibility.ts';
import type { Subject } from './subject.ts';

/** Keeps the messages about many claimants of one host from growing with their square. */
const SHOWN_SERVICES = 5;

interface Claimant {
  readonly service: VirtualService;
  /** `NAMESPACE/NAME`. */
  readonly id: string;
  readonly claims: readonly MeshClaim[];
}

export interface MeshClaim {
  /** A namespace, or `*`. */
  readonly scope: string;
  /** In full. */
  readonly host: string;
}

/** What a VirtualService claims in the mesh; nothing if it is bound to gateways alone. */
export function meshClaims({ spec, metadata }: VirtualService): readonly MeshClaim[] {
  const { gateways = [], hosts = [], exportTo } = spec;
  if (gateways.length > 0 && !gateways.includes('mesh')) return [];
  const scopes = visibilityOf(exportTo, metadata.namespace);
  const full = [...new Set(hosts.map((name) => resolveHost(name, metadata.namespace)))];
  return [...(scopes.has(EVERYWHERE) ? [EVERYWHERE] : scopes)].flatMap((scope) =>
    full.map((host) => ({ scope, host })),
  );
}

/**
 * Within one scope the hosts must be the same, between a namespace and all namespaces it is enough that they overlap, as in
 * Istio. A partial wildcard (`*foo.com`) is compared within its scope only.
 */
export function analyzeMeshHosts({ byKind, report }: Subject): void {
  const claimants = byKind.VirtualService.map((service): Claimant => {
    const id = `${service.metadata.namespace}/${service.metadata.name}`;
    return { service, id, claims: meshClaims(service) };
  })
    .filter(({ claims }) => claims.length > 0)
    .sort((a, b) => compareText(a.id, b.id));
  const same = new Map<string, string[]>();
  const everywhere = newHostIndex();
  const scoped = newHostIndex();
  for (const [position, { id, claims }] of claimants.entries()) {
    for (const { scope, host } of claims) {
      const key = `${scope}/${host}`;
      if (same.has(key)) same.get(key)!.push(id);
      else same.set(key, [id]);
      if (!isPartial(host)) addHost(scope === EVERYWHERE ? everywhere : scoped, host, position);
    }
  }
  for (const { service, claims } of claimants) {
    for (const { scope, host } of claims) {
      const names = [...same.get(`${scope}/${host}`)!];
      const other = firstOverlapping(scope === EVERYWHERE ? scoped : everywhere, host, claimants);
      if (other !== undefined) names.push(other);
      if (names.length < 2) continue;
      const shown = names.slice(0, SHOWN_SERVICES).join(',') + (names.length > SHOWN_SERVICES ? ',...' : '');
      report(
        'SLU0109',
        keyOf(service),
        'spec.hosts',
        `The VirtualServices ${shown} associated with mesh gateway define the same host ${scope}/${host} which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.`,
      );
      break;
    }
  }
}

function firstOverlapping(index: HostIndex, host: string, claimants: readonly Claimant[]): string | undefined {
  return isPartial(host) ? undefined : claimants[firstHost(index, host)]?.id;
}

/** Only hosts that an index finds without trying one by one are compared across scopes. */
export function isPartial(host: string): boolean {
  return host.startsWith('*') && host !== '*' && !host.startsWith('*.');
}
