import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { authorize } from './authorize.ts';
import { checksum } from './checksum.ts';
import { decodeTable } from './decode.ts';
import { encodeTable } from './encode.ts';
import { createFacts } from './facts.ts';
import * as inspect from './inspect.ts';
import {
  CHAIN,
  HEADER,
  HEADER_WORDS,
  NAME_CELL,
  NAME_CHARS,
  NAME_SUFFIX,
  NAME_TAIL_SHIFT,
  NAME_TAIL_UNIT,
  NODE,
  RANGE6,
  WORD_SECTIONS,
  type WordSection,
} from './layout.ts';
import { match } from './match.ts';
import { openTable } from './open.ts';
import type { RulePlan, TablePlan } from './plan.ts';
import * as arbitrary from './plan-arbitrary.ts';
import type { Connection } from './plan-oracle.ts';
import { attachTable, type RouteTable } from './table.ts';
import { pickDestination } from './weighted.ts';

const test = suite('open');
const facts = createFacts();

function copyOf(buffer: SharedArrayBuffer): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(buffer.byteLength);
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

/** Everything that a reader does; each index that comes out must be one. */
function exercise(table: RouteTable, connections: readonly Connection[]): void {
  for (let listener = 0; listener < inspect.listenerCount(table); listener++) {
    for (const connection of connections) {
      arbitrary.fillFacts(facts, connection);
      const route = match(table, listener, facts);
      isIndex(route, -2, inspect.routeCount(table));
      isIndex(authorize(table, listener, facts), -2, inspect.policyCount(table));
      if (route < 0) continue;
      for (const random of [0, 2 ** 31, 2 ** 32 - 1]) {
        const cluster = pickDestination(table, route, random);
        isIndex(cluster, 0, inspect.clusterCount(table));
        for (let n = 0; n < inspect.clusterSize(table, cluster); n++) {
          isIndex(inspect.clusterEndpoint(table, cluster, n), 0, inspect.endpointCount(table));
        }
      }
    }
  }
  decodeTable(table);
}

function isIndex(index: number, low: number, end: number): void {
  assert.ok(Number.isInteger(index) && index >= low && index < end, `${index} not in ${low}..${end}`);
}

