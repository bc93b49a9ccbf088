// Random versions that follow on each other: resources come, go and change, most of them a few at a time. For tests only.
import type {
  AuthorizationPolicy,
  DestinationRule,
  EndpointSlice,
  Gateway,
  KubernetesGateway,
  Metadata,
  ReferenceGrant,
  Resource,
  ResourceKey,
  Secret,
  Service,
  ServiceEntry,
  TCPRoute,
  TLSRoute,
  VirtualService,
  WorkloadEntry,
} from '@sluice/resource';
import { keyOf } from '@sluice/resource';
import fc from 'fast-check';
import { resourceSet } from '../random-resources.test-kit.ts';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const metadata = (name: string, namespace: string, labels: Record<string, string> = {}): Metadata => ({
  name,
  namespace,
  labels,
  annotations: {},
});
function tidy<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

const namespace = fc.constantFrom('a', 'b');
const host = fc.constantFrom('s0.a.svc.cluster.local', 's1.b.svc.cluster.local', '*.y.com', '*.y.com', '*.local');

const entry = fc
  .record({
    name: fc.constantFrom('e0', 'e1'),
    namespace,
    hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 2 }),
    ports: fc.uniqueArray(fc.constantFrom(80, 81), { minLength: 1, maxLength: 2 }),
    resolution: fc.constantFrom('STATIC' as const, 'STATIC' as const, 'DNS' as const, 'NONE' as const),
    selector: maybe(fc.constantFrom({ app: 's0' }, { app: 's1', version: 'v1' }, {})),
    exportTo: fc.constantFrom(undefined, undefined, undefined, ['.']),
    endpoint: maybe(fc.constantFrom('10.9.0.1', '10.9.0.2')),
  })
  .map(
    ({ name, namespace, hosts, ports, resolution, selector, exportTo, endpoint }): ServiceEntry => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: metadata(name, namespace),
      spec: tidy({
        hosts,
        ports: ports.map((number) => ({ number, name: `tcp-${number}`, protocol: 'TCP' })),
        resolution,
        exportTo,
        workloadSelector: selector === undefined ? undefined : { labels: selector },
        endpoints: endpoint === undefined ? undefined : [{ address: endpoint, labels: { version: 'v1' } }],
      }) as ServiceEntry['spec'],
    }),
  );

const slice = fc
  .record({
    name: fc.constantFrom('x0', 'x1'),
    namespace,
    service: fc.constantFrom('s0', 's1', 'gone'),
    address: fc.constantFrom('10.8.0.1', '10.8.0.2'),
    version: fc.constantFrom('v1', 'v2'),
  })
  .map(
    ({ name, namespace, service, address, version }): EndpointSlice => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: metadata(name, namespace, { 'kubernetes.io/service-name': service, version }),
      spec: {
        addressType: 'IPv4',
        endpoints: [{ addresses: [address] }],
        ports: [{ name: 'tcp-80', port: 8080, protocol: 'TCP' }],
      } as EndpointSlice['spec'],
    }),
  );

const ENDED = { mode: 'Terminate', certificateRefs: [{ name: 'c1' }] };

const kubernetesGateway = fc
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

const route = fc
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

const grant = namespace.map(
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

const rule = fc
  .record({
    name: fc.constantFrom('d0', 'd1', 'd2'),
    namespace: fc.constantFrom('a', 'b', 'istio-system'),
    host: fc.constantFrom('s0.a.svc.cluster.local', 's1.b.svc.cluster.local', '*.a.svc.cluster.local', '*.y.com', '*'),
    exportTo: fc.constantFrom(undefined, undefined, undefined, ['.']),
    idle: maybe(fc.constantFrom('5s', '7s')),
    most: fc.constantFrom(1, 2),
    subsets: fc.uniqueArray(fc.constantFrom('v1', 'v2'), { maxLength: 2 }),
  })
  .map(
    ({ name, namespace, host, exportTo, idle, most, subsets }): DestinationRule => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: metadata(name, namespace),
      spec: tidy({
        host,
        exportTo,
        trafficPolicy: {
          connectionPool: { tcp: tidy({ idleTimeout: idle, maxConnections: most }) },
          ...(most === 2 ? { tls: { mode: 'ISTIO_MUTUAL' as const } } : {}),
        },
        subsets: subsets.map((version) => ({ name: version, labels: { version } })),
      }),
    }),
  );

