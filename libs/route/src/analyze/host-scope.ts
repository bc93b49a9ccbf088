// Hosts that a destination may name, by the namespaces that see them. Follows Istio's analyzers
// (`pkg/config/analysis/analyzers/util/service_lookup.go`), not what one acceptor sees.
import { keyOf, resolveHost, serviceHost } from '@sluice/resource';
import { leadsToAnyPort } from '../backend.ts';
import type { ByKind } from '../catalog.ts';
import type { Labels } from '../label.ts';
import { compareText } from '../order.ts';
import { EVERYWHERE, type Visibility, visibilityOf, visibilityOfService } from '../visibility.ts';

export interface KnownHost {
  readonly host: string;
  readonly namespace: string;
  readonly ports: readonly number[];
  /** An ExternalName Service that lists no ports: any is there. */
  readonly anyPort: boolean;
  /** Labels of its endpoints; undefined where it does not select workloads. */
  readonly selector: Labels | undefined;
  readonly visibility: Visibility;
}

/** What one name means. */
interface Meanings {
  /** Wherever it is seen. */
  readonly first: KnownHost;
  /** In each namespace, or everywhere (`*`), the first that is seen there, and its place among all hosts. */
  readonly byScope: Map<string, { readonly known: KnownHost; readonly place: number }>;
}

export interface HostScopes {
  readonly exact: ReadonlyMap<string, Meanings>;
  /** By the text behind `*`. */
  readonly wildcards: ReadonlyMap<string, Meanings>;
}

export function indexHosts(byKind: ByKind): HostScopes {
  const exact = new Map<string, Meanings>();
  const wildcards = new Map<string, Meanings>();
  let place = 0;
  const add = (known: KnownHost) => {
    const wildcard = known.host.startsWith('*');
    const map = wildcard ? wildcards : exact;
    const key = wildcard ? known.host.slice(1) : known.host;
    let meanings = map.get(key);
    if (meanings === undefined) map.set(key, (meanings = { first: known, byScope: new Map() }));
    place++;
    for (const scope of known.visibility)
      if (!meanings.byScope.has(scope)) meanings.byScope.set(scope, { known, place });
  };
  for (const service of byKind.Service) {
    const { metadata, spec } = service;
    add({
      host: serviceHost(metadata.name, metadata.namespace),
      namespace: metadata.namespace,
      ports: (spec.ports ?? []).map(({ port }) => port),
      anyPort: leadsToAnyPort(service),
      selector: spec.selector,
      visibility: visibilityOfService(metadata.annotations, metadata.namespace),
    });
  }
  for (const { metadata, spec } of [...byKind.ServiceEntry].sort((a, b) => compareText(keyOf(a), keyOf(b)))) {
    const { namespace } = metadata;
    for (const host of new Set(spec.hosts.map((name) => resolveHost(name, namespace)))) {
      add({
        host,
        namespace,
        ports: (spec.ports ?? []).map(({ number }) => number),
        anyPort: false,
        selector: spec.workloadSelector?.labels,
        visibility: visibilityOf(spec.exportTo, namespace),
      });
    }
  }
  return { exact, wildcards };
}

/** Whether a host has a port, of whatever protocol. */
export function hasPort({ ports, anyPort }: KnownHost, port: number): boolean {
  return anyPort || ports.includes(port);
}

/**
 * What a host means in a resource of `namespace` with `exportTo`: seen by all, or by one of the namespaces the resource is
 * itself for; else a wildcard host that covers it.
 */
export function findHost(
  hosts: HostScopes,
  host: string,
  namespace: string,
  exportTo: readonly string[] | undefined,
): KnownHost | undefined {
  const name = resolveHost(host, namespace);
  const scopes = exportTo === undefined || exportTo.length === 0 ? [namespace] : visibilityOf(exportTo, namespace);
  const text = name.startsWith('*') ? name.slice(1) : name;
  const candidates = name.startsWith('*') ? hosts.wildcards.get(text) : hosts.exact.get(name);
  const found = findVisible(candidates, [EVERYWHERE]) ?? findVisible(candidates, scopes);
  if (found !== undefined || hosts.wildcards.size === 0) return found;
  for (let at = 0; at <= text.length; at++) {
    const wildcard = findVisible(hosts.wildcards.get(text.slice(at)), [EVERYWHERE, namespace]);
    if (wildcard !== undefined) return wildcard;
  }
  return undefined;
}

/** The first of all that are seen in any of the scopes. */
function findVisible(meanings: Meanings | undefined, scopes: Iterable<string>): KnownHost | undefined {
  if (meanings === undefined) return undefined;
  let first: { readonly known: KnownHost; readonly place: number } | undefined;
  for (const scope of scopes) {
    const found = meanings.byScope.get(scope);
    if (found !== undefined && (first === undefined || found.place < first.place)) first = found;
  }
  return first?.known;
}
