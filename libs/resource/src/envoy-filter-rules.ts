// Rules of EnvoyFilter (istio/istio pkg/config/validation/envoyfilter, and the CRD's rules), but for the patches' values.
import type { EnvoyFilterSpec } from './envoy-filter.ts';
import type { FieldPath } from './field-path.ts';
import type { Report } from './issue.ts';
import { checkTarget } from './policy-target-rules.ts';
import { checkRegex } from './regex-rules.ts';
import { checkOneOf, checkSelector } from './shared-rules.ts';

type Patch = NonNullable<EnvoyFilterSpec['configPatches']>[number];
type Match = NonNullable<Patch['match']>;

const LISTENER_CLASS = ['LISTENER', 'FILTER_CHAIN', 'NETWORK_FILTER', 'HTTP_FILTER', 'LISTENER_FILTER'];
const ROUTE_CLASS = ['ROUTE_CONFIGURATION', 'VIRTUAL_HOST', 'HTTP_ROUTE'];
const HTTP_MANAGERS = ['envoy.filters.network.http_connection_manager', 'envoy.http_connection_manager'];
const MATCHES = ['listener', 'routeConfiguration', 'cluster', 'waypoint'] as const;

export function checkEnvoyFilter(spec: EnvoyFilterSpec, report: Report): void {
  const { workloadSelector, targetRefs = [], configPatches = [] } = spec;
  if (workloadSelector !== undefined) {
    const suffix = ', will be applied to all services in namespace';
    checkSelector(report, 'spec.workloadSelector', workloadSelector.labels, 'Envoy filter: ', suffix);
    if (targetRefs.length > 0) report('SLU2074', 'spec', 'only one of targetRefs or workloadSelector can be set');
  }
  for (const [i, target] of targetRefs.entries()) checkTarget(target, `spec.targetRefs[${i}]`, report);
  for (const [i, patch] of configPatches.entries()) checkPatch(patch, `spec.configPatches[${i}]`, report);
}

function checkPatch({ applyTo = 'INVALID', match, patch }: Patch, at: FieldPath, report: Report): void {
  const refuse = (path: FieldPath, message: string) => report('SLU2083', path, `Envoy filter: ${message}`);
  if (applyTo === 'INVALID') refuse(at, 'missing applyTo');
  if (match !== undefined) checkMatch(applyTo, match, `${at}.match`, report);
  // A waypoint's schema alone is told to do without.
  if (patch === undefined) {
    if (match?.waypoint === undefined) refuse(at, 'missing patch');
    return;
  }
  const { operation = 'INVALID', value } = patch;
  if (operation === 'INVALID') refuse(`${at}.patch`, 'missing patch operation');
  else if (operation !== 'REMOVE' && value === undefined) {
    refuse(`${at}.patch`, 'missing patch value for non-remove operation');
  }
}

function checkMatch(applyTo: string, match: Match, at: FieldPath, report: Report): void {
  const refuse = (path: FieldPath, message: string) => report('SLU2083', path, `Envoy filter: ${message}`);
  checkOneOf(report, at, match, MATCHES);
  const { listener, routeConfiguration, cluster, waypoint, context, proxy } = match;
  const kinds = MATCHES.filter((kind) => match[kind] !== undefined);
  const others = (kind: string) => kinds.length > 0 && !kinds.some((each) => each === kind || each === 'waypoint');
  if (LISTENER_CLASS.includes(applyTo) && others('listener')) {
    refuse(at, 'applyTo for listener class objects cannot have non listener match');
  } else if (ROUTE_CLASS.includes(applyTo) && others('routeConfiguration')) {
    refuse(at, 'applyTo for http route class objects cannot have non route configuration match');
  } else if (applyTo === 'CLUSTER' && others('cluster')) {
    refuse(at, 'applyTo for cluster class objects cannot have non cluster match');
  }
  const inWaypoint = context === 'WAYPOINT';
  const elsewhere = listener ?? routeConfiguration ?? cluster;
  if (inWaypoint ? elsewhere !== undefined : waypoint !== undefined) {
    refuse(at, 'only support waypointMatch when context is WAYPOINT');
  }
  if (proxy?.proxyVersion) {
    const named: Report = (code, path, message) =>
      report(code, path, `Envoy filter: invalid regex for proxy version, ${message}`);
    checkRegex(named, `${at}.proxy.proxyVersion`, proxy.proxyVersion, 'proxyVersion');
  }
  const filter = listener?.filterChain?.filter;
  if (filter !== undefined) checkFilter(applyTo, filter, `${at}.listener.filterChain.filter`, refuse);
}

type Filter = NonNullable<NonNullable<NonNullable<Match['listener']>['filterChain']>['filter']>;

function checkFilter(
  applyTo: string,
  { name, subFilter }: Filter,
  at: FieldPath,
  refuse: (path: FieldPath, message: string) => void,
): void {
  if (!name) refuse(at, 'filter match has no name to match on');
  if (subFilter === undefined) return;
  const path = `${at}.subFilter`;
  if (applyTo !== 'HTTP_FILTER') refuse(path, 'subfilter match can be used with applyTo HTTP_FILTER only');
  else if (!HTTP_MANAGERS.includes(name ?? '')) {
    refuse(path, `subfilter match requires filter match with ${HTTP_MANAGERS[0]}`);
  } else if (!subFilter.name) refuse(path, 'subfilter match has no name to match on');
}