const destination = fc
  .record({
    host: fc.constantFrom('s0.a.svc.cluster.local', 's1.b.svc.cluster.local', 'x.y.com', '*.y.com'),
    subset: maybe(fc.constantFrom('v1', 'v2')),
    port: maybe(fc.constantFrom(80, 81)),
  })
  .map(({ host, subset, port }) => [
    { destination: tidy({ host, subset, port: port === undefined ? undefined : { number: port } }) },
  ]);

/** Routes of which most find a place on the gateways that are always there. */
const placed = fc
  .record({
    name: fc.constantFrom('p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'),
    namespace,
    gateways: fc.uniqueArray(fc.constantFrom('a/g0', 'b/g0', 'b/g0', 'mesh'), { minLength: 1, maxLength: 2 }),
    hosts: fc.constantFrom(['*'], ['*'], ['*.x.com'], ['a.x.com', 'z.org'], ['z.org']),
    exportTo: fc.constantFrom(undefined, undefined, ['.'], ['b', 'istio-system'], ['*']),
    tls: fc.array(
      fc.record({
        match: fc.array(
          fc.uniqueArray(fc.constantFrom('a.x.com', 'b.x.com', '*.x.com', 'c.x.com', 'd.x.com', 'closed.x.com'), {
            minLength: 1,
            maxLength: 2,
          }),
          { minLength: 1, maxLength: 2 },
        ),
        route: destination,
      }),
      { maxLength: 2 },
    ),
    tcp: fc.array(
      fc.record({
        port: fc.constantFrom(undefined, 7001, 7443, 7003),
        subnet: fc.constantFrom(undefined, '10.0.0.0/8', '10.1.0.0/16'),
        route: destination,
      }),
      { maxLength: 3 },
    ),
  })
  .map(
    ({ name, namespace, gateways, hosts, exportTo, tls, tcp }): VirtualService => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: metadata(name, namespace),
      spec: tidy({
        hosts,
        gateways,
        exportTo,
        tls: tls.map(({ match, route }) => ({ match: match.map((sniHosts) => ({ sniHosts })), route })),
        tcp: tcp.map(({ port, subnet, route }) => ({ match: [tidy({ port, sourceSubnet: subnet })], route })),
      }) as VirtualService['spec'],
    }),
  );

type Server = Gateway['spec']['servers'][number];
const tcpServer = (number: number): Server => ({
  port: { number, name: `p${number}`, protocol: 'TCP' },
  hosts: ['*/*'],
});
const tlsServer = (number: number, hosts: readonly string[], mode: 'PASSTHROUGH' | 'SIMPLE'): Server => ({
  port: { number, name: `t${number}`, protocol: 'TLS' },
  hosts: [...hosts],
  tls: mode === 'SIMPLE' ? { mode, credentialName: 'c0' } : { mode },
});

const secret = fc
  .record({
    name: fc.constantFrom('c0', 'c1'),
    namespace: fc.constantFrom('istio-system', 'a', 'b'),
    key: fc.constantFrom('one', 'two', ''),
  })
  .map(
    ({ name, namespace, key }): Secret => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata(name, namespace),
      spec: { type: 'Opaque', data: { cert: 'b25l', key: Buffer.from(key).toString('base64') } },
    }),
  );

const SERVERS: Readonly<Record<string, readonly Server[]>> = {
  a: [
    tcpServer(7001),
    tcpServer(7002),
    tlsServer(7443, ['*.x.com'], 'PASSTHROUGH'),
    tlsServer(7444, ['*/*'], 'PASSTHROUGH'),
  ],
  b: [
    tlsServer(7443, ['closed.x.com', 'd.x.com'], 'SIMPLE'),
    tlsServer(7443, ['*/*', 'z.org'], 'PASSTHROUGH'),
    tcpServer(7003),
  ],
};

/** Always there at first. */
const ALWAYS: readonly Resource[] = ['a', 'b'].flatMap((namespace, i): Resource[] => [
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: metadata('g0', namespace),
    spec: { selector: { istio: 'ingressgateway' }, servers: [...SERVERS[namespace]!] },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(`s${i}`, namespace),
    spec: { selector: { app: `s${i}` }, ports: [{ port: 80, name: 'tcp-80', targetPort: 8080 }] },
  } as Service,
]);

const autoPassthrough: Gateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: metadata('auto', 'a'),
  spec: {
    selector: {},
    servers: [
      { port: { number: 7443, name: 'auto', protocol: 'TLS' }, hosts: ['*.local'], tls: { mode: 'AUTO_PASSTHROUGH' } },
    ],
  },
};

