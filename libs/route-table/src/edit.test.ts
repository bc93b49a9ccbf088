import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeRoute, decodeTable } from './decode.ts';
import { type Edited, TableEditor } from './edit.ts';
import { createFacts } from './facts.ts';
import { clusterName } from './inspect.ts';
import { match } from './match.ts';
import type { ListenerPlan, RoutePlan, TablePlan } from './plan.ts';
import * as arbitrary from './plan-arbitrary.ts';
import { type ListenerHead, nameClusters, type PlanChange } from './plan-change.ts';
import { naiveMatch } from './plan-oracle.ts';
import type { RouteTable } from './table.ts';

const test = suite('edit');
const facts = createFacts();

/** Plans as compiling makes them: what is named has a name of its own, and no chain is without one. */
function tidy({ listeners, clusters, authorization }: TablePlan): TablePlan {
  return {
    listeners: unique(listeners).map((listener) => ({
      ...listener,
      chains: listener.chains.filter(({ names }) => names.length > 0),
    })),
    clusters: clusters.map((cluster, i) => ({ ...cluster, name: `${i} ${cluster.name}` })),
    authorization,
  };
}

function unique<T extends { readonly name: string }>(named: readonly T[]): readonly T[] {
  return [...new Map(named.map((one) => [one.name, one])).values()];
}

/** Plans with one authorization between which listeners, chains and clusters come, go and change. */
const plans = fc
  .array(arbitrary.plan.map(tidy), { minLength: 2, maxLength: 6 })
  .chain((all) => fc.tuple(fc.constant(all), fc.array(fc.nat(all.length - 1), { minLength: 2, maxLength: 10 })))
  .map(([all, order]) =>
    order.map((at): TablePlan => {
      const { authorization } = all[0]!;
      const listeners = all[at]!.listeners.map((listener) => ({
        ...listener,
        authorization: listener.authorization.filter((policy) => policy < authorization.length),
      }));
      return { ...all[at]!, listeners, authorization };
    }),
  );

/** `headOf` gives an unchanged head as the same object, as it must be. */
function difference(before: TablePlan, after: TablePlan, headOf: (listener: ListenerPlan) => ListenerHead): PlanChange {
  const old = new Map(before.listeners.map((listener) => [listener.name, listener]));
  const oldClusters = new Map(before.clusters.map((cluster) => [cluster.name, JSON.stringify(cluster)]));
  const kept = new Set(after.clusters.map(({ name }) => name));
  const text = (listener: ListenerPlan | undefined, plan: TablePlan) =>
    new Map((listener?.chains ?? []).map((chain) => [JSON.stringify(nameClusters(chain, plan)), chain]));
  return {
    listeners: after.listeners.map(headOf),
    chains: after.listeners.map((listener) => {
      const [was, is] = [text(old.get(listener.name), before), text(listener, after)];
      const gone = [...was].filter(([chain]) => !is.has(chain));
      const come = [...is].filter(([chain]) => !was.has(chain));
      return {
        listener: listener.name,
        remove: gone.map(([, { names }]) => names[names.length >> 1]!),
        add: come.map(([, chain]) => nameClusters(chain, after)),
      };
    }),
    putClusters: after.clusters.filter((cluster) => oldClusters.get(cluster.name) !== JSON.stringify(cluster)),
    removeClusters: [...oldClusters.keys()].filter((name) => !kept.has(name)),
  };
}

function heads(): (listener: ListenerPlan) => ListenerHead {
  const known = new Map<string, ListenerHead>();
  return ({ chains: _, ...head }) => {
    const key = JSON.stringify(head);
    if (!known.has(key)) known.set(key, head);
    return known.get(key)!;
  };
}

/** Clusters by name, chains in order of their names: what an edited table need not keep. */
function normal(plan: TablePlan): unknown {
  return {
    listeners: plan.listeners.map(({ chains, ...head }) => ({
      ...head,
      chains: chains.map((chain) => nameClusters(chain, plan)).sort((a, b) => (a.names[0]! < b.names[0]! ? -1 : 1)),
    })),
    clusters: [...plan.clusters].sort((a, b) => (a.name < b.name ? -1 : 1)),
    authorization: plan.authorization,
  };
}

function namedRoute(route: RoutePlan, name: (cluster: number) => string): unknown {
  return { ...route, destinations: route.destinations.map((one) => ({ ...one, cluster: name(one.cluster) })) };
}

function routeOf(table: RouteTable, listener: number): unknown {
  const route = match(table, listener, facts);
  return route < 0 ? route : namedRoute(decodeRoute(table, route), (cluster) => clusterName(table, cluster));
}

function plainRoute(plan: TablePlan, listener: number, connection: Parameters<typeof naiveMatch>[2]): unknown {
  const at = naiveMatch(plan, listener, connection);
  if (at < 0) return at;
  const rules = plan.listeners.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules));
  return namedRoute(rules[at]!.route, (cluster) => plan.clusters[cluster]!.name);
}

test('an edited table means what a new one would, and the ones before stay what they were', () => {
  fc.assert(
    fc.property(plans, fc.array(arbitrary.connection, { minLength: 8, maxLength: 8 }), (steps, connections) => {
      const headOf = heads();
      const editor = new TableEditor(steps[0]!);
      const tables: RouteTable[] = [editor.table];
      for (let i = 1; i < steps.length; i++)
        tables.push(editor.apply(difference(steps[i - 1]!, steps[i]!, headOf)).table);
      for (const [i, table] of tables.entries()) {
        const plan = steps[i]!;
        assert.equal(normal(decodeTable(table)), normal(structuredClone(plan)));
        for (const connection of connections) {
          arbitrary.fillFacts(facts, connection);
          for (let listener = 0; listener < plan.listeners.length; listener++)
            assert.equal(routeOf(table, listener), plainRoute(plan, listener, connection));
        }
      }
    }),
    { numRuns: 200 },
  );
});

