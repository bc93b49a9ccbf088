// Servers with AUTO_PASSTHROUGH: the server name itself says the cluster, `outbound_.PORT_.SUBSET_.HOST`
// (Istio: `builtAutoPassthroughFilterChains`). Only for TLS between meshes, so the client must offer Istio's protocols.

import { findBackend } from './backend.ts';
import { addRule, takenNames } from './chain.ts';
import { hasTooMany, ruleFor } from './clusters.ts';
import type { CompileScope } from './compile-scope.ts';
import { isSubsetOf } from './host.ts';
import type { RouteEntry, RouteSource, Server } from './model.ts';
import { planRoute } from './route-plan.ts';
import type { TlsBook } from './tls-rules.ts';

/** What Istio's proxies offer to each other (`pilot/pkg/networking/util` ALPNs of mutual TLS). */
const MESH_PROTOCOLS = ['istio-peer-exchange', 'istio', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

/** Adds a rule for every subset of every port of the hosts inside the mesh that the server serves; false if there are none. */
export function addAutoPassthrough(scope: CompileScope, book: TlsBook, server: Server): boolean {
  const { backends, setting } = scope.clusters.sources;
  let added = false;
  for (const host of [...backends.keys()].sort()) {
    const backend = findBackend(backends, host, setting.namespace);
    if (backend === undefined || !server.hosts.some((served) => isSubsetOf(host, served.host))) continue;
    if (backend.providers.every((one) => one.kind === 'ServiceEntry' && one.entry.spec.location !== 'MESH_INTERNAL'))
      continue;
    const subsets = ['', ...(ruleFor(scope.clusters, host)?.subsets.keys() ?? [])];
    for (const port of backend.ports.keys()) {
      for (const subset of subsets) {
        // Nothing is compiled then (SLU3039), and a port by a subset is a rule each.
        if (hasTooMany(scope.clusters.looked)) return added;
        const name = `outbound_.${port}_.${subset}_.${host}`;
        if (takenNames(book.names, [name]).length > 0) continue;
        const route = planRoute(
          scope.clusters,
          sourceOf(server),
          entryFor(server, name, host, subset, port),
          server.port,
        );
        addRule(book.names, [name], { conditions: [{ fact: 'alpn', protocols: MESH_PROTOCOLS }], route: route! });
        added = true;
      }
    }
  }
  return added;
}

function sourceOf({ gateway }: Server): RouteSource {
  return {
    key: gateway.key,
    id: gateway.id,
    namespace: gateway.namespace,
    hosts: [],
    gateways: [],
    tcp: [],
    tls: [],
    http: false,
  };
}

function entryFor(server: Server, name: string, host: string, subset: string, port: number): RouteEntry {
  return {
    name: `${server.gateway.id}/${name}`,
    path: server.path,
    matches: [{ path: server.path, names: [name] }],
    destinations: [{ path: server.path, host, subset, port, weight: 1 }],
  };
}