/** A Service before the acceptors themselves. */
const front = fc.constantFrom(7001, 7443).map(
  (port) =>
    ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('front', 'istio-system'),
      spec: { selector: { istio: 'ingressgateway' }, ports: [{ port, name: 'tcp', targetPort: port }] },
    }) as Service,
);

const policy = fc
  .record({
    name: fc.constantFrom('q0', 'q1'),
    namespace: fc.constantFrom('a', 'istio-system'),
    selector: fc.constantFrom({ app: 's0', version: 'v1' }, { version: 'v2' }, { app: 'gone' }),
    from: fc.constantFrom('b', 'lonely', 'gone', 'lone*'),
  })
  .map(
    ({ name, namespace, selector, from }): AuthorizationPolicy => ({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: metadata(name, namespace),
      spec: {
        selector: { matchLabels: selector },
        rules: [{ from: [{ source: { namespaces: [from] } }] }],
      } as AuthorizationPolicy['spec'],
    }),
  );

/** The only resource of its namespace. */
const lonely = fc.constantFrom('v1', 'v2').map(
  (version): WorkloadEntry => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: metadata('w', 'lonely', { app: 's0', version }),
    spec: { address: '10.7.0.1' },
  }),
);

const more = fc.oneof(
  { weight: 3, arbitrary: entry },
  { weight: 1, arbitrary: front },
  { weight: 1, arbitrary: policy },
  { weight: 1, arbitrary: lonely },
  { weight: 1, arbitrary: slice },
  { weight: 1, arbitrary: secret },
  { weight: 1, arbitrary: kubernetesGateway },
  { weight: 4, arbitrary: route },
  { weight: 1, arbitrary: grant },
  { weight: 4, arbitrary: rule },
  { weight: 12, arbitrary: placed },
) as fc.Arbitrary<Resource>;

/** Kinds of which a change reaches everything: rare, since their way is not what is to be tried. */
const WIDE = new Set(['Gateway', 'KubernetesGateway', 'AuthorizationPolicy', 'ReferenceGrant']);

export interface Version {
  readonly put: readonly Resource[];
  readonly delete: readonly ResourceKey[];
  /** All resources after it, with the version that first brought each. */
  readonly resources: ReadonlyMap<ResourceKey, Resource>;
  readonly creation: ReadonlyMap<ResourceKey, number>;
}

const step = fc.record({
  put: fc.array(fc.nat(), { maxLength: 2 }),
  delete: fc.array(fc.nat(), { maxLength: 1 }),
  isWide: fc.boolean(),
});

/** The first version brings a whole set, each later one up to three resources of all that there are. */
export const versions: fc.Arbitrary<readonly Version[]> = fc
  .tuple(
    fc.array(resourceSet, { minLength: 1, maxLength: 3 }),
    fc.array(more, { minLength: 16, maxLength: 40 }),
    fc.array(step, { minLength: 8, maxLength: 24 }),
    fc.constantFrom([], [], [], [autoPassthrough]),
  )
  .map(([sets, others, steps, auto]) => {
    const pool = [...sets.flat(), ...others];
    const narrow = pool.filter(({ kind }) => !WIDE.has(kind));
    let last = after(undefined, [...sets[0]!, ...others.slice(0, others.length >> 1), ...ALWAYS, ...auto], []);
    const all = [last];
    for (const { put, delete: gone, isWide } of steps) {
      const from = isWide && put[0]! % 3 === 0 ? pool : narrow;
      const keys = [...last.resources.keys()].filter((key) => isWide || !WIDE.has(last.resources.get(key)!.kind));
      last = after(
        last,
        from.length === 0 ? [] : put.map((at) => from[at % from.length]!),
        keys.length === 0 ? [] : gone.map((at) => keys[at % keys.length]!),
      );
      all.push(last);
    }
    return all;
  });

function after(last: Version | undefined, put: readonly Resource[], gone: readonly ResourceKey[]): Version {
  const version = last === undefined ? 1 : 1 + Math.max(0, ...last.creation.values());
  const resources = new Map(last?.resources);
  const creation = new Map(last?.creation);
  for (const key of gone) {
    resources.delete(key);
    creation.delete(key);
  }
  const unique = new Map(put.map((resource) => [keyOf(resource), resource]));
  for (const [key, resource] of unique) {
    resources.set(key, resource);
    if (!creation.has(key)) creation.set(key, version);
  }
  return { put: [...unique.values()], delete: gone.filter((key) => !unique.has(key)), resources, creation };
}
