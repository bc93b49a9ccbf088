import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeTable } from './decode.ts';
import { encodeTable } from './encode.ts';
import type { TableFaultCode } from './fault.ts';
import * as inspect from './inspect.ts';
import { openTable } from './open.ts';
import type { TablePlan } from './plan.ts';
import { plan } from './plan-arbitrary.ts';

const test = suite('encode');

function opened(buffer: SharedArrayBuffer) {
  const opening = openTable(buffer);
  if (!opening.ok) throw new Error(opening.reason);
  return opening.table;
}

test('decoding gives the plan, and encoding that the same bytes', () => {
  fc.assert(
    fc.property(plan, (written) => {
      const buffer = encodeTable(written);
      const read = decodeTable(opened(buffer));
      assert.equal(read, structuredClone(written));
      assert.equal(Buffer.from(encodeTable(read)), Buffer.from(buffer));
    }),
    { numRuns: 500 },
  );
});

test('equal plans give equal bytes', () => {
  fc.assert(
    fc.property(plan, (written) => {
      assert.equal(Buffer.from(encodeTable(structuredClone(written))), Buffer.from(encodeTable(written)));
    }),
    { numRuns: 100 },
  );
});

const base: TablePlan = {
  listeners: [
    {
      name: '0.0.0.0_80',
      bind: '',
      port: 80,
      gateways: ['ns/gateway'],
      inspectsTls: false,
      chains: [
        {
          names: ['*'],
          rules: [
            {
              conditions: [],
              route: {
                name: 'ns/route/tcp[0]',
                destinations: [{ cluster: 0, weight: 1 }],
                idleTimeoutMs: 2 ** 33,
                maxDurationMs: 5,
              },
            },
          ],
        },
      ],
      authorization: [0],
    },
  ],
  clusters: ['v1', 'v2'].map((subset) => ({
    name: `outbound|80|${subset}|host`,
    host: 'host',
    subset,
    port: 80,
    balancer: 'round-robin',
    hashTableSize: 0,
    connectTimeoutMs: 10_000,
    maxConnections: 0,
    keepalive: null,
    proxyProtocol: 0,
    outlier: null,
    endpoints: [
      { address: '10.0.0.1', port: 8080, weight: 3 },
      { address: '2001:db8::1', port: 8080, weight: 1 },
      { address: `unix:///run/${subset}`, port: 0, weight: 1 },
    ],
  })),
  authorization: [{ name: 'ns/policy', action: 'deny', dryRun: false, rules: [] }],
};

test('an endpoint of several clusters is one endpoint', () => {
  const table = opened(encodeTable(base));
  assert.is(inspect.endpointCount(table), 4);
  assert.is(inspect.clusterEndpoint(table, 0, 1), inspect.clusterEndpoint(table, 1, 1));
  const keys = Array.from({ length: inspect.clusterSize(table, 1) }, (_, n) =>
    inspect.endpointKey(table, inspect.clusterEndpoint(table, 1, n)),
  );
  assert.equal(keys, ['10.0.0.1:8080', '[2001:db8::1]:8080', 'unix:///run/v2']);
  assert.is(inspect.clusterEndpointWeight(table, 1, 0), 3);
});

test('listeners, routes, clusters and policies are read by index', () => {
  const table = opened(encodeTable(base));
  assert.is(inspect.findListener(table, '', 80), 0);
  assert.is(inspect.findListener(table, '', 81), -1);
  assert.is(inspect.findListener(table, '10.0.0.1', 80), -1);
  assert.is(inspect.listenerName(table, 0), '0.0.0.0_80');
  assert.is(inspect.inspectsTls(table, 0), false);
  assert.is(inspect.routeName(table, 0), 'ns/route/tcp[0]');
  assert.is(inspect.routeIdleTimeoutMs(table, 0), 2 ** 33);
  assert.is(inspect.routeMaxDurationMs(table, 0), 5);
  assert.is(inspect.clusterName(table, 1), 'outbound|80|v2|host');
  assert.is(inspect.policyName(table, 0), 'ns/policy');
  assert.equal(
    [inspect.listenerCount(table), inspect.routeCount(table), inspect.clusterCount(table), inspect.policyCount(table)],
    [1, 1, 2, 1],
  );
});

/** A plan into which anything may be written. */
interface Loose {
  listeners: { port: unknown; authorization: unknown; chains: { rules: LooseRule[] }[] }[];
  clusters: { host: unknown; connectTimeoutMs: unknown; balancer: unknown; endpoints: { weight: unknown }[] }[];
  authorization: { action: unknown }[];
}
interface LooseRule {
  conditions: unknown[];
  route: { destinations: { cluster: number; weight: number }[] };
}

/** The base plan with something changed deep inside. */
function changed(change: (plan: Loose) => void): TablePlan {
  const copy = structuredClone(base);
  change(copy as unknown as Loose);
  return copy;
}

function withCondition(condition: unknown): TablePlan {
  return changed((plan) => plan.listeners[0].chains[0].rules[0].conditions.push(condition));
}

const FAULTS: readonly (readonly [string, TableFaultCode, TablePlan])[] = [
  ['a port above 65535', 'table_value', changed((plan) => (plan.listeners[0].port = 65_536))],
  ['a fraction for a port', 'table_value', withCondition({ fact: 'port', ports: [1.5] })],
  ['a weight of no number', 'table_value', changed((plan) => (plan.clusters[0].endpoints[0].weight = Number.NaN))],
  ['an endpoint of weight 0', 'table_value', changed((plan) => (plan.clusters[0].endpoints[0].weight = 0))],
  [
    'a route without destinations',
    'table_value',
    changed((plan) => (plan.listeners[0].chains[0].rules[0].route.destinations = [])),
  ],
  [
    'a route of weight 0',
    'table_value',
    changed((plan) => (plan.listeners[0].chains[0].rules[0].route.destinations[0].weight = 0)),
  ],
  ['a negative duration', 'table_value', changed((plan) => (plan.clusters[0].connectTimeoutMs = -1))],
  ['an unknown balancer', 'table_value', changed((plan) => (plan.clusters[0].balancer = 'best'))],
  ['an unknown action', 'table_value', changed((plan) => (plan.authorization[0].action = 'custom'))],
  ['an unknown fact', 'table_value', withCondition({ fact: 'mood', names: [] })],
  ['a lone surrogate', 'table_value', changed((plan) => (plan.clusters[0].host = '\ud800'))],
  [
    'a cluster that is not there',
    'table_reference',
    changed((plan) => (plan.listeners[0].chains[0].rules[0].route.destinations[0].cluster = 2)),
  ],
  ['a policy that is not there', 'table_reference', changed((plan) => (plan.listeners[0].authorization = [1]))],
  ['a CIDR that is none', 'table_address', withCondition({ fact: 'source', cidrs: ['10.0.0.0/33'] })],
  [
    'a CIDR that is none behind a rule that matches all',
    'table_address',
    changed((plan) => {
      const [rule] = plan.listeners[0].chains[0].rules;
      plan.listeners[0].chains[0].rules.push({ ...rule, conditions: [{ fact: 'source', cidrs: ['x'] }] });
    }),
  ],
  ['an empty protocol', 'table_name', withCondition({ fact: 'alpn', protocols: [''] })],
  [
    'too many destinations',
    'table_limit',
    changed((plan) => {
      plan.listeners[0].chains[0].rules[0].route.destinations = Array(65_537).fill({ cluster: 0, weight: 1 });
    }),
  ],
];

for (const [what, code, plan] of FAULTS) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => encodeTable(plan),
      (fault: { code?: string }) => fault.code === code,
    );
  });
}

test.run();
