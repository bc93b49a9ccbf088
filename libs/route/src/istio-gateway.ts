// Istio's Gateway read into the common model. Says nothing of conflicts between servers.
import { type Gateway, type GatewayServer, keyOf, parseScopedHost, type ScopedHost } from '@sluice/resource';
import type { EdgeGateway, Server, ServerKind } from './model.ts';

/** Protocols whose connections Istio reads as HTTP (`pkg/config/protocol`). */
const HTTP_PROTOCOLS = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'GRPC-WEB-TEXT', 'HTTP_PROXY']);

export function readGateway(resource: Gateway): EdgeGateway {
  const { namespace, name } = resource.metadata;
  const servers: Server[] = [];
  const gateway: EdgeGateway = {
    key: keyOf(resource),
    id: `${namespace}/${name}`,
    reference: `${namespace}/${name}`,
    namespace,
    servers,
  };
  resource.spec.servers.forEach((server, index) => {
    const kind = serverKind(server);
    servers.push({
      gateway,
      path: `spec.servers[${index}]`,
      port: server.port.number,
      bind: server.bind ?? '',
      protocol: server.port.protocol,
      kind,
      hosts: serverHosts(server.hosts, namespace),
      ...(kind === 'terminate' ? { tls: server.tls } : {}),
    });
  });
  return gateway;
}

/** Istio: `createGatewayTCPFilterChainOpts`; the TLS mode's default is PASSTHROUGH. */
function serverKind(server: GatewayServer): ServerKind {
  const protocol = server.port.protocol.toUpperCase();
  if (HTTP_PROTOCOLS.has(protocol)) return 'http';
  if (protocol === 'UDP') return 'udp';
  if (server.tls === undefined) return protocol === 'HTTPS' ? 'https' : 'tcp';
  const mode = server.tls.mode ?? 'PASSTHROUGH';
  if (mode === 'PASSTHROUGH') return 'passthrough';
  if (mode === 'AUTO_PASSTHROUGH') return 'auto-passthrough';
  if (protocol === 'HTTPS') return 'https';
  return mode === 'ISTIO_MUTUAL' ? 'foreign-tls' : 'terminate';
}

/** One entry for every host and namespace takes the place of all hosts, as in Istio (`sanitizeServerHostNamespace`). */
function serverHosts(hosts: readonly string[], namespace: string): readonly ScopedHost[] {
  const scoped = hosts.map((host) => parseScopedHost(host, namespace));
  const all = scoped.find(({ namespace: scope, host }, i) => scope === '*' && host === '*' && hosts[i]!.includes('/'));
  return all === undefined ? scoped : [all];
}
