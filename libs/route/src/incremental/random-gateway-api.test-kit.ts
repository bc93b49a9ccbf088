// Random resources of the Gateway API, and what random resources have in common. For tests only.
import type { KubernetesGateway, Metadata, ReferenceGrant, TCPRoute, TLSRoute } from '@sluice/resource';
import fc from 'fast-check';

export const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
export const metadata = (name: string, namespace: string, labels: Record<string, string> = {}): Metadata => ({
  name,
  namespace,
  labels,
  annotations: {},
});
export function tidy<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

export const namespace = fc.constantFrom('a', 'b');
const ENDED = { mode: 'Terminate', certificateRefs: [{ name: 'c1' }] };

export const kubernetesGateway = fc
  .record({
    namespace,
    listeners: fc.uniqueArray(
      fc.constantFrom(
        { name: 'tcp', port: 7000, protocol: 'TCP' },
        { name: 'tls', port: 7000, protocol: 'TLS', hostname: '*.x.com', tls: { mode: 'Passthrough' } },
        { name: 'own', port: 7100, protocol: 'TLS', tls: { mode: 'Passthrough' } },
        { name: 'ended', port: 7100, protocol: 'TLS', hostname: 'a.x.com', tls: ENDED },
      ),
      { minLength: 2, maxLength: 4 },
    ),
  })
  .map(
    ({ namespace, listeners }): KubernetesGateway => ({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'KubernetesGateway',
      metadata: metadata('k', namespace),
      spec: {
        gatewayClassName: 'istio',
        listeners: listeners.map((one) => ({ ...one, allowedRoutes: { namespaces: { from: 'All' } } })),
      } as KubernetesGateway['spec'],
    }),
  );

export const route = fc
  .record({
    name: fc.constantFrom('t0', 't1'),
    namespace,
    tls: fc.boolean(),
    parent: namespace,
    sectionName: maybe(fc.constantFrom('tcp', 'own', 'ended')),
    hostnames: maybe(fc.uniqueArray(fc.constantFrom('a.x.com', '*.x.com', 'y.com'), { minLength: 1, maxLength: 2 })),
    backend: fc.constantFrom('s0', 's0', 's1', 'gone'),
    toNamespace: maybe(namespace),
  })
  .map(({ name, namespace, tls, parent, sectionName, hostnames, backend, toNamespace }): TCPRoute | TLSRoute => {
    const parentRefs = [tidy({ name: 'k', namespace: parent, sectionName })];
    const rules = [{ backendRefs: [tidy({ name: backend, port: 80, namespace: toNamespace })] }];
    const apiVersion = 'gateway.networking.k8s.io/v1alpha2';
    return tls
      ? {
          apiVersion,
          kind: 'TLSRoute',
          metadata: metadata(name, namespace),
          spec: tidy({ parentRefs, hostnames, rules }),
        }
      : { apiVersion, kind: 'TCPRoute', metadata: metadata(name, namespace), spec: { parentRefs, rules } };
  });

export const grant = namespace.map(
  (to): ReferenceGrant => ({
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'ReferenceGrant',
    metadata: metadata('grant', to),
    spec: {
      from: ['TCPRoute', 'TLSRoute'].map((kind) => ({
        group: 'gateway.networking.k8s.io',
        kind,
        namespace: to === 'a' ? 'b' : 'a',
      })),
      to: [{ group: '', kind: 'Service' }],
    },
  }),
);
