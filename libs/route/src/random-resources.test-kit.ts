// Random resources over few names, ports and addresses, so that they meet and conflict. For property tests only.
import type {
  AuthorizationPolicy,
  DestinationRule,
  Gateway,
  Metadata,
  Resource,
  Service,
  VirtualService,
  WorkloadEntry,
} from '@sluice/resource';
import fc from 'fast-check';

export const PORTS = [7000, 7001] as const;
export const NAMESPACES = ['a', 'b', 'istio-system'] as const;
export const NAMES = ['a.x.com', 'b.x.com', 'c.a.x.com', 'y.com', '*.x.com', '*.a.x.com', '*'] as const;
export const ADDRESSES = ['10.0.0.1', '10.1.0.1', '192.0.2.1', '2001:db8::1', '::ffff:10.0.0.7'] as const;
const BLOCKS = ['10.0.0.0/16', '10.0.0.1', '192.0.2.0/24', '2001:db8::/32', '0.0.0.0/0'] as const;
const VERSIONS = ['v1', 'v2'] as const;

const some = <T>(values: readonly T[], max = 2) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: max });
/** Half of the time nothing: one in `freq` is. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

function metadata(name: string, namespace: string, labels: Record<string, string> = {}): Metadata {
  return { name, namespace, labels, annotations: {} };
}

/** Without keys whose value is undefined, as the normal form has it. */
function tidy<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

/** One alone is drawn often too: of several, some host of a server nearly always overlaps one of a route. */
const SERVER_HOSTS = ['*.x.com', 'a.x.com', './*.x.com', 'b/a.x.com', 'y.com', '*/*'];
const server = fc
  .record({
    kind: fc.constantFrom('TCP', 'TCP', 'PASSTHROUGH', 'PASSTHROUGH', 'SIMPLE', 'HTTP'),
    port: fc.constantFrom(...PORTS),
    bind: fc.constantFrom(undefined, undefined, '10.0.0.1'),
    hosts: fc.oneof(fc.constant(['*']), fc.constantFrom(['a.x.com'], ['y.com']), some(SERVER_HOSTS)),
  })
  .map(({ kind, port, bind, hosts }): Gateway['spec']['servers'][number] =>
    tidy({
      port: { number: port, name: 'p', protocol: kind === 'HTTP' || kind === 'TCP' ? kind : 'TLS' },
      bind,
      hosts,
      tls: kind === 'PASSTHROUGH' || kind === 'SIMPLE' ? ({ mode: kind } as const) : undefined,
    }),
  );

const gateway = fc
  .record({
    name: fc.constantFrom('g0', 'g1', 'g2'),
    namespace: fc.constantFrom('a', 'b'),
    selector: fc.constantFrom<Readonly<Record<string, string>>>(
      { istio: 'ingressgateway' },
      {},
      { istio: 'ingressgateway' },
      { istio: 'other' },
    ),
    servers: fc.array(server, { minLength: 1, maxLength: 3 }),
  })
  .map(
    ({ name, namespace, selector, servers }): Gateway => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: metadata(name, namespace),
      spec: { selector, servers },
    }),
  );

const GATEWAY_NAMES = ['a/g0', 'a/g1', 'b/g0', 'b/g1', 'g0', 'g1', 'mesh'];
const l4Match = {
  port: maybe(fc.constantFrom(...PORTS)),
  gateways: fc.constantFrom(undefined, undefined, undefined, ['a/g0', 'g1'], ['b/g0', 'b/g1', 'a/g1']),
  destinationSubnets: fc.constantFrom(undefined, undefined, undefined, ['10.0.0.0/16'], ['192.0.2.0/24', '10.0.0.1']),
  sourceLabels: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    { version: 'v1' },
    { version: 'none' },
  ),
};
const destinations = fc
  .array(
    fc.record({
      host: fc.constantFrom('s0', 's1', 's0.a.svc.cluster.local', 'gone'),
      subset: maybe(fc.constantFrom('v1', 'v2', 'gone')),
      port: maybe(fc.constantFrom(80, 81)),
      weight: fc.constantFrom(undefined, 1, 3),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((list) =>
    list.map(({ host, subset, port, weight }) =>
      tidy({ destination: tidy({ host, subset, port: port === undefined ? undefined : { number: port } }), weight }),
    ),
  );
const tcpRule = fc
  .record({
    match: maybe(
      fc.array(fc.record({ ...l4Match, sourceSubnet: maybe(fc.constantFrom(...BLOCKS)) }).map(tidy), { maxLength: 2 }),
    ),
    route: destinations,
  })
  .map(tidy);
const tlsRule = fc.record({
  match: fc.array(fc.record({ ...l4Match, sniHosts: some(NAMES) }).map(tidy), { minLength: 1, maxLength: 2 }),
  route: destinations,
});

const virtualService = fc
  .record({
    name: fc.constantFrom('r0', 'r1', 'r2', 'r3'),
    namespace: fc.constantFrom(...NAMESPACES),
    hosts: fc.oneof(fc.constant(['*']), fc.constantFrom(['a.x.com'], ['y.com']), some(['*.x.com', 'a.x.com', 'y.com'])),
    gateways: some(GATEWAY_NAMES, 6),
    exportTo: fc.constantFrom(undefined, undefined, undefined, undefined, ['.'], ['istio-system'], ['*']),
    tcp: fc.array(tcpRule, { minLength: 1, maxLength: 3 }),
    tls: fc.array(tlsRule, { minLength: 1, maxLength: 4 }),
    alpn: fc.constantFrom(
      undefined,
      undefined,
      undefined,
      'h2',
      'tls[0]=h2; tls[1].match[0]=http/1.1',
      'tls[0]=h2; tls[0].match[0]=http/1.1',
    ),
  })
  .map(
    ({ name, namespace, alpn, ...spec }): VirtualService => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { ...metadata(name, namespace), annotations: alpn === undefined ? {} : { 'sluice.io/alpn': alpn } },
      spec: tidy(spec) as VirtualService['spec'],
    }),
  );

const service = fc
  .record({ name: fc.constantFrom('s0', 's1'), namespace: fc.constantFrom('a', 'b'), ports: some([80, 81]) })
  .map(
    ({ name, namespace, ports }): Service => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(name, namespace),
      spec: {
        selector: { app: name },
        ports: ports.map((port) => ({ port, name: `tcp-${port}`, targetPort: port + 1000 })),
      },
    }),
  );