/** Views that throw where a look-up reads outside of them: a typed array would give undefined, and the error would hide. */
function guarded(table: RouteTable): RouteTable {
  const guard = (view: Int32Array | Uint8Array) =>
    new Proxy(view, {
      get(target, key) {
        if (typeof key === 'string' && !(key in target)) throw new RangeError(`read at ${key}`);
        const value = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  return Object.fromEntries(
    Object.entries(table).map(([name, view]) => [name, ArrayBuffer.isView(view) ? guard(view as Int32Array) : view]),
  ) as RouteTable;
}

const connections = fc.array(arbitrary.connection, { minLength: 6, maxLength: 6, size: 'max' });

test('sound tables are read inside their views only', () => {
  fc.assert(
    fc.property(arbitrary.plan, connections, (plan, cases) => {
      exercise(guarded(attachTable(encodeTable(plan))), cases);
    }),
    { numRuns: 50 },
  );
});

test('any flipped bit is refused', () => {
  fc.assert(
    fc.property(arbitrary.plan, fc.nat(), (plan, at) => {
      const buffer = encodeTable(plan);
      const bytes = new Uint8Array(buffer);
      bytes[(at >>> 3) % bytes.length] ^= 1 << (at & 7);
      assert.not(openTable(buffer).ok);
    }),
    { numRuns: 500 },
  );
});

const damage = fc.record({
  word: fc.nat(),
  value: fc.oneof(
    fc.constantFrom(-1, 0, 1, 2, 0x7fff_ffff, 0x8000_0000 | 0, 0x8800_0001 | 0, 255, 65_536),
    fc.integer(),
    fc.nat(64),
  ),
  isAdded: fc.boolean(),
});

test('a forged table, its checksum made right, is refused or safe', () => {
  let accepted = 0;
  fc.assert(
    fc.property(
      arbitrary.plan,
      fc.array(fc.array(damage, { minLength: 1, maxLength: 3 }), { minLength: 20, maxLength: 20, size: 'max' }),
      connections,
      (plan, damages, cases) => {
        const buffer = encodeTable(plan);
        for (const changes of damages) {
          const copy = copyOf(buffer);
          const words = new Int32Array(copy);
          for (const { word, value, isAdded } of changes) {
            const at = HEADER.sections + (word % (words.length - HEADER.sections));
            words[at] = isAdded ? words[at] + (value % 8) : value;
          }
          words[HEADER.checksum] = checksum(words, HEADER.sections);
          const opening = openTable(copy);
          if (!opening.ok) continue;
          accepted++;
          exercise(guarded(opening.table), cases);
        }
      },
    ),
    { numRuns: 200 },
  );
  assert.ok(accepted > 0, 'no forged table was accepted, so none was looked into');
});

const INDEXES = [
  'nameSets',
  'nameCells',
  'nameTexts',
  'nodes',
  'nodeSlots',
  'ranges4',
  'ranges6',
  'ranges6Low',
  'chains',
  'chainOwners',
  'conditions',
] as const;

/** A plan with tries of several levels and names that share their tails, which random plans are too small for. */
function withTries(): TablePlan {
  const cidrs = Array.from({ length: 200 }, (_, i) => [
    `10.${i % 7}.${i}.0/24`,
    `2001:db8:${i % 5}:${i.toString(16)}::/64`,
  ]).flat();
  const destinations = [{ cluster: 0, weight: 1 }];
  const route = { name: 'r', destinations, idleTimeoutMs: 0, maxDurationMs: 0 };
  const rules: RulePlan[] = cidrs.map((cidr) => ({ conditions: [{ fact: 'source', cidrs: [cidr] }], route }));
  const names = ['*', ...cidrs.map((_, i) => `${i % 2 === 0 ? '*.' : ''}n${i}.of.a-domain.example.com`)];
  const chains = [
    { names, rules: [{ conditions: [{ fact: 'remote', not: true, cidrs }], route }, ...rules] as RulePlan[] },
  ];
  const cluster = {
    name: 'c',
    host: 'h',
    subset: '',
    port: 1,
    balancer: 'random' as const,
    hashTableSize: 0,
    endpoints: [],
  };
  const limits = { connectTimeoutMs: 0, maxConnections: 0, keepalive: null, proxyProtocol: 0 as const, outlier: null };
  return {
    listeners: [{ name: 'l', bind: '', port: 1, gateways: [], inspectsTls: false, chains, authorization: [] }],
    clusters: [{ ...cluster, ...limits }],
    authorization: [],
  };
}

/** A copy with one word of a section changed, and a checksum that fits. */
function forged(
  buffer: SharedArrayBuffer,
  section: WordSection,
  word: number,
  change: (old: number) => number,
): SharedArrayBuffer {
  const copy = copyOf(buffer);
  const words = new Int32Array(copy);
  const header = HEADER.sections + 2 * WORD_SECTIONS.indexOf(section);
  const at = words[header] / 4 + (word % words[header + 1]);
  words[at] = change(words[at]);
  words[HEADER.checksum] = checksum(words, HEADER.sections);
  return copy;
}

test('tries that go round, leave their family, or reach beyond their slots are refused', () => {
  const buffer = encodeTable(withTries());
  const { chains, nodes } = attachTable(buffer);
  const [root4, root6] = [chains[CHAIN.source4], chains[CHAIN.source6]];
  assert.ok(root4 >= 0 && root6 >= 0, 'the tries have nodes');
  const refuses = (section: WordSection, word: number, value: number) => {
    const opening = openTable(forged(buffer, section, word, () => value));
    assert.not(opening.ok, `${section}[${word}] = ${value}`);
  };
  for (const node of [root4, root6]) {
    const slotStart = nodes[node * NODE.stride + NODE.slotStart];
    refuses('nodeSlots', slotStart, node);
    refuses('nodeSlots', slotStart, node === root4 ? root6 : root4);
    refuses('nodeSlots', slotStart, nodes.length / NODE.stride);
    refuses('nodes', node * NODE.stride + NODE.word, node === root4 ? 1 : 4);
    refuses('nodes', node * NODE.stride + NODE.slotStart, slotStart + 1);
    refuses('nodes', node * NODE.stride + NODE.shift, 32);
  }
  // An address below the first range would be looked for before all of them.
  refuses('ranges6', RANGE6.value, -1);
  const lastNode = nodes.length - NODE.stride;
  refuses('nodes', lastNode + NODE.mask, nodes[lastNode + NODE.mask] * 2 + 1);
});

test('cells whose tail reaches beyond all tails, or that have no characters or no value of their own, are refused', () => {
  const buffer = encodeTable(withTries());
  const { nameCells, nameTexts } = attachTable(buffer);
  const tagAt = Array.from({ length: nameCells.length / NAME_CELL.stride }, (_, cell) => cell * NAME_CELL.stride).find(
    (at) => (nameCells[at] & NAME_CHARS) > 24 && (nameCells[at] & NAME_SUFFIX) !== 0,
  )!;
  const tag = nameCells[tagAt];
  const beyond = Math.ceil(nameTexts.length / NAME_TAIL_UNIT) << NAME_TAIL_SHIFT;
  const refuses = (section: WordSection, word: number, value: number) =>
    assert.not(openTable(forged(buffer, section, word, () => value)).ok, `${section}[${word}] = ${value}`);
  refuses('nameCells', tagAt, tag & ~NAME_CHARS);
  refuses('nameCells', tagAt, (tag & 0x1ff) | beyond);
  refuses('nameCells', tagAt, (tag & 0x1ff) | (-1 << NAME_TAIL_SHIFT));
  refuses('nameCells', tagAt + NAME_CELL.value, 0x003f_ffff);
});

test('forged indexes of several levels are refused or safe', () => {
  const buffer = encodeTable(withTries());
  const near = fc
    .tuple(fc.nat(8), fc.nat(255))
    .map(([a, b]) => ({ source: `10.${a}.${b}.1`, serverName: `x.n${b}.of.a-domain.example.com` }));
  const near6 = fc
    .tuple(fc.nat(6), fc.nat(255))
    .map(([a, b]) => ({ source: `2001:db8:${a}:${b.toString(16)}::1`, serverName: '' }));
  const cases = fc.array(fc.oneof(near, near6), { minLength: 20, maxLength: 20, size: 'max' });
  let accepted = 0;
  fc.assert(
    fc.property(fc.constantFrom(...INDEXES), damage, cases, (section, { word, value, isAdded }, connections) => {
      const opening = openTable(forged(buffer, section, word, (old) => (isAdded ? old + (value % 8) : value)));
      if (!opening.ok) return;
      accepted++;
      const table = guarded(opening.table);
      for (const { source, serverName } of connections) {
        const hello = { serverName, protocols: [] };
        arbitrary.fillFacts(facts, { source, remote: '', destination: source, port: 1, hello });
        isIndex(match(table, 0, facts), -2, inspect.routeCount(table));
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(accepted > 0, 'no forged table was accepted, so none was looked into');
});

test('a buffer that is no table, or a piece of one, is refused with the reason', () => {
  const buffer = encodeTable({ listeners: [], clusters: [], authorization: [] });
  const reasonFor = (change: (words: Int32Array) => void) => {
    const copy = copyOf(buffer);
    change(new Int32Array(copy));
    const opening = openTable(copy);
    return opening.ok ? 'ok' : opening.reason;
  };
  assert.is(
    reasonFor(() => {}),
    'ok',
  );
  assert.is(
    reasonFor((words) => (words[HEADER.magic] = 0)),
    'not a table: no magic number',
  );
  assert.is(
    reasonFor((words) => (words[HEADER.version] = 99)),
    'layout 99, not 8',
  );
  assert.match(
    reasonFor((words) => (words[HEADER.bytes] += 64)),
    'cut off',
  );
  assert.is(
    reasonFor((words) => (words[words.length - 1] ^= 1)),
    'damaged: checksum differs',
  );
  assert.not(openTable(new SharedArrayBuffer(0)).ok);
  assert.not(openTable(new SharedArrayBuffer(HEADER_WORDS * 4)).ok);
  assert.throws(() => attachTable(new SharedArrayBuffer(64)), 'not a route table');
});

test.run();
