// Istio's names of protocols, read without regard to case (istio/istio pkg/config/protocol).

const HTTP = new Set(['http', 'http2', 'grpc', 'grpc-web', 'http_proxy']);
const TLS = new Set(['https', 'tls']);
const OTHERS = new Set(['tcp', 'udp', 'mongo', 'redis', 'mysql', 'hbone', 'doublehbone']);

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
