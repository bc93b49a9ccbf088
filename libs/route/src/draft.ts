// Resources up to the point where every port has its chains: what a plan, complaints, and a later change are made from.
import type { Code, FieldPath, Resource, ResourceKey } from '@sluice/resource';
import { complain } from '@sluice/resource';
import { candidatesByGateway } from './candidate.ts';
import { buildCatalog, type Catalog, groupByKind } from './catalog.ts';
import { openClusterBook } from './clusters.ts';
import type { CompileScope } from './compile-scope.ts';
import { ComplaintBook } from './complaint-book.ts';
import { complainOfRoutes } from './dropped-routes.ts';
import { type BuiltPort, buildPort } from './listeners.ts';
import { complainOfLoad, matchLoad } from './match-load.ts';
import type { Setting } from './options.ts';
import { type PlannedPolicies, planPolicies } from './policies.ts';
import { mergePorts, type PortMerge } from './port-merge.ts';
import type { FindSecret } from './tls-plan.ts';
import { complainOfTls, findSecretIn } from './tls-servers.ts';

export interface Draft {
  readonly catalog: Catalog;
  readonly scope: CompileScope;
  readonly merge: PortMerge;
  /** By port, then address. */
  readonly ports: readonly BuiltPort[];
  readonly complaints: ComplaintBook;
  /** There was too much to match, and so no port was looked at (SLU3037). */
  readonly tooMuch: boolean;
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
  const tooMuch = matchLoad(catalog) === null;
  if (tooMuch) complaints.push(complainOfLoad());
  const merge = mergePorts(tooMuch ? [] : catalog.gateways, only);
  const candidates = candidatesByGateway(tooMuch ? [] : catalog.routes);
  return {
    catalog,
    scope,
    merge,
    ports: merge.ports.map((port) => buildPort(scope, port, candidates)),
    complaints,
    tooMuch,
    findSecret: findSecretIn(catalog.byKind.Secret, setting),
  };
}

/** The policies of a draft, and everything there is to say of it but of idle servers: that is in `complaints` now. */
export function closeDraft({ catalog, scope, merge, tooMuch, findSecret }: Draft, setting: Setting): PlannedPolicies {
  for (const { code, key, path, message } of catalog.rules.drops) scope.report(code, key, path, message);
  if (!tooMuch) complainOfRoutes(scope, catalog, merge.ports);
  complainOfTls(merge.ports, findSecret, scope.report);
  return planPolicies(catalog, setting, scope.report);
}
