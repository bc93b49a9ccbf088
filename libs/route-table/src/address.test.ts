import { isIP } from 'node:net';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress } from './address.ts';
import { parseCidr } from './cidr.ts';
import { address } from './plan-arbitrary.ts';

const test = suite('address');
const words = new Int32Array(8).fill(7);

function bytesOf(text: string): number[] {
  const family = parseAddress(text, words, 4);
  const bytes = Array.from(words.subarray(4), (word) => [
    word >>> 24,
    (word >>> 16) & 255,
    (word >>> 8) & 255,
    word & 255,
  ]);
  return bytes.flat().slice(0, family === 4 ? 4 : 16);
}

/** A URL's host is written in one way (WHATWG URL, "IPv6 serializer"), which is easy to read. */
function bytesByUrl(text: string): number[] {
  if (isIP(text) === 4) return text.split('.').map(Number);
  const [front, back] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groupsOf = (part: string | undefined) =>
    part ? part.split(':').map((group) => Number.parseInt(group, 16)) : [];
  const [first, last] = [groupsOf(front), groupsOf(back)];
  const groups = [...first, ...Array(8 - first.length - last.length).fill(0), ...last];
  const bytes = groups.flatMap((group) => [group >> 8, group & 255]);
  const isMapped = bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255';
  return isMapped ? bytes.slice(12) : bytes;
}

test('reads what the system reads, to the same bytes', () => {
  const any = fc.oneof(address, fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(any, (text) => {
      assert.equal(bytesOf(text), bytesByUrl(text));
      assert.equal(bytesOf(text.toUpperCase()), bytesOf(text));
    }),
    { numRuns: 3000 },
  );
});

test('refuses what the system refuses', () => {
  const damaged = fc.tuple(
    fc.oneof(address, fc.ipV4(), fc.ipV6()),
    fc.nat(40),
    fc.constantFrom('', ':', '.', '0', 'f', 'g', '::', '256'),
  );
  const odd = fc.string({ unit: fc.constantFrom(':', '.', '0', '1', 'f', '::', '255'), maxLength: 12 });
  fc.assert(
    fc.property(
      fc.oneof(
        damaged.map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at + 1)),
        odd,
      ),
      (text) => {
        assert.is(parseAddress(text, words, 0) !== 0, isIP(text) !== 0, text);
      },
    ),
    { numRuns: 5000 },
  );
});

test('takes IPv4-mapped addresses for IPv4 and leaves a zone aside', () => {
  assert.is(parseAddress('::ffff:10.0.0.1', words, 0), 4);
  assert.is(parseAddress('::ffff:a00:1', words, 0), 4);
  assert.is(words[0], 0x0a00_0001);
  assert.is(parseAddress('::10.0.0.1', words, 0), 6);
  assert.is(parseAddress('fe80::1%eth0', words, 0), 6);
  assert.is(words[3], 1);
});

test('a CIDR is a range, its further bits ignored', () => {
  assert.equal(parseCidr('10.1.2.3/8'), { family: 4, start: 0x0a00_0000, end: 0x0b00_0000 });
  assert.equal(parseCidr('255.255.255.255'), { family: 4, start: 2 ** 32 - 1, end: 2 ** 32 });
  assert.equal(parseCidr('::ffff:10.0.0.0/104'), { family: 4, start: 0x0a00_0000, end: 0x0b00_0000 });
  assert.equal(parseCidr('::/0'), { family: 6, start: 0n, end: 1n << 128n });
});

test('a CIDR that is none is a coded fault', () => {
  for (const text of [
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    'fe80::1%eth0',
    'a.com',
    '1/2/3',
  ]) {
    assert.throws(
      () => parseCidr(text),
      (fault: { code?: string }) => fault.code === 'table_address',
      text,
    );
  }
});

test.run();
