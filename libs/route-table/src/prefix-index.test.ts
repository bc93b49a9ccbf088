import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type KeyRange, parseCidr } from './cidr.ts';
import { setSource } from './connection.ts';
import { encodeTable } from './encode.ts';
import { createFacts } from './facts.ts';
import { RANGE4, RANGE6 } from './layout.ts';
import { match, NO_ROUTE } from './match.ts';
import { openTable } from './open.ts';
import type { RulePlan, TablePlan } from './plan.ts';
import { attachTable } from './table.ts';

const test = suite('prefix index');
const facts = createFacts();

/** A rule for each CIDR, and another plan where one rule names them all beside a condition that always holds. */
function plansOf(cidrs: readonly string[]): [TablePlan, TablePlan] {
  const rule = (conditions: RulePlan['conditions']): RulePlan => ({
    conditions,
    route: { name: 'r', destinations: [{ cluster: 0, weight: 1 }], idleTimeoutMs: 0, maxDurationMs: 0 },
  });
  const cluster = {
    name: 'c',
    host: 'h',
    subset: '',
    port: 1,
    balancer: 'random' as const,
    hashTableSize: 0,
    connectTimeoutMs: 0,
    maxConnections: 0,
    keepalive: null,
    proxyProtocol: 0 as const,
    outlier: null,
    endpoints: [],
  };
  const planOf = (rules: RulePlan[]): TablePlan => ({
    listeners: [
      {
        name: 'l',
        bind: '',
        port: 1,
        gateways: [],
        inspectsTls: false,
        chains: [{ names: ['*'], rules }],
        authorization: [],
      },
    ],
    clusters: [cluster],
    authorization: [],
  });
  const source = 'source' as const;
  return [
    planOf(cidrs.map((cidr) => rule([{ fact: source, cidrs: [cidr] }]))),
    planOf([
      rule([
        { fact: source, cidrs },
        { fact: 'port', not: true, ports: [] },
      ]),
    ]),
  ];
}

/** Draws from a seed: fast-check would need minutes for lists this long. */
function* draws(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    yield (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

function ipv4(key: number): string {
  return [24, 16, 8, 0].map((shift) => (key >>> shift) & 255).join('.');
}

function ipv6(key: bigint): string {
  return Array.from({ length: 8 }, (_, i) => ((key >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':');
}

/** Blocks around few centres, so that they nest deeply and share long prefixes. */
function blocksOf(seed: number, count: number): string[] {
  const draw = draws(seed);
  const next = () => draw.next().value;
  const centres = Array.from({ length: 4 }, () => [next(), next(), next(), next()]);
  return Array.from({ length: count }, () => {
    const centre = centres[next() % 4];
    const near = next() >>> (next() % 32);
    if (next() % 2 === 0) return `${ipv4((centre[0] ^ near) >>> 0)}/${8 + (next() % 25)}`;
    const key = centre.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n) ^ (BigInt(near) << BigInt(next() % 97));
    return `${ipv6(key)}/${16 + (next() % 113)}`;
  });
}

/** Addresses just inside and just outside a block. */
function edges({ family, start, end }: KeyRange): string[] {
  if (family === 4) return [start - 1, start, end - 1, end].filter((key) => key >= 0 && key < 2 ** 32).map(ipv4);
  return [start - 1n, start, end - 1n, end].filter((key) => key >= 0n && key < 1n << 128n).map(ipv6);
}

function firstAround(blocks: readonly KeyRange[], address: string): number {
  const { family, start } = parseCidr(address);
  return blocks.findIndex((block) => block.family === family && start >= block.start && start < block.end);
}

test('gives the first rule around an address, at every edge of every block', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 300 }), (seed, count) => {
      const cidrs = blocksOf(seed, count);
      const blocks = cidrs.map(parseCidr);
      const tables = plansOf(cidrs).map((plan) => openTable(encodeTable(plan)));
      for (const address of blocks.flatMap(edges)) {
        setSource(facts, address);
        const first = firstAround(blocks, address);
        for (const [kind, opening] of tables.entries()) {
          if (!opening.ok) throw new Error(opening.reason);
          const expected = kind === 0 || first < 0 ? first : 0;
          assert.is(match(opening.table, 0, facts), expected, `${address} of ${cidrs.join(' ')}`);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('stays small where prefixes differ in their last bits only', () => {
  const cidrs = Array.from(
    { length: 4096 },
    (_, i) => `2001:db8:0:0:0:0:${(i >> 8).toString(16)}:${(i & 255).toString(16)}/128`,
  );
  const buffer = encodeTable(plansOf(cidrs)[0]);
  const bytesPerRule = buffer.byteLength / cidrs.length;
  assert.ok(bytesPerRule < 400, `${bytesPerRule} bytes a rule`);
});

test('a block is one range: the gap behind it needs none', () => {
  const cidrs = Array.from({ length: 1000 }, (_, i) => [
    `10.${i >> 8}.${i & 255}.0/25`,
    `2001:db8:${(2 * i).toString(16)}::/48`,
  ]);
  const { ranges4, ranges6 } = attachTable(encodeTable(plansOf(cidrs.flat())[0]));
  // And the empty index, and the gap before the first block.
  assert.is(ranges4.length / RANGE4.stride, 1000 + 2);
  assert.is(ranges6.length / RANGE6.stride, 1000 + 2);
});

test('an address that is not known is in no block', () => {
  const opening = openTable(encodeTable(plansOf(['0.0.0.0/0', '::/0'])[0]));
  if (!opening.ok) throw new Error(opening.reason);
  assert.not(setSource(facts, ''));
  assert.is(match(opening.table, 0, facts), NO_ROUTE);
});

test.run();
