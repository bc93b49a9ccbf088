// The TLVs of a PROXY v2 header: what is read in them, and what is refused.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { joined, vector16 } from './client-hello-build.ts';
import { crc32c } from './crc32c.ts';
import { parseAddress } from './ip-address.ts';
import { type ProxyEndpoint, type ProxyHeader, type ProxyVerdict, readProxyHeader } from './proxy-header.ts';
import { type ProxyClaim, writeProxyV2 } from './proxy-v2.ts';

const test = suite('proxy-tlv');
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

function tlvsIn(verdict: ProxyVerdict) {
  const header = headerIn(verdict);
  if (header.family === 'unknown') throw new Error('no TLVs with family unknown');
  return header.tlvs;
}

function reasonOf(verdict: ProxyVerdict): string {
  return verdict.kind === 'malformed' ? verdict.reason : verdict.kind;
}

/** A v2 header from its parts, with a length that is true. */
function v2(versionAndCommand: number, family: number, block: Uint8Array = new Uint8Array(0)): Uint8Array {
  return joined(bytesOf('\r\n\r\n\0\r\nQUIT\n'), Uint8Array.of(versionAndCommand, family), vector16(block));
}

const V4_BLOCK = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 0, 80, 1, 187]);
const tlv = (type: number, value: Uint8Array | string): Uint8Array =>
  joined(Uint8Array.of(type), vector16(typeof value === 'string' ? bytesOf(value) : value));
const withTlvs = (...tlvs: Uint8Array[]): Uint8Array => v2(0x21, 0x11, joined(V4_BLOCK, ...tlvs));

test('TLVs: those that are known are told, all are kept, padding is not', () => {
  const ssl = joined(
    Uint8Array.of(0x03, 0, 0, 0, 0),
    tlv(0x21, 'TLSv1.3'),
    tlv(0x22, 'Zo\xc3\xab'),
    tlv(0x23, 'TLS_AES_128_GCM_SHA256'),
    tlv(0x24, 'SHA256'),
    tlv(0x25, 'RSA2048'),
    tlv(0x99, '?'),
  );
  const tlvs = tlvsIn(
    look(
      withTlvs(
        tlv(4, '\0\0'),
        tlv(1, 'h2'),
        tlv(2, 'a.b'),
        tlv(5, '\x01\x02'),
        tlv(0x20, ssl),
        tlv(0x30, 'ns'),
        tlv(0xea, 'x'),
      ),
    ),
  );
  assert.is(tlvs.alpn, 'h2');
  assert.is(tlvs.authority, 'a.b');
  assert.equal(tlvs.uniqueId, Uint8Array.of(1, 2));
  assert.is(tlvs.netns, 'ns');
  assert.equal(
    tlvs.all.map(({ type }) => type),
    [1, 2, 5, 0x20, 0x30, 0xea],
  );
  assert.equal(
    { ...tlvs.ssl, all: tlvs.ssl?.all.length },
    {
      clientUsesTls: true,
      certificateOnConnection: true,
      certificateInSession: false,
      verified: true,
      version: 'TLSv1.3',
      commonName: 'Zoë',
      cipher: 'TLS_AES_128_GCM_SHA256',
      signatureAlgorithm: 'SHA256',
      keyAlgorithm: 'RSA2048',
      all: 6,
    },
  );
  assert.is(tlvsIn(look(withTlvs(tlv(2, ''), tlv(2, 'b')))).authority, '', 'the first one counts');
});

test('TLVs: a certificate counts as verified only where there is one', () => {
  const sslOf = (client: number, verify: number) =>
    tlvsIn(look(withTlvs(tlv(0x20, Uint8Array.of(client, 0, 0, 0, verify))))).ssl!;
  assert.is(sslOf(0x01, 0).verified, false);
  assert.is(sslOf(0x03, 1).verified, false);
  assert.is(sslOf(0x05, 0).verified, true);
});

test('TLVs: what is malformed, and why', () => {
  const cases: [string, Uint8Array[]][] = [
    ['tlv-length', [Uint8Array.of(1)]],
    ['tlv-length', [Uint8Array.of(1, 0)]],
    ['tlv-length', [Uint8Array.of(1, 0, 1)]],
    ['tlv-length', [Uint8Array.of(1, 255, 255, 0)]],
    ['tlv-length', [tlv(5, new Uint8Array(129))]],
    ['tlv-length', [tlv(0x20, new Uint8Array(4))]],
    ['tlv-length', [tlv(0x20, Uint8Array.of(1, 0, 0, 0, 0, 0x21, 0, 1))]],
    ['tlv-text', [tlv(2, '\xff')]],
    ['tlv-text', [tlv(0x30, '\xc3')]],
    ['tlv-text', [tlv(0x20, joined(new Uint8Array(5), tlv(0x22, '\xed\xa0\x80')))]],
    ['tlv-too-many', new Array(65).fill(tlv(0xe0, ''))],
    ['tlv-checksum', [tlv(3, new Uint8Array(4))]],
    ['tlv-checksum', [tlv(3, new Uint8Array(3))]],
    ['tlv-checksum', [tlv(3, '')]],
  ];
  for (const [reason, tlvs] of cases) assert.is(reasonOf(look(withTlvs(...tlvs))), reason);
  assert.is(tlvsIn(look(withTlvs(...new Array(64).fill(tlv(0xe0, ''))))).all.length, 64);
  assert.is(tlvsIn(look(withTlvs(tlv(5, new Uint8Array(128))))).uniqueId?.length, 128);
});

test('the checksum guards every bit but those that say it is one, and there may be one only', () => {
  assert.is(crc32c(bytesOf('123456789')), 0xe306_9283, 'the check value of CRC32C');
  const header = writeProxyV2(V4, { checksum: true, tlvs: [{ type: 2, value: bytesOf('a.b') }] });
  assert.is(look(header).kind, 'done');
  const ownType = header.length - 7;
  for (let bit = 16 * 8; bit < header.length * 8; bit++) {
    if (bit >> 3 === ownType) continue;
    const broken = header.with(bit >> 3, header[bit >> 3]! ^ (1 << (bit & 7)));
    assert.is(look(broken).kind === 'done', false, `bit ${bit}`);
  }
  const twice = withTlvs(tlv(3, new Uint8Array(4)), tlv(3, new Uint8Array(4)));
  assert.is(reasonOf(look(twice)), 'tlv-checksum');
});

test.run();
