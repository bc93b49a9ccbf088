// The words of words.ts and more: those under which what has something to say of a resource is found.
import { type Resource, resolveGateway, resolveHost, serviceHost, type VirtualService } from '@sluice/resource';
import { destinationsOf } from '../analyze/destinations.ts';
import { meshClaims } from '../analyze/mesh-hosts.ts';
import type { RouteSource } from '../model.ts';
import type { Setting } from '../options.ts';
import { EVERYWHERE } from '../visibility.ts';
import { word, wordsOf, wordsOfRoute } from './words.ts';

export const analysisWord = {
  /** Routes that name a Gateway, whether it is there or not. */
  reference: (gateway: string) => `reference ${gateway}`,
  /** VirtualServices of the mesh with a host in a scope. */
  mesh: (scope: string, host: string) => `mesh ${scope}/${host}`,
  /** Those of them that not every namespace sees. */
  scopedMesh: 'scoped mesh',
  /** Gateways by name, and by each of their ports. */
  gateway: (id: string) => `gateway ${id}`,
  port: (port: number) => `port ${port}`,
  policies: 'policies',
  /** Gateways that serve every host there is. */
  autoPassthrough: 'auto passthrough',
} as const;

/** `source`: a route as read beside its gateways, if it is seen at all. */
export function* analysisWordsOf(
  resource: Resource,
  setting: Setting,
  source: RouteSource | undefined,
): Generator<string> {
  yield* wordsOf(resource, setting);
  switch (resource.kind) {
    case 'VirtualService':
      yield* ofVirtualService(resource);
      return;
    case 'TCPRoute':
    case 'TLSRoute':
      if (source !== undefined) yield* wordsOfRoute(source);
      for (const { backendRefs } of resource.spec.rules)
        for (const { name, namespace } of backendRefs)
          yield word.destination(serviceHost(name, namespace ?? resource.metadata.namespace));
      return;
    case 'Gateway': {
      const { namespace, name } = resource.metadata;
      yield analysisWord.gateway(`${namespace}/${name}`);
      for (const { port, tls } of resource.spec.servers) {
        yield analysisWord.port(port.number);
        if (tls?.mode === 'AUTO_PASSTHROUGH') yield analysisWord.autoPassthrough;
      }
      return;
    }
    case 'KubernetesGateway':
      for (const { port } of resource.spec.listeners) yield analysisWord.port(port);
      return;
    case 'AuthorizationPolicy':
      yield analysisWord.policies;
  }
}

function* ofVirtualService(resource: VirtualService): Generator<string> {
  const { spec, metadata } = resource;
  const { namespace } = metadata;
  for (const { destination } of destinationsOf(resource))
    yield word.destination(resolveHost(destination.host, namespace));
  const gateways = (spec.gateways ?? []).map((written) => resolveGateway(written, namespace));
  for (const gateway of gateways) if (gateway !== 'mesh') yield analysisWord.reference(gateway);
  for (const { scope, host } of meshClaims(resource)) {
    yield analysisWord.mesh(scope, host);
    if (scope !== EVERYWHERE) yield analysisWord.scopedMesh;
  }
}
