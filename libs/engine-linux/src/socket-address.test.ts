import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AF_INET6, AF_UNIX } from './abi.ts';
import { parseIPv6, textOfIPv6 } from './ipv6-text.ts';
import { isAnyAddress, readAddress, type Scopes, writeAddress, writeIPv4 } from './socket-address.ts';

const test = suite('socket addresses');

const scopes: Scopes = {
  interfaceIndex: (name) => (name === 'eth7' ? 7 : 0),
  interfaceName: (index) => (index === 7 ? 'eth7' : ''),
};

function written(address: string, port: number): Uint8Array | null {
  const into = new Uint8Array(128);
  const length = writeAddress(into, address, port, scopes);
  return length < 0 ? null : into.slice(0, length);
}

const octet = fc.integer({ min: 0, max: 255 });
const ports = fc.integer({ min: 0, max: 65535 });

test('any IPv4 address and port comes back', () => {
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), ports, (octets, port) => {
      const bytes = written(octets.join('.'), port) as Uint8Array;
      assert.equal(readAddress(bytes, 0, scopes), { address: octets.join('.'), port });
    }),
  );
});

test('what counts as an IPv4 address is what Node takes for one', () => {
  const texts = fc.string({ unit: fc.constantFrom('0', '1', '2', '5', '9', '.', '.', '-', ' '), maxLength: 16 });
  const near = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 3, maxLength: 5 }).map((all) => all.join('.'));
  fc.assert(
    fc.property(fc.oneof(texts, near), (text) => {
      assert.is(writeIPv4(new Uint8Array(8), 0, text), isIPv4(text), text);
    }),
    { numRuns: 2_000 },
  );
});

test('the addresses that stand for all of the machine are told from those that do not', () => {
  const isAny = (address: string) => isAnyAddress(written(address, 80) as Uint8Array, 0);
  for (const any of ['0.0.0.0', '::', 'unix://@x']) assert.ok(isAny(any), any);
  for (const one of ['0.0.0.1', '127.0.0.0', '::1', 'fe80::']) assert.not(isAny(one), one);
});

test('any IPv6 address is written as the sixteen bytes it stands for, and read as Node writes it', () => {
  const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  });
  fc.assert(
    fc.property(groups, ports, (words, port) => {
      const full = words.map((word) => word.toString(16)).join(':');
      const bytes = written(full, port) as Uint8Array;
      assert.equal(
        [...bytes.slice(8, 24)],
        words.flatMap((word) => [word >> 8, word & 255]),
      );
      const { address } = readAddress(bytes, 0, scopes);
      assert.ok(isIPv6(address));
      assert.equal(parseIPv6(address), bytes.slice(8, 24));
      // Node's own text (inet_ntop) is the oracle, save for IPv4-compatible addresses, which it writes dotted.
      if (words.slice(0, 6).some((word) => word !== 0))
        assert.is(address, new SocketAddress({ address: full, family: 'ipv6' }).address);
    }),
  );
});

test('the longest run of zeros is shortened, the first of equals, never a single one', () => {
  const text = (address: string) => textOfIPv6(parseIPv6(address));
  assert.is(text('0:0:0:0:0:0:0:1'), '::1');
  assert.is(text('::'), '::');
  assert.is(text('2001:db8:0:0:1:0:0:1'), '2001:db8::1:0:0:1');
  assert.is(text('2001:db8:0:1:1:1:1:1'), '2001:db8:0:1:1:1:1:1');
  assert.is(text('::ffff:10.1.2.3'), '::ffff:10.1.2.3');
});

test('a link-local scope goes by name and by number, and an unknown name is refused', () => {
  const byName = written('fe80::1%eth7', 80) as Uint8Array;
  assert.equal(byName, written('fe80::1%7', 80));
  assert.is(byName[0], AF_INET6);
  assert.equal(readAddress(byName, 0, scopes), { address: 'fe80::1%eth7', port: 80 });
  assert.is(written('fe80::1%nope', 80), null);
  assert.is(written('fe80::1%4294967303', 80), null);
});

test('unix paths end with NUL, abstract names begin with it, and what is too long is refused', () => {
  const path = written('unix:///run/x.sock', 0) as Uint8Array;
  assert.equal([...path], [AF_UNIX, 0, ...Buffer.from('/run/x.sock'), 0]);
  const abstract = written('unix://@name', 0) as Uint8Array;
  assert.equal([...abstract], [AF_UNIX, 0, 0, ...Buffer.from('name')]);
  assert.equal(readAddress(path, 0, scopes), { address: '', port: 0 });
  assert.is(written(`unix:///${'x'.repeat(107)}`, 0), null);
  assert.ok(written(`unix:///${'x'.repeat(106)}`, 0));
});

test('what is no address is refused', () => {
  for (const text of ['', 'example.com', '1.2.3', '1.2.3.4.5', '::g', 'unix://'])
    assert.is(written(text, 1), null, text);
});

test.run();
