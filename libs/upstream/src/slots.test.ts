import type { RouteTable, TablePlan } from '@sluice/route-table';
import {
  type ClusterPlan,
  clusterCount,
  clusterName,
  endpointCount,
  endpointKey,
  TableEditor,
} from '@sluice/route-table';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createLive, enter, liveCapacity, openLive, unlimitedSlot } from './live.ts';
import { SlotBook } from './slots.ts';

const test = suite('slots');

function cluster(name: string, addresses: readonly string[]): ClusterPlan {
  const limits = { connectTimeoutMs: 0, maxConnections: 0, keepalive: null, proxyProtocol: 0 as const, outlier: null };
  const endpoints = addresses.map((address) => ({ address, port: 80, weight: 1 }));
  return { name, host: name, subset: '', port: 80, balancer: 'random', hashTableSize: 0, ...limits, endpoints };
}

const plan = (...clusters: readonly ClusterPlan[]): TablePlan => ({ listeners: [], clusters, authorization: [] });

/** Slots by what they belong to. */
function named(table: RouteTable, buffer: SharedArrayBuffer): Record<string, number> {
  const slots = new Int32Array(buffer);
  const endpoints = endpointCount(table);
  assert.is(slots.length, endpoints + clusterCount(table));
  const found: Record<string, number> = {};
  for (let n = 0; n < endpoints; n++) found[endpointKey(table, n)] = slots[n];
  for (let n = 0; n < clusterCount(table); n++) found[clusterName(table, n)] = slots[endpoints + n];
  return found;
}

test('an edited table has the slots that a new one would have, and what stays keeps its own', () => {
  const book = new SlotBook(openLive(createLive(1)));
  const editor = new TableEditor(plan(cluster('a', ['10.0.0.1', '10.0.0.2']), cluster('b', ['10.0.0.2'])));
  let table = editor.table;
  let slots = book.assign(table);
  const first = named(table, slots);
  assert.is(new Set(Object.values(first)).size, 4);
  const changes = [
    { putClusters: [cluster('a', ['10.0.0.3'])], removeClusters: [] },
    { putClusters: [cluster('c', ['10.0.0.1', '10.0.0.4'])], removeClusters: ['b'] },
    { putClusters: [cluster('d', ['10.0.0.5'])], removeClusters: [] },
  ];
  for (const change of changes) {
    const edited = editor.apply({ listeners: undefined, chains: [], ...change });
    slots = book.assignEdited(edited.table, { table, slots, clusters: edited.clusters });
    table = edited.table;
    assert.equal(named(table, slots), named(table, book.assign(table)));
  }
  const last = named(table, slots);
  assert.is(last.a, first.a);
  assert.is(last['10.0.0.1:80'], first['10.0.0.1:80']);
  assert.is(new Set(Object.values(last)).size, Object.keys(last).length);
});

test('when all slots are given, those of nobody are given again, and those in use are not', () => {
  const live = openLive(createLive(1));
  const book = new SlotBook(live);
  const full = (prefix: string, count: number) =>
    new TableEditor(
      plan(
        cluster(
          'c',
          Array.from({ length: count }, (_, i) => `${prefix}${i}`),
        ),
      ),
    ).table;
  const before = full('a', liveCapacity - 2);
  const [inUse] = new Int32Array(book.assign(before));
  enter(live, 0, inUse, 0);
  const after = full('b', 10);
  const slots = new Int32Array(book.assign(after));
  assert.not(slots.includes(inUse));
  assert.not(slots.includes(unlimitedSlot));
});

test.run();
