// What the PROXY protocol reader says about headers made for each case.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { joined, uint16, vector16 } from './client-hello-build.ts';
import { parseAddress } from './ip-address.ts';
import { type ProxyEndpoint, type ProxyHeader, type ProxyVerdict, readProxyHeader } from './proxy-header.ts';
import { MAX_PROXY_V2_BYTES, type ProxyClaim, writeProxyV2 } from './proxy-v2.ts';

const test = suite('proxy-header');
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const look = (bytes: Uint8Array | string): ProxyVerdict =>
  readProxyHeader(typeof bytes === 'string' ? bytesOf(bytes) : bytes, false);
const end = (address: string, port: number): ProxyEndpoint => ({ address: parseAddress(address)!, port });

const V4: ProxyClaim = {
  command: 'PROXY',
  family: 'tcp4',
  source: end('203.0.113.7', 56324),
  destination: end('192.0.2.1', 443),
};

function headerIn(verdict: ProxyVerdict): ProxyHeader {
  if (verdict.kind !== 'done') throw new Error(`not done: ${JSON.stringify(verdict)}`);
  return verdict.header;
}

function reasonOf(verdict: ProxyVerdict): string {
  return verdict.kind === 'malformed' ? verdict.reason : verdict.kind;
}

/** A v2 header from its parts, with a length that is true. */
function v2(versionAndCommand: number, family: number, block: Uint8Array = new Uint8Array(0)): Uint8Array {
  return joined(bytesOf('\r\n\r\n\0\r\nQUIT\n'), Uint8Array.of(versionAndCommand, family), vector16(block));
}

const V4_BLOCK = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 0, 80, 1, 187]);

test('v1: addresses, ports, and where the connection itself begins', () => {
  const verdict = look('PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\nGET / HTTP/1.1\r\n');
  assert.is(verdict.kind === 'done' && verdict.consumedBytes, 44);
  const header = headerIn(verdict);
  assert.equal({ ...header, tlvs: null }, { version: 1, ...V4, tlvs: null });
  const v6 = headerIn(look('PROXY TCP6 2001:DB8::1 ::ffff:192.0.2.1 0 65535\r\n'));
  assert.is(v6.family, 'tcp6');
  assert.equal(v6.family === 'tcp6' && v6.source, end('2001:db8::1', 0));
  assert.equal(v6.family === 'tcp6' && v6.destination, end('::ffff:c000:201', 65_535));
});

test('v1: UNKNOWN, and whatever follows it, up to 107 bytes', () => {
  const rest = ' ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'.repeat(2);
  const longest = `PROXY UNKNOWN${rest} 65535 65535\r\n`;
  assert.is(longest.length, 107);
  for (const line of ['PROXY UNKNOWN\r\n', 'PROXY UNKNOWN \r\n', 'PROXY UNKNOWN nonsense \0\xff\r\n', longest]) {
    assert.equal(headerIn(look(line)), { version: 1, command: 'PROXY', family: 'unknown' });
  }
  assert.is(reasonOf(look(longest.replace('UNKNOWN', 'UNKNOWN '))), 'line-too-long');
  assert.is(reasonOf(look(`PROXY UNKNOWN ${'x'.repeat(92)}\r`)), 'line-too-long', 'the LF would be the 108th byte');
});

test('v1: what is malformed, and why', () => {
  const cases: [string, string[]][] = [
    [
      'line-fields',
      [
        'PROXY\r\n',
        'PROXY \r\n',
        'PROXYTCP4 1.1.1.1 2.2.2.2 1 2\r\n',
        'PROXY  TCP4 1.1.1.1 2.2.2.2 1 2\r\n',
        'PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n',
        'PROXY TCP4 1.1.1.1 2.2.2.2 1 2 \r\n',
        'PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n',
        'PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n',
        'PROXY tcp4 1.1.1.1 2.2.2.2 1 2\r\n',
        'PROXY UNKNOWNS\r\n',
        'PROXY\tTCP4 1.1.1.1 2.2.2.2 1 2\r\n',
      ],
    ],
    [
      'address',
      [
        'PROXY TCP4 1.1.1 2.2.2.2 1 2\r\n',
        'PROXY TCP4 1.1.1.256 2.2.2.2 1 2\r\n',
        'PROXY TCP4 01.1.1.1 2.2.2.2 1 2\r\n',
        'PROXY TCP4 ::1 ::1 1 2\r\n',
        'PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n',
        'PROXY TCP6 ::1%eth0 ::1 1 2\r\n',
        'PROXY TCP4  1.1.1.1 1 2\r\n',
        'PROXY TCP6 [::1] ::1 1 2\r\n',
        'PROXY TCP4 1.1.1.1 2.2.2.+2 1 2\r\n',
      ],
    ],
    [
      'port',
      [
        'PROXY TCP4 1.1.1.1 2.2.2.2 65536 2\r\n',
        'PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n',
        'PROXY TCP4 1.1.1.1 2.2.2.2 1 -2\r\n',
        'PROXY TCP4 1.1.1.1 2.2.2.2 1 \r\n',
        'PROXY TCP4 1.1.1.1 2.2.2.2 0x1 2\r\n',
        'PROXY TCP4 1.1.1.1 2.2.2.2 1e1 2\r\n',
      ],
    ],
    ['line-end', ['PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n', 'PROXY UNKNOWN\rx\r\n', 'PROXY UNKNOWN \n\r\n', 'PROXY\n']],
  ];
  for (const [reason, lines] of cases) for (const line of lines) assert.is(reasonOf(look(line)), reason, line);
});

