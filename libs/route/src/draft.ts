// Resources up to the point where every port has its chains: what a plan, complaints, and a later change are made from.
import { type Code, type Complaint, complain, type FieldPath, type Resource, type ResourceKey } from '@sluice/resource';
import { complainOfMeshNames, namesTooMany } from './auto-passthrough.ts';
import { candidatesByGateway } from './candidate.ts';
import { buildCatalog, type Catalog, groupByKind } from './catalog.ts';
import { complainOfEndpoints, hasTooMany, openClusterBook } from './clusters.ts';
import type { CompileScope } from './compile-scope.ts';
import { ComplaintBook } from './complaint-book.ts';
import { complainOfRoutes } from './dropped-routes.ts';
import { type BuiltPort, buildPort } from './listeners.ts';
import { complainOfLoad, matchLoad } from './match-load.ts';
import type { Setting } from './options.ts';
import { complainOfPolicies, holdTooOften, type PlannedPolicies, planPolicies } from './policies.ts';
import { mergePorts, type PortMerge } from './port-merge.ts';
import { asksForTooMany, complainOfSources, countWorkloads, type TimesTried } from './source-addresses.ts';
import type { FindSecret } from './tls-plan.ts';
import { complainOfTls, findSecretIn } from './tls-servers.ts';

export interface Draft {
  readonly catalog: Catalog;
  readonly scope: CompileScope;
  readonly merge: PortMerge;
  /** By port, then address. */
  readonly ports: readonly BuiltPort[];
  readonly complaints: ComplaintBook;
  /** Set where there is more than is compiled (SLU3037, SLU3038, SLU3039, SLU3041): then there are no ports. */
  readonly tooMuch: Complaint | null;
  readonly findSecret: FindSecret;
}

/** `only`: claims (see `claimKey`) of the ports to draft, default all. */
export function draft(resources: Iterable<Resource>, setting: Setting, only?: ReadonlySet<string>): Draft {
  const complaints = new ComplaintBook();
  const report = (code: Code, key: ResourceKey, path: FieldPath, message: string) => {
    complaints.push(complain(code, key, path, message));
  };
  const catalog = buildCatalog(groupByKind(resources), setting, complaints);
  const scope: CompileScope = {
    clusters: openClusterBook({ setting, ...catalog }, report),
    report,
    used: new Set(),
    enders: new Map(),
    routed: new Set(),
  };
  let tooMuch = weigh(catalog, setting);
  const merge = mergePorts(tooMuch ? [] : catalog.gateways, only);
  const candidates = candidatesByGateway(tooMuch ? [] : catalog.routes);
  const ports = merge.ports.map((port) => buildPort(scope, port, candidates));
  if (hasTooMany(scope.clusters.looked)) tooMuch = complainOfEndpoints();
  else if (namesTooMany(scope.clusters)) tooMuch = complainOfMeshNames();
  if (tooMuch) complaints.push(tooMuch);
  return {
    catalog,
    scope,
    merge,
    ports: tooMuch ? [] : ports,
    complaints,
    tooMuch,
    findSecret: findSecretIn(catalog.byKind.Secret, setting),
  };
}

/** What is to be said before anything is compiled. */
function weigh(catalog: Catalog, setting: Setting): Complaint | null {
  const load = matchLoad(catalog);
  if (load === null) return complainOfLoad();
  if (holdTooOften(catalog, setting)) return complainOfPolicies();
  const timesTried: TimesTried = (...asked) => load.timesTried(...asked);
  return asksForTooMany(catalog.routes, countWorkloads(catalog.workloads), timesTried) ? complainOfSources() : null;
}

/** The policies of a draft, and everything there is to say of it but of idle servers: that is in `complaints` now. */
export function closeDraft({ catalog, scope, merge, tooMuch, findSecret }: Draft, setting: Setting): PlannedPolicies {
  for (const { code, key, path, message } of catalog.rules.drops) scope.report(code, key, path, message);
  if (!tooMuch) complainOfRoutes(scope, catalog, merge.ports);
  complainOfTls(merge.ports, findSecret, scope.report);
  return planPolicies(catalog, setting, scope.report);
}
