import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { setHello } from './connection.ts';
import { encodeTable } from './encode.ts';
import { createFacts } from './facts.ts';
import { NAME_SET } from './layout.ts';
import { match } from './match.ts';
import { openTable } from './open.ts';
import type { TablePlan } from './plan.ts';
import { domain } from './plan-arbitrary.ts';
import { naiveMatch } from './plan-oracle.ts';

const MANY = 20_000;

const test = suite('name index');
const facts = createFacts();

/** A chain with one rule for each name. */
function planOf(names: readonly string[]): TablePlan {
  const destinations = [{ cluster: 0, weight: 1 }];
  const rules = [{ conditions: [], route: { name: 'r', destinations, idleTimeoutMs: 0, maxDurationMs: 0 } }];
  const listener = { name: 'l', bind: '', port: 1, gateways: [], inspectsTls: true, authorization: [] };
  const cluster = { name: 'c', host: 'h', subset: '', port: 1, balancer: 'random' as const, hashTableSize: 0 };
  const limits = { connectTimeoutMs: 0, maxConnections: 0, keepalive: null, proxyProtocol: 0 as const, outlier: null };
  return {
    listeners: [{ ...listener, chains: names.map((name) => ({ names: [name], rules })) }],
    clusters: [{ ...cluster, ...limits, endpoints: [] }],
    authorization: [],
  };
}

function opened(names: readonly string[]) {
  const opening = openTable(encodeTable(planOf(names)));
  if (!opening.ok) throw new Error(opening.reason);
  return opening.table;
}

function find(table: ReturnType<typeof opened>, serverName: string): number {
  setHello(facts, serverName, []);
  return match(table, 0, facts);
}

test('finds each of many names, and nothing else', () => {
  const names = Array.from({ length: MANY }, (_, i) =>
    i % 2 === 0 ? `host-${i}.example.com` : `*.zone-${i}.example.com`,
  );
  const table = opened(names);
  for (const [i, name] of names.entries()) {
    assert.is(find(table, name.replace('*', 'a.b')), i);
    assert.is(find(table, `x${name.replace('*.', '')}`), -1);
  }
  const longestProbe = table.nameSets[NAME_SET.probeLimit];
  assert.ok(longestProbe < 64, `${longestProbe} probes`);
});

test('a name that shares its end with many others differs from them in every character', () => {
  const names = Array.from({ length: 40 }, (_, i) => `${'h'.repeat(1 + (i % 9))}${i}.of.some.example.com`);
  const table = opened(names);
  for (const [i, name] of names.entries()) {
    assert.is(find(table, name), i);
    for (let at = 0; at < name.length; at++) assert.is(find(table, `${name.slice(0, at)}-${name.slice(at + 1)}`), -1);
  }
});

test('names of one domain are written with their ends in common, of whatever length', () => {
  for (const domainOf of ['example.com', 'a-rather-long-zone.of-the-house.example.com']) {
    const names = Array.from({ length: 1000 }, (_, i) => `host-${i}.${domainOf}`);
    const table = opened(names);
    for (const [i, name] of names.entries()) assert.is(find(table, name), i);
    assert.ok(table.nameTexts.length < 100, `${table.nameTexts.length} words of tails`);
  }
});

test('a suffix begins at a dot and has something before it', () => {
  const table = opened(['*.b.com']);
  assert.equal(
    ['b.com', '.b.com', 'ab.com', 'a.b.com', 'a.b.com.', '..b.com'].map((name) => find(table, name)),
    [-1, -1, -1, 0, -1, 0],
  );
});

test('names up to 255 characters and 127 labels are found, longer ones are not', () => {
  const deep = Array.from({ length: 127 }, () => 'a').join('.');
  const long = `${'l'.repeat(251)}.com`;
  const table = opened([deep, `*.${deep}`, long]);
  assert.equal(
    [deep, `x.${deep}`, `${'.'.repeat(2)}${deep}`, long, `m${long}`].map((name) => find(table, name)),
    [0, 1, 1, 2, -1],
  );
});

test('names that differ by case or by odd characters agree with the plain reading', () => {
  const odd = fc.string({ unit: fc.constantFrom('.', 'a', 'A', 'b', '.com', '\u00ff', 'é', '*'), maxLength: 8 });
  const names = fc.uniqueArray(
    fc.oneof(
      domain,
      domain.map((name) => `*.${name}`),
      fc.constant('*.a'),
      fc.constant('a'),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(names, fc.array(odd, { maxLength: 20 }), (held, asked) => {
      const plan = planOf(held);
      const table = opened(held);
      for (const serverName of asked) {
        const connection = { source: '', remote: '', destination: '', port: 1, hello: { serverName, protocols: [] } };
        assert.is(find(table, serverName), naiveMatch(plan, 0, connection), serverName);
      }
    }),
    { numRuns: 300 },
  );
});

test('only A to Z are folded, wherever they stand', () => {
  for (let code = 0; code < 128; code++) {
    for (let at = 0; at < 8; at++) {
      const name = `${'x'.repeat(at)}${String.fromCharCode(code)}${'x'.repeat(7 - at)}`;
      setHello(facts, name, []);
      assert.is(facts.nameBytes.toString('latin1', facts.nameBytes.length - 8), name.toLowerCase());
    }
  }
});

test('a name that no look-up could find is a coded fault', () => {
  for (const names of [
    ['A.com'],
    ['é.com'],
    [''],
    ['a', 'a'],
    ['*', '*'],
    ['a'.repeat(256)],
    [`*.${'a.'.repeat(127)}a`],
  ]) {
    assert.throws(
      () => encodeTable(planOf(names)),
      (fault: { code?: string }) => fault.code === 'table_name',
      names[0],
    );
  }
});

test.run();
