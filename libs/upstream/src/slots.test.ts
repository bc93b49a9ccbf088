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
import { createLive, enter, leave, liveCapacity, openLive, unlimitedSlot } from './live.ts';
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

test('a book that goes on where another ended gives to each what it has, and to nobody what a session holds', () => {
  const live = openLive(createLive(1));
  const first = new SlotBook(live);
  const table = (...clusters: readonly ClusterPlan[]) => new TableEditor(plan(...clusters)).table;
  const old = table(cluster('old', ['10.0.0.1', '10.0.0.2']));
  const oldSlots = named(old, first.assign(old));
  const before = table(cluster('a', ['10.0.0.3', '10.0.0.4']));
  const held = { table: before, slots: first.assign(before) };
  const newest = table(cluster('b', ['10.0.0.5']));
  const newestSlots = named(newest, first.assign(newest));
  // Sessions of versions that are no longer held: one below what is, one above.
  enter(live, 0, oldSlots['10.0.0.2:80'], 0);
  enter(live, 0, newestSlots['10.0.0.5:80'], 0);

  const next = new SlotBook(live, [held]);
  const coming = table(
    cluster('c', ['10.0.1.1', '10.0.1.2', '10.0.1.3', '10.0.1.4', '10.0.1.5']),
    cluster('a', ['10.0.0.4', '10.0.0.3']),
  );
  const given = named(coming, next.assign(coming));
  const kept = named(before, held.slots);
  for (const key of Object.keys(kept)) assert.is(given[key], kept[key]);
  assert.is(new Set(Object.values(given)).size, Object.keys(given).length);
  assert.not(Object.values(given).includes(oldSlots['10.0.0.2:80']));
  assert.not(Object.values(given).includes(newestSlots['10.0.0.5:80']));
  assert.ok(Object.values(given).includes(oldSlots['10.0.0.1:80']));
});

test('a book that went on gives the slots of old sessions when these have ended and no other is left', () => {
  const live = openLive(createLive(1));
  const first = new SlotBook(live);
  const empty = new TableEditor(plan(cluster('none', []))).table;
  const held = { table: empty, slots: first.assign(empty) };
  enter(live, 0, liveCapacity - 1, 0);
  const next = new SlotBook(live, [held]);
  const addresses = Array.from({ length: liveCapacity - 3 }, (_, n) => `a${n}`);
  const full = new TableEditor(plan(cluster('none', addresses))).table;
  assert.not(new Int32Array(next.assign(full)).includes(unlimitedSlot));
  leave(live, 0, liveCapacity - 1);
  const more = new TableEditor(plan(cluster('none', ['more']))).table;
  assert.is(named(more, next.assign(more))['more:80'], liveCapacity - 1);
});

test.run();
