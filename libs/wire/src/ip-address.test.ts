// Addresses as text and bytes, against what Node's net and URL make of the same.
import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addressText, hexAddressText, parseAddress, parseIpv4, parseIpv6 } from './ip-address.ts';

const test = suite('ip-address');

test('text is what RFC 5952 recommends', () => {
  const cases = [
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // 4.2.2: no `::` for a single group
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'], // 4.2.3: the longest run
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // 4.2.3: the first of equal ones
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::FFFF:c000:201', '::ffff:192.0.2.1'], // 5: a known prefix with IPv4 in it
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['::ff:192.0.2.1', '::ff:c000:201'],
    ['::ff00:192.0.2.1', '::ff00:c000:201'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['10.0.0.255', '10.0.0.255'],
  ];
  for (const [read, shown] of cases) assert.is(addressText(parseAddress(read!)!), shown);
  assert.is(hexAddressText(parseAddress('::ffff:192.0.2.1')!), '::ffff:c000:201');
  assert.throws(
    () => addressText(new Uint8Array(5)),
    (error: unknown) => error instanceof RangeError,
  );
});

test('what is no address is refused', () => {
  const refused = [
    '',
    ' ',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.04',
    '1.2.3.256',
    '1.2.3.-4',
    '1.2.3.4 ',
    '1..3.4',
    '0x1.2.3.4',
    '1.2.3.1e1',
    ':',
    ':::',
    '1:',
    ':1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '12345::',
    'g::',
    '::%1',
    '[::1]',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::01.2.3.4',
    '::ffff:1.2.3.4/96',
    `${'0'.repeat(40)}::1`,
    '٣.1.1.1',
  ];
  for (const text of refused) assert.is(parseAddress(text), null, text);
});

test('reads what Node reads, and shows what URL shows', () => {
  const soup = fc.string({ unit: fc.constantFrom(...'01f:.::'), maxLength: 20 });
  const texts = fc.oneof(fc.ipV4(), fc.ipV6(), soup, fc.ipV4Extended());
  fc.assert(
    fc.property(texts, (text) => {
      const [four, six] = [parseIpv4(text), parseIpv6(text)];
      assert.is(four !== null, isIPv4(text), text);
      assert.is(six !== null, isIPv6(text), text);
      if (four !== null) assert.is(addressText(four), text);
      if (six !== null) assert.is(`[${hexAddressText(six)}]`, new URL(`http://[${text}]/`).hostname);
    }),
    { numRuns: 3000 },
  );
});

test('bytes come back from their text', () => {
  const group = fc.constantFrom([0, 0], [0, 0], [0, 1], [0xff, 0xff], [0x12, 0x34]);
  const groups = (count: number) => fc.array(group, { minLength: count, maxLength: count });
  fc.assert(
    fc.property(fc.oneof(groups(2), groups(8)), (list) => {
      const address = Uint8Array.from(list.flat());
      assert.equal(parseAddress(addressText(address)), address);
    }),
    { numRuns: 1000 },
  );
});

test.run();