test('what begins otherwise has no header, and says so at the first byte that tells', () => {
  for (const bytes of [
    'GET / HTTP/1.1',
    '\x16\x03\x01',
    'PROX ',
    'proxy TCP4',
    'PROXx',
    '\r\nGET',
    '\r\n\r\n\0\r\nQUIT ',
  ]) {
    assert.is(look(bytes).kind, 'absent', bytes);
    const before = readProxyHeader(bytesOf(bytes.slice(0, -1)), false).kind;
    assert.ok(before === 'absent' || before === 'need-more');
  }
  assert.equal(look(''), { kind: 'need-more', atLeastBytes: 1 });
  assert.equal(look('PRO'), { kind: 'need-more', atLeastBytes: 4 });
  assert.is(readProxyHeader(bytesOf('PRO'), true).kind, 'absent', 'a stream of three letters');
  assert.is(reasonOf(readProxyHeader(bytesOf('PROXY'), true)), 'truncated');
  assert.is(reasonOf(readProxyHeader(v2(0x21, 0x11, V4_BLOCK).subarray(0, 27), true)), 'truncated');
});

test('v2: each family', () => {
  const six = new Uint8Array(36).fill(0xfe);
  const paths = new Uint8Array(216);
  paths.set(bytesOf('/run/a'), 0);
  paths.set(bytesOf('\0abstract'), 108);
  for (const [byte, family] of [
    [0x11, 'tcp4'],
    [0x12, 'udp4'],
  ] as const) {
    const header = headerIn(look(v2(0x21, byte, V4_BLOCK)));
    assert.is(header.family, family);
    assert.equal(header.family === family && header.source, end('1.2.3.4', 80));
    assert.equal(header.family === family && header.destination, end('5.6.7.8', 443));
  }
  for (const [byte, family] of [
    [0x21, 'tcp6'],
    [0x22, 'udp6'],
  ] as const) {
    const header = headerIn(look(v2(0x21, byte, six)));
    assert.equal(header.family === family && header.source, { address: new Uint8Array(16).fill(0xfe), port: 0xfefe });
  }
  for (const [byte, family] of [
    [0x31, 'unix-stream'],
    [0x32, 'unix-datagram'],
  ] as const) {
    const header = headerIn(look(v2(0x21, byte, paths)));
    assert.equal(header.family === family && header.source, { path: bytesOf('/run/a') });
    assert.equal(header.family === family && header.destination, { path: bytesOf('\0abstract') });
  }
});

test('v2: LOCAL is taken with any family, any length, any garbage', () => {
  for (const family of [0x00, 0x11, 0x22, 0x31, 0xf7, 0xff]) {
    for (const block of [new Uint8Array(0), Uint8Array.of(255), V4_BLOCK, new Uint8Array(300).fill(0xff)]) {
      const verdict = look(joined(v2(0x20, family, block), bytesOf('rest')));
      assert.equal(verdict, {
        kind: 'done',
        header: { version: 2, command: 'LOCAL', family: 'unknown' },
        consumedBytes: 16 + block.length,
      });
    }
  }
});

test('v2: an unspecified family or transport hides the addresses, and its block is skipped', () => {
  for (const family of [0x00, 0x01, 0x02, 0x10, 0x20, 0x30]) {
    const verdict = look(v2(0x21, family, Uint8Array.of(9, 9, 9)));
    assert.equal(headerIn(verdict), { version: 2, command: 'PROXY', family: 'unknown' });
    assert.is(verdict.kind === 'done' && verdict.consumedBytes, 19);
  }
});

test('v2: what is malformed, and why, as soon as the 16 bytes are there', () => {
  const long = v2(0x21, 0x11).subarray(0, 14);
  const cases: [string, Uint8Array][] = [
    ['version', v2(0x11, 0x11, V4_BLOCK)],
    ['version', v2(0x01, 0x11, V4_BLOCK)],
    ['version', v2(0x31, 0x11, V4_BLOCK)],
    ['command', v2(0x22, 0x11, V4_BLOCK)],
    ['command', v2(0x2f, 0x11, V4_BLOCK)],
    ['family', v2(0x21, 0x41, V4_BLOCK)],
    ['family', v2(0x21, 0x13, V4_BLOCK)],
    ['family', v2(0x21, 0xff, V4_BLOCK)],
    ['header-too-long', joined(long, uint16(MAX_PROXY_V2_BYTES - 15))],
    ['header-too-long', joined(long, uint16(0xffff))],
    ['address-length', v2(0x21, 0x11, V4_BLOCK.subarray(0, 11))],
    ['address-length', v2(0x21, 0x11)],
    ['address-length', v2(0x21, 0x21, new Uint8Array(35))],
    ['address-length', v2(0x21, 0x31, new Uint8Array(215))],
  ];
  for (const [reason, bytes] of cases) assert.is(reasonOf(look(bytes)), reason);
  const longest = joined(long, uint16(MAX_PROXY_V2_BYTES - 16));
  assert.equal(look(longest), { kind: 'need-more', atLeastBytes: MAX_PROXY_V2_BYTES });
});

test('a result shares no memory with what was read, not even with a Buffer, which stays as it was', () => {
  const bytes = Buffer.from(writeProxyV2(V4, { checksum: true, tlvs: [{ type: 5, value: Uint8Array.of(7) }] }));
  const before = Buffer.from(bytes);
  const header = headerIn(readProxyHeader(bytes, false));
  assert.ok(bytes.equals(before));
  bytes.fill(0);
  assert.equal(header.family === 'tcp4' && header.source.address, Uint8Array.of(203, 0, 113, 7));
  assert.equal(header.family === 'tcp4' && header.tlvs.uniqueId, Uint8Array.of(7));
});

test.run();
