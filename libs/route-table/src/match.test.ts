import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeTable } from './encode.ts';
import { createFacts } from './facts.ts';
import { match, whyNot } from './match.ts';
import { openTable } from './open.ts';
import type { ListenerPlan, RulePlan, TablePlan } from './plan.ts';
import * as arbitrary from './plan-arbitrary.ts';
import { type Connection, naiveMatch } from './plan-oracle.ts';
import type { RouteTable } from './table.ts';

const PLANS = 500;
const CONNECTIONS_PER_PLAN = 20;

const test = suite('match');
const facts = createFacts();

function opened(plan: TablePlan): RouteTable {
  const opening = openTable(encodeTable(plan));
  if (!opening.ok) throw new Error(opening.reason);
  return opening.table;
}

function rule(conditions: RulePlan['conditions'] = []): RulePlan {
  const destinations = [{ cluster: 0, weight: 1 }];
  return { conditions, route: { name: 'r', destinations, idleTimeoutMs: 0, maxDurationMs: 0 } };
}

function planOf(listener: Partial<ListenerPlan>): TablePlan {
  const cluster = {
    name: 'outbound|80||host',
    host: 'host',
    subset: '',
    port: 80,
    balancer: 'round-robin' as const,
    hashTableSize: 0,
    connectTimeoutMs: 10_000,
    maxConnections: 0,
    keepalive: null,
    proxyProtocol: 0 as const,
    outlier: null,
    endpoints: [],
  };
  const defaults = { name: 'l', bind: '', port: 443, gateways: [], inspectsTls: true, chains: [], authorization: [] };
  return { listeners: [{ ...defaults, ...listener }], clusters: [cluster], authorization: [] };
}

function connect(changes: Partial<Connection> & { serverName?: string }): Connection {
  const hello = { serverName: changes.serverName ?? '', protocols: [] };
  return { source: '10.0.0.1', remote: '', destination: '192.0.2.1', port: 443, hello, ...changes };
}

function matched(table: RouteTable, connection: Connection): number {
  arbitrary.fillFacts(facts, connection);
  return match(table, 0, facts);
}

test('agrees with the plain reading of the plan', () => {
  const connections = fc.array(arbitrary.connection, {
    minLength: CONNECTIONS_PER_PLAN,
    maxLength: CONNECTIONS_PER_PLAN,
    size: 'max',
  });
  fc.assert(
    fc.property(arbitrary.plan, connections, (plan, cases) => {
      const table = opened(plan);
      for (const connection of cases) {
        for (const listener of plan.listeners.keys()) {
          arbitrary.fillFacts(facts, connection);
          assert.is(match(table, listener, facts), naiveMatch(plan, listener, connection));
        }
      }
    }),
    { numRuns: PLANS },
  );
});

test('an exact name goes before the longest wildcard, that before a shorter one, that before *', () => {
  const names = ['*', '*.com', '*.example.com', 'a.example.com'];
  const table = opened(planOf({ chains: names.map((name) => ({ names: [name], rules: [rule()] })) }));
  const routes = ['', 'org', 'b.com', 'example.com', 'b.c.example.com', 'A.Example.COM'].map((serverName) =>
    matched(table, connect({ serverName })),
  );
  assert.equal(routes, [0, 0, 1, 1, 2, 3]);
});

test('a chain without a matching rule does not fall back to a wider one', () => {
  const never = rule([{ fact: 'port', ports: [] }]);
  const table = opened(
    planOf({
      chains: [
        { names: ['a.com'], rules: [never] },
        { names: ['*'], rules: [rule()] },
      ],
    }),
  );
  assert.is(matched(table, connect({ serverName: 'a.com' })), -1);
  assert.equal(whyNot(table, 0, facts), { reason: 'no-rule', chain: 0 });
  assert.is(matched(table, connect({ serverName: 'b.com' })), 1);
  assert.is(whyNot(table, 0, facts), undefined);
});

test('asks for the ClientHello where the listener inspects TLS, and only there', () => {
  const chains = [{ names: ['a.com'], rules: [rule()] }];
  const inspecting = opened(planOf({ chains }));
  assert.is(matched(inspecting, connect({ hello: undefined })), -2);
  assert.equal(whyNot(inspecting, 0, facts), { reason: 'needs-more', chain: undefined });
  assert.is(matched(inspecting, connect({ hello: null })), -1);
  assert.equal(whyNot(inspecting, 0, facts), { reason: 'no-chain', chain: undefined });
  const plain = opened(planOf({ inspectsTls: false, chains: [{ names: ['*'], rules: [rule()] }] }));
  assert.is(matched(plain, connect({ hello: undefined })), 0);
});

test('the first of overlapping rules wins, not the longest prefix', () => {
  const source = (...cidrs: string[]) => rule([{ fact: 'source', cidrs }]);
  const rules = [source('10.1.0.0/16'), source('10.0.0.0/8', '::/0'), source('10.1.2.0/24'), source('2001:db8::/32')];
  const table = opened(planOf({ chains: [{ names: ['*'], rules }] }));
  const routes = ['10.1.2.3', '10.2.0.0', '::ffff:10.1.2.3', '2001:db8::1', '11.0.0.0'].map((source) =>
    matched(table, connect({ source })),
  );
  assert.equal(routes, [0, 1, 0, 1, -1]);
});

test('rules of mixed conditions keep their place among indexed ones', () => {
  const rules = [
    rule([{ fact: 'source', cidrs: ['10.0.0.0/24'] }]),
    rule([
      { fact: 'source', cidrs: ['10.0.0.0/8'] },
      { fact: 'port', ports: [80] },
    ]),
    rule([{ fact: 'source', cidrs: ['10.0.0.0/16'] }]),
    rule([{ fact: 'port', not: true, ports: [443] }]),
    rule(),
  ];
  const table = opened(planOf({ chains: [{ names: ['*'], rules }] }));
  const at = (source: string, port: number) => matched(table, connect({ source, port }));
  assert.equal(
    [at('10.0.0.1', 80), at('10.0.1.1', 80), at('10.0.1.1', 443), at('11.0.0.1', 81), at('11.0.0.1', 443)],
    [0, 1, 2, 3, 4],
  );
});

test('makes no garbage', () => {
  const rules = [
    rule([{ fact: 'source', cidrs: ['10.0.0.0/8', '2001:db8::/32'] }]),
    rule([{ fact: 'alpn', protocols: ['h2'] }]),
  ];
  const table = opened(planOf({ chains: [{ names: ['*.example.com'], rules }] }));
  const cases = [
    connect({ serverName: 'a.example.com' }),
    connect({ serverName: 'B.example.com', source: '2001:db8::1' }),
  ];
  const run = (count: number) => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      arbitrary.fillFacts(facts, cases[i & 1]);
      sum += match(table, 0, facts);
    }
    return sum;
  };
  run(200_000);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const before = process.memoryUsage().heapUsed;
    run(100_000);
    least = Math.min(least, Math.abs(process.memoryUsage().heapUsed - before));
  }
  assert.ok(least < 100_000, `${least} bytes for 100,000 look-ups`);
});

test.run();
