// IST0118 and IST0150: ports of Services whose names do not say their protocol.
import { keyOf, type Service } from '@sluice/resource';
import type { Subject } from './subject.ts';

/** Istio takes the protocol from `NAME` or `NAME-SUFFIX` (`pkg/config/kube/conversion.go`), or from appProtocol. */
const NAMED_PROTOCOLS = new Set([
  'tcp',
  'udp',
  'grpc',
  'grpc-web',
  'http',
  'http_proxy',
  'http2',
  'https',
  'tls',
  'mongo',
  'redis',
  'mysql',
  'hbone',
]);
/** Kubernetes' own names for application protocols. */
const APP_PROTOCOLS = new Set(['kubernetes.io/h2c', 'kubernetes.io/ws', 'kubernetes.io/wss']);
/** Ports whose protocol Istio knows and never guesses: SMTP, DNS, MySQL, MongoDB. */
const WELL_KNOWN_PORTS = new Set([25, 53, 3306, 27017]);
/** Namespaces of Kubernetes and Istio themselves are left alone. */
const SYSTEM_NAMESPACES = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
  'istio-system',
]);

export function analyzeServices({ byKind, report }: Subject): void {
  for (const service of byKind.Service) {
    if (SYSTEM_NAMESPACES.has(service.metadata.namespace) || isOfControlPlane(service)) continue;
    (service.spec.ports ?? []).forEach((port, index) => {
      const path = `spec.ports[${index}]`;
      if (service.spec.type === 'ExternalName' && (port.name === 'tcp' || !saysProtocol(port)))
        report(
          'SLU0150',
          keyOf(service),
          path,
          'Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly',
        );
      else if (!saysProtocol(port))
        report(
          'SLU0118',
          keyOf(service),
          path,
          `Port name ${port.name ?? ''} (port: ${port.port}, targetPort: ${port.targetPort ?? 0}) doesn't follow the naming convention of Istio port.`,
        );
    });
  }
}

/** Istio marks what it installs itself. */
function isOfControlPlane({ metadata: { labels } }: Service): boolean {
  return labels.istio !== undefined || labels.release === 'istio';
}

type Port = NonNullable<Service['spec']['ports']>[number];

function saysProtocol({ name = '', port, protocol = 'TCP', appProtocol }: Port): boolean {
  if (protocol === 'UDP' || WELL_KNOWN_PORTS.has(port)) return true;
  const text = (appProtocol ?? name).toLowerCase();
  if (APP_PROTOCOLS.has(text) || NAMED_PROTOCOLS.has(text)) return true;
  if (text.startsWith('grpc-web')) return true;
  const dash = text.indexOf('-');
  return dash >= 0 && NAMED_PROTOCOLS.has(text.slice(0, dash));
}