const workload = fc
  .record({
    name: fc.constantFrom('w0', 'w1', 'w2', 'w3', 'w4'),
    namespace: fc.constantFrom('a', 'b'),
    app: fc.constantFrom('s0', 's1'),
    version: fc.constantFrom(...VERSIONS),
    address: fc.constantFrom('10.0.0.1', '10.1.0.1', '203.0.113.9', '2001:db8::1', 'db.y.com'),
  })
  .map(
    ({ name, namespace, app, version, address }): WorkloadEntry => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      metadata: metadata(name, namespace, { app, version }),
      spec: { address },
    }),
  );

const destinationRule = fc
  .record({
    name: fc.constantFrom('d0', 'd1'),
    namespace: fc.constantFrom('a', 'b'),
    host: fc.constantFrom('s0', 's1', '*'),
  })
  .map(
    ({ name, namespace, host }): DestinationRule => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: metadata(name, namespace),
      spec: { host, subsets: VERSIONS.map((version) => ({ name: version, labels: { version } })) },
    }),
  );

const source = fc
  .record({ ipBlocks: maybe(some(BLOCKS)), notIpBlocks: maybe(some(BLOCKS)), remoteIpBlocks: maybe(some(BLOCKS)) })
  .map(tidy);
const policy = fc
  .record({
    name: fc.constantFrom('p0', 'p1'),
    namespace: fc.constantFrom('istio-system', 'a'),
    action: fc.constantFrom(undefined, 'ALLOW', 'DENY', 'AUDIT'),
    dryRun: fc.boolean(),
    rules: fc.array(
      fc
        .record({
          from: maybe(fc.array(fc.record({ source }), { minLength: 1, maxLength: 2 })),
          to: maybe(fc.constant([{ operation: { ports: ['7000'] } }])),
          when: maybe(fc.constant([{ key: 'connection.sni', values: ['a.x.com', '*.a.x.com', 'b*'] }])),
        })
        .map(tidy),
      { maxLength: 2 },
    ),
  })
  .map(
    ({ name, namespace, dryRun, ...spec }): AuthorizationPolicy => ({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { ...metadata(name, namespace), annotations: dryRun ? { 'istio.io/dry-run': 'true' } : {} },
      spec: tidy({ ...spec, selector: { matchLabels: { istio: 'ingressgateway' } } }) as AuthorizationPolicy['spec'],
    }),
  );

const identity = ({ kind, metadata: { namespace, name } }: Resource) => `${kind}/${namespace}/${name}`;

/** Resources of one version, each key once. */
export const resourceSet: fc.Arbitrary<readonly Resource[]> = fc
  .record({
    gateways: fc.array(gateway, { minLength: 2, maxLength: 4 }),
    routes: fc.array(virtualService, { minLength: 2, maxLength: 6 }),
    services: fc.array(service, { maxLength: 3 }),
    workloads: fc.array(workload, { maxLength: 8 }),
    rules: fc.array(destinationRule, { maxLength: 3 }),
    policies: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(policy, { maxLength: 3 }) },
    ),
  })
  .map(({ gateways, routes, services, workloads, rules, policies }) => [
    ...new Map(
      [...gateways, ...routes, ...services, ...workloads, ...rules, ...policies].map((one) => [
        identity(one),
        one as Resource,
      ]),
    ).values(),
  ]);

/** Connections to those resources. */
export const connection = fc.record({
  port: fc.constantFrom(...PORTS),
  source: fc.constantFrom(...ADDRESSES),
  remote: fc.constantFrom(undefined, undefined, ...ADDRESSES),
  destination: fc.constantFrom('10.0.0.1', '192.0.2.7'),
  sni: fc.constantFrom(undefined, 'a.x.com', 'B.x.com', 'c.a.x.com', 'd.c.a.x.com', 'y.com', 'z.org'),
  alpn: fc.constantFrom([], ['h2'], ['h2', 'http/1.1']),
});