const cluster = arbitraryCluster();
function arbitraryCluster(): TablePlan['clusters'][number] {
  const limits = { connectTimeoutMs: 0, maxConnections: 0, keepalive: null, proxyProtocol: 0 as const, outlier: null };
  const name = { name: 'c', host: 'h', subset: '', port: 1 };
  return { ...name, balancer: 'random', hashTableSize: 0, endpoints: [], ...limits };
}

function byName(names: readonly string[]): TablePlan {
  const route = { name: 'r', destinations: [{ cluster: 0, weight: 1 }], idleTimeoutMs: 0, maxDurationMs: 0 };
  const chains = names.map((name) => ({ names: [name], rules: [{ conditions: [], route: { ...route, name } }] }));
  const head = { name: 'l', bind: '', port: 1, gateways: [], inspectsTls: true, authorization: [] };
  return { listeners: [{ ...head, chains }], clusters: [cluster], authorization: [] };
}

test('names come and go by the thousand, and each look-up finds what is there', () => {
  const all = Array.from({ length: 3000 }, (_, i) => `${i % 3 === 0 ? '*.' : ''}n${i}.example.com`);
  let plan = byName(all.slice(0, 40));
  const editor = new TableEditor(plan);
  let seed = 1;
  for (let step = 0; step < 30; step++) {
    const wanted = all.filter(() => (seed = Math.imul(seed, 1_103_515_245) + 12_345) >>> 31 === step % 2);
    const next = byName(wanted.slice(0, step % 5 === 0 ? 30 : 3000));
    editor.apply(difference(plan, next, heads()));
    plan = next;
    const there = new Set(plan.listeners[0]!.chains.map(({ names }) => names[0]!));
    for (const name of all) {
      const hello = { serverName: name.replace('*', 'www'), protocols: [] };
      arbitrary.fillFacts(facts, { source: '', remote: '', destination: '10.0.0.1', port: 1, hello });
      const found = match(editor.table, 0, facts);
      assert.is(found >= 0 ? decodeRoute(editor.table, found).name : '', there.has(name) ? name : '');
    }
  }
});

test('what does not change is shared with the table before', () => {
  const editor = new TableEditor(byName(['a.com', 'b.com']));
  const before = editor.table;
  const { table, clusters }: Edited = editor.apply({
    listeners: undefined,
    chains: [],
    putClusters: [{ ...cluster, endpoints: [{ address: '10.0.0.1', port: 1, weight: 1 }] }],
    removeClusters: [],
  });
  assert.equal(clusters, [0]);
  for (const section of ['clusters', 'chains', 'rules', 'nameCells', 'nameTexts', 'listeners'] as const)
    assert.is(table[section].buffer, before[section].buffer);
  assert.is.not(table.clusterMembers.buffer, before.clusterMembers.buffer);
});

test('a chain that changes copies neither the other chains nor the other rules', () => {
  const names = Array.from({ length: 100 }, (_, i) => `n${i}.example.com`);
  const plan = byName(names);
  const editor = new TableEditor(plan);
  const before = editor.table;
  const [chain] = byName(['n7.example.com']).listeners[0]!.chains;
  const change = { listener: 'l', remove: ['n7.example.com'], add: [nameClusters(chain!, plan)] };
  const { table } = editor.apply({ listeners: undefined, chains: [change], putClusters: [], removeClusters: [] });
  for (const section of ['chains', 'rules'] as const) {
    assert.is(table[section].buffer, before[section].buffer);
    assert.ok(table[section].length > before[section].length);
  }
});

test('is worn when what was left behind outweighs what is in use', () => {
  const editor = new TableEditor(byName(['a.com']));
  assert.not(editor.isWorn());
  const endpoints = Array.from({ length: 1000 }, (_, i) => ({ address: `host-${i}.example.com`, port: 1, weight: 1 }));
  let edits = 0;
  for (; edits < 10_000 && !editor.isWorn(); edits++)
    editor.apply({ listeners: undefined, chains: [], putClusters: [{ ...cluster, endpoints }], removeClusters: [] });
  assert.ok(edits > 100 && edits < 10_000, `${edits} edits`);
});

test('refuses what no table can hold', () => {
  const editor = () => new TableEditor(byName(['a.com']));
  const apply = (change: Partial<PlanChange>) =>
    editor().apply({ listeners: undefined, chains: [], putClusters: [], removeClusters: [], ...change });
  const route = (name: string) => ({
    name,
    destinations: [{ cluster: 'gone', weight: 1 }],
    idleTimeoutMs: 0,
    maxDurationMs: 0,
  });
  const faults: [Partial<PlanChange>, string][] = [
    [{ chains: [{ listener: 'gone', remove: [], add: [] }] }, 'table_reference'],
    [{ chains: [{ listener: 'l', remove: [], add: [{ names: ['a.com'], rules: [] }] }] }, 'table_name'],
    [{ chains: [{ listener: 'l', remove: [], add: [{ names: ['A.com'], rules: [] }] }] }, 'table_name'],
    [
      {
        chains: [
          { listener: 'l', remove: [], add: [{ names: ['b.com'], rules: [{ conditions: [], route: route('r') }] }] },
        ],
      },
      'table_reference',
    ],
  ];
  for (const [change, code] of faults)
    assert.throws(
      () => apply(change),
      (fault: { code?: string }) => fault.code === code,
    );
});

test.run();
