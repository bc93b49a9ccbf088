import { parseResources } from '@sluice/resource';
import type { ClusterPlan, RoutePlan } from '@sluice/route-table';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from './compile.ts';
import { DEFAULT_LABELS } from './options.ts';

const test = suite('traffic policy');

const EDGE = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 7000, name: p, protocol: TCP }, hosts: ["*"] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: r }
spec: { hosts: ["*"], gateways: [g], tcp: [{ route: [{ destination: { host: s, subset: v1, port: { number: 80 } } }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: s }
spec: { ports: [{ port: 80 }] }
---
`;

const RULE = (spec: string, name = 'd', namespace = 'default') => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: ${namespace} }
spec: ${spec}
---
`;

function read(rules: string): { cluster: ClusterPlan; route: RoutePlan; codes: readonly string[] } {
  const set = parseResources([{ path: 'test.yaml', text: EDGE + rules }]);
  assert.ok(set.ok, JSON.stringify(set.issues));
  const { plan, complaints } = compile(set.resources, { labels: DEFAULT_LABELS });
  return {
    cluster: plan.clusters[0]!,
    route: plan.listeners[0]!.chains[0]!.rules[0]!.route,
    codes: complaints.map(({ code }) => code),
  };
}

test('without a rule everything is as Istio has it by default', () => {
  const { cluster, route } = read('');
  assert.is(cluster.balancer, 'least-request');
  assert.is(cluster.connectTimeoutMs, 10_000);
  assert.is(cluster.maxConnections, 0);
  assert.is(cluster.keepalive, null);
  assert.is(cluster.outlier, null);
  assert.is(cluster.proxyProtocol, 0);
  assert.is(route.idleTimeoutMs, 3_600_000);
  assert.is(route.maxDurationMs, 0);
});

test("a subset's fields replace those of the root one by one", () => {
  const { cluster } = read(
    RULE(`
  host: s
  trafficPolicy: { loadBalancer: { simple: RANDOM }, connectionPool: { tcp: { maxConnections: 5, connectTimeout: 2s } } }
  subsets: [{ name: v1, trafficPolicy: { connectionPool: { tcp: { maxConnections: 7 } }, outlierDetection: { interval: 3s } } }]`),
  );
  assert.is(cluster.outlier!.intervalMs, 3000);
  assert.is(cluster.balancer, 'random');
  assert.is(cluster.maxConnections, 7);
  assert.is(cluster.connectTimeoutMs, 10_000);
});

test("a port's settings replace the whole policy of their level, and leave out what they do not say", () => {
  const root = `loadBalancer: { simple: RANDOM }, connectionPool: { tcp: { maxConnections: 5 } }, proxyProtocol: { version: V2 }`;
  const port = 'portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: ROUND_ROBIN } }]';
  const { cluster } = read(RULE(`{ host: s, trafficPolicy: { ${root}, ${port} }, subsets: [{ name: v1 }] }`));
  assert.is(cluster.balancer, 'round-robin');
  assert.is(cluster.maxConnections, 0);
  assert.is(cluster.proxyProtocol, 2);
  const subset = read(
    RULE(
      `{ host: s, trafficPolicy: { ${root} }, subsets: [{ name: v1, trafficPolicy: { connectionPool: { tcp: { maxConnections: 9 } }, portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: ROUND_ROBIN } }] } }] }`,
    ),
  ).cluster;
  assert.is(subset.balancer, 'round-robin');
  assert.is(subset.maxConnections, 0);
});

test('only the root policy sets timeouts of the route', () => {
  const tcp = (idle: string, duration: string) =>
    `connectionPool: { tcp: { idleTimeout: ${idle}, maxConnectionDuration: ${duration} } }`;
  const { route } = read(
    RULE(
      `{ host: s, trafficPolicy: { ${tcp('0s', '90s')} }, subsets: [{ name: v1, trafficPolicy: { ${tcp('5s', '6s')} } }] }`,
    ),
  );
  assert.is(route.idleTimeoutMs, 0);
  assert.is(route.maxDurationMs, 90_000);
});

test("endpoints can be chosen by the client's address", () => {
  const hash = (how: string) =>
    read(RULE(`{ host: s, trafficPolicy: { loadBalancer: { consistentHash: { ${how} } } }, subsets: [{ name: v1 }] }`));
  const ring = hash('useSourceIp: true').cluster;
  assert.equal([ring.balancer, ring.hashTableSize], ['source-ip-ring', 1024]);
  const big = hash('useSourceIp: true, ringHash: { minimumRingSize: "4096" }').cluster;
  assert.is(big.hashTableSize, 4096);
  const maglev = hash('useSourceIp: true, maglev: { tableSize: 251 }').cluster;
  assert.equal([maglev.balancer, maglev.hashTableSize], ['source-ip-maglev', 251]);
  const header = hash('httpHeaderName: x-user');
  assert.is(header.cluster.balancer, 'random');
  assert.equal(header.codes, ['SLU3019']);
});

test('ejection counts failed connects against the lowest limit that is on', () => {
  const outlier = (text: string) =>
    read(RULE(`{ host: s, trafficPolicy: { outlierDetection: { ${text} } }, subsets: [{ name: v1 }] }`)).cluster
      .outlier;
  assert.equal(outlier('interval: 1s'), {
    consecutiveErrors: 5,
    intervalMs: 1000,
    baseEjectionMs: 30_000,
    maxEjectionPercent: 10,
    minHealthPercent: 0,
  });
  assert.is(outlier('consecutive5xxErrors: 7, consecutiveGatewayErrors: 3')!.consecutiveErrors, 3);
  assert.is(outlier('consecutive5xxErrors: 0'), null);
  assert.is(outlier('splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 2')!.consecutiveErrors, 2);
});

test('TLS towards endpoints is complained of, since it is not made', () => {
  assert.equal(read(RULE('{ host: s, trafficPolicy: { tls: { mode: SIMPLE } }, subsets: [{ name: v1 }] }')).codes, [
    'SLU3017',
  ]);
});

test('several rules for a host are merged: subsets together, the first root policy stays', () => {
  const { cluster, codes } = read(
    RULE('{ host: s, trafficPolicy: { loadBalancer: { simple: RANDOM } } }', 'a') +
      RULE(
        '{ host: s.default.svc.cluster.local, trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } }, subsets: [{ name: v1, trafficPolicy: { connectionPool: { tcp: { maxConnections: 3 } } } }] }',
        'b',
      ),
  );
  assert.is(cluster.balancer, 'random');
  assert.is(cluster.maxConnections, 3);
  assert.equal(codes, ['SLU3005']);
});

test('the rule beside the service goes before that of the root namespace, the exact host before the wildcard', () => {
  const policy = (limit: number) => `trafficPolicy: { connectionPool: { tcp: { maxConnections: ${limit} } } }`;
  const wide = RULE(`{ host: "*.local", ${policy(1)} }`, 'wide', 'istio-system');
  const beside = RULE(`{ host: "*.default.svc.cluster.local", ${policy(2)} }`, 'beside');
  const longer = RULE(`{ host: "*.svc.cluster.local", ${policy(3)} }`, 'longer');
  const exact = RULE(`{ host: s, ${policy(4)} }`, 'exact');
  assert.is(read(wide).cluster.maxConnections, 1);
  assert.is(read(wide + longer).cluster.maxConnections, 3);
  assert.is(read(wide + longer + beside).cluster.maxConnections, 2);
  assert.is(read(wide + longer + beside + exact).cluster.maxConnections, 4);
  const foreign = RULE(`{ host: s.default.svc.cluster.local, ${policy(5)} }`, 'foreign', 'other');
  assert.is(read(foreign).cluster.maxConnections, 0);
});

test('a subset of a rule that the acceptor does not follow has no endpoints, and that is said', () => {
  assert.equal(read(RULE('{ host: s, exportTo: ["."], subsets: [{ name: v1 }] }')).codes, ['SLU3031']);
});

test.run();
