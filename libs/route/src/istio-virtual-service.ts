// Istio's VirtualService read into the common model: names in full, gateways resolved, `mesh` left out.
import {
  complain,
  keyOf,
  resolveGateway,
  resolveHost,
  type VirtualService,
  type RouteDestination as WrittenDestination,
} from '@sluice/resource';
import { readAlpnAnnotation } from './alpn.ts';
import type { Complaints } from './complaint-book.ts';
import type { RouteDestination, RouteEntry, RouteMatch, RouteSource } from './model.ts';

/** The L4 part of a match that `tcp` and `tls` share. */
interface WrittenMatch {
  readonly port?: number;
  readonly gateways?: readonly string[];
  readonly destinationSubnets?: readonly string[];
  readonly sourceSubnet?: string;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
  readonly sniHosts?: readonly string[];
}

interface WrittenRule {
  readonly match?: readonly WrittenMatch[];
  readonly route: readonly WrittenDestination[];
}

/** The source, and what is wrong with its annotations (SLU3010), or that it is not for an edge (SLU3035). */
export function readVirtualService(resource: VirtualService, complaints: Complaints): RouteSource {
  const { namespace, name, annotations } = resource.metadata;
  const { spec } = resource;
  const key = keyOf(resource);
  const id = `${namespace}/${name}`;
  const alpn = readAlpnAnnotation(annotations, (message) =>
    complaints.push(complain('SLU3010', key, 'metadata.annotations', message)),
  );
  const entries = (field: 'tcp' | 'tls', rules: readonly WrittenRule[] | undefined): RouteEntry[] =>
    (rules ?? []).map((rule, index) => ({
      name: `${id}/${field}[${index}]`,
      path: `spec.${field}[${index}]`,
      matches: readMatches(rule.match, `spec.${field}[${index}]`, namespace, field === 'tls' ? alpn : NO_ALPN),
      destinations: rule.route.map((route, i) =>
        readDestination(route, `spec.${field}[${index}].route[${i}]`, namespace),
      ),
    }));
  const tls = entries('tls', spec.tls);
  reportUnusedAlpn(alpn, tls, (message) => complaints.push(complain('SLU3010', key, 'metadata.annotations', message)));
  const gateways = [...new Set((spec.gateways ?? []).map((reference) => resolveGateway(reference, namespace)))].filter(
    (reference) => reference !== MESH,
  );
  // Without hosts it is a part of another one.
  if (gateways.length === 0 && (spec.hosts ?? []).length > 0)
    complaints.push(
      complain(
        'SLU3035',
        key,
        'spec.gateways',
        'not followed at an edge: without a Gateway the rules are for the mesh only',
      ),
    );
  return {
    key,
    id,
    namespace,
    hosts: (spec.hosts ?? []).map((host) => resolveHost(host, namespace)),
    gateways,
    tcp: entries('tcp', spec.tcp),
    tls,
    http: (spec.http ?? []).length > 0,
  };
}

/** What Istio calls all sidecars where a Gateway could stand. */
export const MESH = 'mesh';

/** Protocols narrow `tls` rules only: plain TCP has none to look at. */
const NO_ALPN: ReadonlyMap<string, readonly string[]> = new Map();

function readMatches(
  matches: readonly WrittenMatch[] | undefined,
  path: string,
  namespace: string,
  alpn: ReadonlyMap<string, readonly string[]>,
): RouteMatch[] {
  if (matches === undefined || matches.length === 0) return [{ path, names: [] }];
  return matches.map((match, index) => {
    const at = `${path}.match[${index}]`;
    return {
      path: at,
      port: match.port === 0 ? undefined : match.port,
      gateways:
        match.gateways === undefined || match.gateways.length === 0
          ? undefined
          : match.gateways.map((reference) => resolveGateway(reference, namespace)),
      names: [...new Set((match.sniHosts ?? []).map((name) => name.toLowerCase()))],
      destinationSubnets: match.destinationSubnets?.length ? match.destinationSubnets : undefined,
      sourceSubnet: match.sourceSubnet || undefined,
      sourceLabels: Object.keys(match.sourceLabels ?? {}).length > 0 ? match.sourceLabels : undefined,
      sourceNamespace: match.sourceNamespace || undefined,
      alpn: alpn.get(at) ?? alpn.get(path) ?? alpn.get(''),
    };
  });
}

function readDestination(route: WrittenDestination, path: string, namespace: string): RouteDestination {
  return {
    path: `${path}.destination`,
    host: resolveHost(route.destination.host, namespace),
    subset: route.destination.subset ?? '',
    port: route.destination.port?.number || undefined,
    weight: route.weight ?? 0,
  };
}

function reportUnusedAlpn(
  alpn: ReadonlyMap<string, readonly string[]>,
  tls: readonly RouteEntry[],
  report: (message: string) => void,
): void {
  const known = new Set(tls.flatMap((entry) => [entry.path, ...entry.matches.map((match) => match.path)]));
  for (const path of alpn.keys()) {
    if (path !== '' && !known.has(path))
      report(`sluice.io/alpn names ${path.slice('spec.'.length)}, which is not there`);
    if (path === '' && tls.length === 0) report('sluice.io/alpn narrows tls rules, and there are none');
  }
}
