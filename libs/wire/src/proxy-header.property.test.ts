// PROXY headers against the plain second reader (proxy-oracle.ts) under every split, and there and back again.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { joined, vector16 } from './client-hello-build.ts';
import { flattened } from './fuzz-case.ts';
import { readProxyHeader } from './proxy-header.ts';
import { naiveProxyHeader } from './proxy-oracle.ts';
import type { ProxyTlv } from './proxy-tlv.ts';
import { writeProxyV1 } from './proxy-v1.ts';
import { type ProxyClaim, writeProxyV2 } from './proxy-v2.ts';

const test = suite('proxy-header properties');

/** Plain objects, which compare equal to those the reader makes. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const port = fc.nat(65_535);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** With runs of zeros, which decide where an IPv6 text has its `::`. */
const sparse = fc
  .array(fc.constantFrom([0, 0], [0, 1], [0xab, 0xcd], [0, 0xff], [0xff, 0xff]), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flat()));
const endpoint = (length: number) => record({ address: length === 16 ? fc.oneof(bytes(16), sparse) : bytes(4), port });
const path = fc.uint8Array({ maxLength: 108 }).map((p) => ({ path: p.at(-1) === 0 ? p.with(-1, 1) : p }));
const proxied = (family: 'tcp4' | 'tcp6' | 'udp4' | 'udp6'): fc.Arbitrary<ProxyClaim> => {
  const end = endpoint(family.endsWith('4') ? 4 : 16);
  return record({ command: fc.constant('PROXY'), family: fc.constant(family), source: end, destination: end });
};
const claim: fc.Arbitrary<ProxyClaim> = fc.oneof(
  ...(['tcp4', 'tcp6', 'udp4', 'udp6'] as const).map(proxied),
  record({
    command: fc.constant('PROXY' as const),
    family: fc.constantFrom('unix-stream' as const, 'unix-datagram' as const),
    source: path,
    destination: path,
  }),
  record({ command: fc.constantFrom('LOCAL' as const, 'PROXY' as const), family: fc.constant('unknown' as const) }),
);
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((t) => new TextEncoder().encode(t)),
  bytes(3),
);
const ssl = fc
  .tuple(bytes(5), fc.array(fc.tuple(fc.integer({ min: 0x20, max: 0x26 }), text), { maxLength: 3 }))
  .map(([head, list]) => joined(head, ...list.map(([type, value]) => joined(Uint8Array.of(type), vector16(value)))));
const tlv: fc.Arbitrary<ProxyTlv> = fc.oneof(
  record({ type: fc.constantFrom(1, 2, 4, 5, 0x30, 0xea), value: text }),
  record({ type: fc.constant(0x20), value: fc.oneof(ssl, bytes(7)) }),
);
const options = record({ tlvs: fc.array(tlv, { maxLength: 4 }), checksum: fc.boolean() });
const written = fc.oneof(
  fc.tuple(claim, options).map(([what, how]) => writeProxyV2(what, what.family === 'unknown' ? {} : how)),
  fc
    .tuple(fc.constantFrom(4, 16), fc.boolean())
    .chain(([length, known]) =>
      fc.tuple(endpoint(length), endpoint(length)).map(([a, b]) => writeProxyV1(known ? a : null, b)),
    ),
);
const followed = fc.tuple(written, fc.uint8Array({ maxLength: 8 })).map(([header, rest]) => joined(header, rest));
const damaged = fc
  .tuple(followed, fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from(' :.\r\n0aF'))))
  .map(([header, at, byte]) => header.with(at % header.length, byte));

function agreesAtEveryBeginning(stream: Uint8Array): void {
  let quietUntil = 0;
  let settled: unknown = null;
  for (let size = 0; size <= stream.length; size++) {
    const seen = stream.subarray(0, size);
    const verdict = readProxyHeader(seen, false);
    assert.equal(flattened(verdict), naiveProxyHeader(seen, false), `at ${size}`);
    assert.equal(flattened(readProxyHeader(seen, true)), naiveProxyHeader(seen, true), `ended at ${size}`);
    if (verdict.kind === 'need-more') {
      assert.is(settled, null, 'a verdict was taken back');
      assert.ok(verdict.atLeastBytes > size);
      quietUntil = verdict.atLeastBytes;
    } else {
      if (settled !== null) assert.equal(verdict, settled, 'a verdict changed');
      else assert.ok(size >= quietUntil, `known at ${size}, but not before ${quietUntil} was promised`);
      settled = verdict;
    }
  }
}

test('agrees with the oracle on written headers under every split', () => {
  fc.assert(fc.property(followed, agreesAtEveryBeginning), { numRuns: 150 });
});

test('agrees with the oracle on damaged headers under every split', () => {
  fc.assert(fc.property(damaged, agreesAtEveryBeginning), { numRuns: 250 });
});

test('what v2 writes is read again', () => {
  const opaque = record({ type: fc.integer({ min: 0x31, max: 255 }), value: fc.uint8Array({ maxLength: 300 }) });
  const list = fc.array(opaque, { maxLength: 5 });
  fc.assert(
    fc.property(claim, list, fc.boolean(), fc.uint8Array({ maxLength: 5 }), (what, tlvs, checksum, rest) => {
      const header = writeProxyV2(what, what.family === 'unknown' ? {} : { tlvs, checksum });
      const verdict = readProxyHeader(joined(header, rest), false);
      if (verdict.kind !== 'done') throw new Error(JSON.stringify(verdict));
      assert.is(verdict.consumedBytes, header.length);
      const { version, ...said } = verdict.header;
      assert.is(version, 2);
      if (said.family === 'unknown') return assert.equal(said, what);
      assert.equal(said.tlvs.all, tlvs);
      assert.equal({ ...said, tlvs: null }, { ...what, tlvs: null });
    }),
    { numRuns: 500 },
  );
});

test('what v1 writes is read again, in at most 107 bytes', () => {
  const pair = fc.oneof(fc.tuple(endpoint(4), endpoint(4)), fc.tuple(endpoint(16), endpoint(16)));
  fc.assert(
    fc.property(pair, ([source, destination]) => {
      const line = writeProxyV1(source, destination);
      assert.ok(line.length <= 107);
      const verdict = readProxyHeader(line, false);
      if (verdict.kind !== 'done' || verdict.header.family === 'unknown') throw new Error(JSON.stringify(verdict));
      assert.equal(verdict.header.source, source);
      assert.equal(verdict.header.destination, destination);
    }),
    { numRuns: 500 },
  );
});

test.run();
