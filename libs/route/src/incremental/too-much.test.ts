import { keyOf, type Resource, type ResourceKey } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { analyze } from '../analyze/analyze.ts';
import { compile } from '../compile.ts';
import { DEFAULT_LABELS } from '../options.ts';
import { Analyzer } from './analyzer.ts';
import { Compiler } from './compiler.ts';
import { TooMuch } from './too-much.ts';

const test = suite('too much');

const options = { labels: DEFAULT_LABELS };
const creation = () => 1;
const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

function resource(kind: string, name: string, spec: object, labels: Record<string, string> = {}): Resource {
  const apiVersion = kind === 'Service' ? 'v1' : 'networking.istio.io/v1';
  return { apiVersion, kind, metadata: { name, namespace: 'default', labels, annotations: {} }, spec } as never;
}

const gatewayOf = (ports: number) =>
  resource('Gateway', 'g', {
    selector: { istio: 'ingressgateway' },
    servers: many(ports, (i) => ({ port: { number: 9000 + i, name: `tcp-${i}`, protocol: 'TCP' }, hosts: ['*'] })),
  });
const GATEWAY = gatewayOf(2);
const SERVICE = resource('Service', 's', { ports: [{ port: 443, name: 'tls' }] });
const to = (host: string, subset?: string) => [{ destination: { host, ...(subset ? { subset } : {}) } }];
const route = (name: string, tcp: object[], fields: object = {}) =>
  resource('VirtualService', name, { hosts: ['*'], gateways: ['g'], tcp, ...fields });
const workload = (i: number, labels: Record<string, string>) =>
  resource('WorkloadEntry', `w${i}`, { address: `10.0.${i >> 8}.${i & 255}`, labels });
const entry = (name: string, fields: object) =>
  resource('ServiceEntry', name, {
    hosts: [`${name}.example.com`],
    resolution: 'STATIC',
    location: 'MESH_INTERNAL',
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    ...fields,
  });

/** Labels that every workload has, so that each question finds them all. */
const COMMON = Object.fromEntries(many(11, (bit) => [`b${bit}`, '1']));
/** A question like no other. */
const question = (i: number) =>
  Object.fromEntries(many(11, (bit) => [`b${bit}`, '1']).filter((_, bit) => (i >> bit) & 1));
const asking = (first: number, count: number, port = 9000) =>
  many(count, (i) => ({ match: [{ port, sourceLabels: question(first + i) }], route: to('s') }));

const policy = (name: string) => {
  const { spec, metadata } = resource('AuthorizationPolicy', name, { action: 'DENY', rules: [{}] });
  const apiVersion = 'security.istio.io/v1';
  return {
    apiVersion,
    kind: 'AuthorizationPolicy',
    metadata: { ...metadata, namespace: 'istio-system' },
    spec,
  } as Resource;
};

interface Case {
  readonly code: string;
  /** Goes on being within the bound. */
  readonly within: readonly Resource[];
  /** One more, and it is too much. */
  readonly beyond: Resource;
}

const cases: Record<string, Case> = {
  'different questions for sources that each find a thousand workloads': {
    code: 'SLU3038',
    within: [GATEWAY, SERVICE, ...many(1_000, (i) => workload(i, COMMON)), route('a', asking(1, 900))],
    // At a port of its own, so that the others are not looked at again.
    beyond: route('b', asking(901, 200, 9001)),
  },
  'one workload more that a thousand questions find': {
    code: 'SLU3038',
    within: [GATEWAY, SERVICE, ...many(998, (i) => workload(i, COMMON)), route('a', asking(1, 1_001))],
    beyond: workload(998, COMMON),
  },
  'hosts that each select the same workloads': {
    code: 'SLU3039',
    within: [
      GATEWAY,
      ...many(1_991, (i) => workload(i, { app: 'x' })),
      ...many(1_001, (i) => entry(`e${i}`, { workloadSelector: { labels: { app: 'x' } } })),
      route(
        'a',
        many(1_000, (i) => ({
          match: [{ sourceSubnet: `10.1.${i >> 8}.${i & 255}` }],
          route: to(`e${i}.example.com`),
        })),
      ),
    ],
    beyond: route('b', [{ match: [{ sourceSubnet: '10.2.0.0/16' }], route: to('e1000.example.com') }]),
  },
  'subsets that each look at all endpoints of their host': {
    code: 'SLU3039',
    within: [
      GATEWAY,
      entry('e', { endpoints: many(1_991, (i) => ({ address: `10.0.${i >> 8}.${i & 255}` })) }),
      resource('DestinationRule', 'd', {
        host: 'e.example.com',
        subsets: many(1_001, (i) => ({ name: `s${i}`, labels: { app: 'x' } })),
      }),
      route(
        'a',
        many(1_000, (i) => ({
          match: [{ sourceSubnet: `10.1.${i >> 8}.${i & 255}` }],
          route: to('e.example.com', `s${i}`),
        })),
      ),
    ],
    beyond: route('b', [{ match: [{ sourceSubnet: '10.2.0.0/16' }], route: to('e.example.com', 's1000') }]),
  },
  'hosts of the mesh in a thousand namespaces': {
    code: 'SLU3040',
    within: [
      SERVICE,
      route('a', [{ route: to('s') }], {
        gateways: ['mesh'],
        hosts: many(100, (i) => `h${i}.example.com`),
        exportTo: many(1_000, (i) => `n${i}`),
      }),
    ],
    beyond: route('b', [{ route: to('s') }], {
      gateways: ['mesh'],
      hosts: many(1_000, (i) => `k${i}.example.com`),
      exportTo: many(900, (i) => `n${i}`),
    }),
  },
  'hosts that each have all endpoints of their entry': {
    code: 'SLU3040',
    within: [GATEWAY, entry('e', { hosts: many(10, (i) => `h${i}.example.com`), endpoints: many(1_000, () => ({})) })],
    beyond: entry('f', { hosts: many(1_000, (i) => `k${i}.example.com`), endpoints: many(1_000, () => ({})) }),
  },
  'policies that hold on thousands of ports each': {
    code: 'SLU3041',
    within: [gatewayOf(5_000), ...many(2_000, (i) => policy(`p${i}`))],
    beyond: policy('one-more'),
  },
};

