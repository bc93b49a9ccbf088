// Istio's names of protocols, read without regard to case (istio/istio pkg/config/protocol).

const HTTP = new Set(['http', 'http2', 'grpc', 'grpc-web', 'http_proxy']);
const TLS = new Set(['https', 'tls']);
const OTHERS = new Set(['tcp', 'udp', 'mongo', 'redis', 'mysql', 'hbone', 'doublehbone']);

/** The protocols a gateway's server may have, as Istio's message lists them: HTTPS, TLS and UDP are taken as well. */
export const SERVER_PROTOCOLS = 'HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP';

/** What a protocol means for routing: `http` has hosts in plain text, `tls` has SNI, `tcp` has neither. */
export type ProtocolFamily = 'http' | 'tls' | 'tcp' | 'udp';

/** The family of a protocol's name; undefined if Istio does not know it. */
export function protocolFamily(name: string): ProtocolFamily | undefined {
  const key = name.toLowerCase();
  if (HTTP.has(key)) return 'http';
  if (TLS.has(key)) return 'tls';
  if (key === 'udp') return 'udp';
  return OTHERS.has(key) ? 'tcp' : undefined;
}
