// Resources to the plan of what one acceptor serves. Pure, and the same whatever order the resources come in.
import { type Code, type Complaint, complain, type FieldPath, type Resource, type ResourceKey } from '@sluice/resource';
import type { ChainPlan, ListenerPlan, TablePlan } from '@sluice/route-table';
import { candidatesByGateway } from './candidate.ts';
import { buildCatalog, type Catalog, groupByKind } from './catalog.ts';
import type { NamedChain } from './chain.ts';
import { closeClusterBook, openClusterBook } from './clusters.ts';
import type { CompileScope } from './compile-scope.ts';
import { complainOfRoutes } from './dropped-routes.ts';
import { buildListener, type NamedListener, type Unserved } from './listeners.ts';
import { type CompileOptions, settingOf } from './options.ts';
import { compareText } from './order.ts';
import { planPolicies } from './policies.ts';
import { complainOfDisplaced, mergePorts } from './port-merge.ts';

export interface Compiled {
  readonly plan: TablePlan;
  /** What is not followed, or not as Istio would, in order of resource, path and code. */
  readonly complaints: readonly Complaint[];
  /** Servers of this acceptor's gateways that take no connections, in order of port. */
  readonly idle: readonly IdleServer[];
}

/** A server without a part in any listener. */
export interface IdleServer {
  /** `namespace/name`. */
  readonly gateway: string;
  readonly resource: ResourceKey;
  readonly path: FieldPath;
  readonly bind: string;
  readonly port: number;
  readonly protocol: string;
  readonly code: Code;
  readonly reason: string;
}

/**
 * Compiles the resources of one version for the acceptors with the given labels. Never refuses: what cannot be followed is
 * left out and complained about, and destinations that lead nowhere become clusters without endpoints.
 */
export function compile(resources: Iterable<Resource>, options: CompileOptions): Compiled {
  const setting = settingOf(options);
  const complaints: Complaint[] = [];
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
  const merge = mergePorts(catalog.gateways);
  const unserved: Unserved[] = [...merge.displaced];
  const candidates = candidatesByGateway(catalog.routes);
  const listeners: NamedListener[] = [];
  for (const merged of merge.ports) {
    const listener = buildListener(scope, merged, candidates, unserved);
    if (listener !== undefined) listeners.push(listener);
  }
  complaints.push(...complainOfDisplaced(merge.displaced), ...complainOfUnserved(unserved, merge.displaced.length));
  for (const { code, key, path, message } of catalog.rules.drops) report(code, key, path, message);
  complainOfRoutes(scope, catalog, merge.ports);
  const plan = nameToIndex(listeners, scope, catalog);
  return {
    plan,
    complaints: sortComplaints(complaints),
    idle: unserved.map(idleServer).sort((a, b) => a.port - b.port),
  };
}

function complainOfUnserved(unserved: readonly Unserved[], from: number): Complaint[] {
  return unserved
    .slice(from)
    .map(({ server, code, message }) => complain(code, server.gateway.key, server.path, message));
}

function idleServer({ server, code, message }: Unserved): IdleServer {
  const { gateway, path, bind, port, protocol } = server;
  return { gateway: gateway.id, resource: gateway.key, path, bind, port, protocol, code, reason: message };
}

/** Clusters and policies get their places only now that all are known. */
function nameToIndex(listeners: readonly NamedListener[], scope: CompileScope, catalog: Catalog): TablePlan {
  const clusters = closeClusterBook(scope.clusters);
  const indexes = new Map(clusters.map((cluster, index) => [cluster.name, index]));
  const policies = planPolicies(catalog, scope.clusters.sources.setting, scope.report);
  const chainPlan = (chain: NamedChain): ChainPlan => ({
    names: chain.names,
    rules: chain.rules.map(({ conditions, route }) => ({
      conditions,
      route: {
        ...route,
        destinations: route.destinations.map(({ cluster, weight }) => ({ cluster: indexes.get(cluster)!, weight })),
      },
    })),
  });
  return {
    listeners: listeners.map(
      (listener): ListenerPlan => ({
        name: listener.name,
        bind: listener.bind,
        port: listener.port,
        gateways: [...new Set(listener.servers.map((server) => server.gateway.id))],
        inspectsTls: listener.inspectsTls,
        chains: listener.chains.map(chainPlan),
        authorization: policies.on(listener),
      }),
    ),
    clusters,
    authorization: policies.plans,
  };
}

/** Order of resource, path, code, message; the same complaint once. */
export function sortComplaints(complaints: readonly Complaint[]): readonly Complaint[] {
  const sorted = [...complaints].sort(
    (a, b) =>
      compareText(a.resource, b.resource) ||
      compareText(a.path, b.path) ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
  return sorted.filter((one, i) => {
    const last = sorted[i - 1];
    return (
      last === undefined ||
      one.resource !== last.resource ||
      one.path !== last.path ||
      one.code !== last.code ||
      one.message !== last.message
    );
  });
}
