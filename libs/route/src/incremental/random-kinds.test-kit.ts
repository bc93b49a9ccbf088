// Random resources of all kinds that changes are made of. For tests only.
import type {
  AuthorizationPolicy,
  DestinationRule,
  EndpointSlice,
  Gateway,
  Resource,
  Secret,
  Service,
  ServiceEntry,
  VirtualService,
  WorkloadEntry,
} from '@sluice/resource';
import fc from 'fast-check';
import { grant, kubernetesGateway, maybe, metadata, namespace, route, tidy } from './random-gateway-api.test-kit.ts';

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
export const ALWAYS: readonly Resource[] = ['a', 'b'].flatMap((namespace, i): Resource[] => [
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

export const autoPassthrough: Gateway = {
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

/** One of any kind. */
export const anyResource = fc.oneof(
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