const errorsOf = (complaints: ReturnType<typeof analyze>) =>
  complaints.filter(({ level }) => level === 'error').map(({ code }) => code);

/** In a few KB. */
test('as many subsets as ports of one host, each of which is a cluster', () => {
  const auto = resource('Gateway', 'g', {
    selector: { istio: 'ingressgateway' },
    servers: [
      { port: { number: 15443, name: 'tls', protocol: 'TLS' }, hosts: ['*.local'], tls: { mode: 'AUTO_PASSTHROUGH' } },
    ],
  });
  const service = resource('Service', 's', { ports: many(600, (i) => ({ port: i + 1, name: `tcp-${i}` })) });
  const subsets = many(600, (i) => ({ name: `s${i}`, labels: { app: 'x' } }));
  const rule = resource('DestinationRule', 'd', { host: 's', subsets });
  assert.equal(errorsOf(analyze([auto, service, rule], options)), ['SLU3039']);
});

/** In a few KB more. */
test('as many servers of AUTO_PASSTHROUGH as hosts that each serves', () => {
  const server = (i: number) => ({
    port: { number: 1_000 + i, name: `tls-${i}`, protocol: 'TLS' },
    hosts: ['*.local'],
    tls: { mode: 'AUTO_PASSTHROUGH' },
  });
  const set = (servers: number) => [
    resource('Gateway', 'g', { selector: { istio: 'ingressgateway' }, servers: many(servers, server) }),
    ...many(1_000, (i) => resource('Service', `s${i}`, { ports: [{ port: 80, name: 'tcp' }] })),
  ];
  assert.equal(errorsOf(analyze(set(20), options)), []);
  assert.equal(errorsOf(analyze(set(501), options)), ['SLU3037']);
  const analyzer = new Analyzer(options);
  analyzer.start(set(501), creation);
  assert.equal(errorsOf(analyzer.complaints()), ['SLU3037']);
});

for (const [title, { code, within, beyond }] of Object.entries(cases)) {
  test(`${title}: ${code}, whether all come at once or one more to the rest`, () => {
    assert.equal(errorsOf(analyze(within, options)), []);
    assert.equal(errorsOf(analyze([...within, beyond], options)), [code]);
    const analyzer = new Analyzer(options);
    analyzer.start(within, creation);
    const before = analyzer.complaints();
    assert.equal(errorsOf(before), []);
    analyzer.change({ put: [beyond], delete: [] }, creation);
    assert.equal(errorsOf(analyzer.complaints()), [code]);
    analyzer.change({ put: [], delete: [keyOf(beyond)] }, creation);
    assert.equal(analyzer.complaints(), before);
    analyzer.start([...within, beyond], creation);
    assert.equal(errorsOf(analyzer.complaints()), [code]);
  });

  // What the mesh claims is only analyzed.
  if (code === 'SLU3040') continue;
  test(`${title}: not compiled`, () => {
    assert.equal(compile([...within, beyond], options).plan.listeners, []);
    assert.is(
      codeOf(() => new Compiler(options).start([...within, beyond], creation)),
      code,
    );
    const compiler = new Compiler(options);
    compiler.start(within, creation);
    assert.is(
      codeOf(() => compiler.change({ put: [beyond], delete: [] }, creation)),
      code,
    );
  });
}

test('the same question counts for each rule that asks it, and at each port where the rule is tried', () => {
  const errors = (rules: number, match: object) => {
    const same = many(rules, () => ({ match: [{ sourceLabels: { b0: '1' }, ...match }], route: to('s') }));
    const resources = [GATEWAY, SERVICE, ...many(1_000, (i) => workload(i, COMMON)), route('a', same)];
    return errorsOf(analyze(resources, options));
  };
  assert.equal(errors(900, { port: 9000 }), []);
  assert.equal(errors(900, {}), ['SLU3038']);
  assert.equal(errors(1_100, { port: 9000 }), ['SLU3038']);
});

test('clusters that nothing leads to any more make room', () => {
  const { within, beyond } = cases['hosts that each select the same workloads']!;
  const compiler = new Compiler(options);
  compiler.start(within, creation);
  const gone: ResourceKey = keyOf(within.at(-1)!);
  compiler.change({ put: [beyond], delete: [gone] }, creation);
  assert.equal(
    compiler.plan().clusters.map(({ host }) => host),
    ['e1000.example.com'],
  );
});

function codeOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    assert.instance(error, TooMuch);
    return (error as TooMuch).complaint.code;
  }
}

test.run();
