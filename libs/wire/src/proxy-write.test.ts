// PROXY headers as they are written, byte for byte.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAddress } from './ip-address.ts';
import { type ProxyEndpoint, readProxyHeader } from './proxy-header.ts';
import type { ProxyTlv } from './proxy-tlv.ts';
import { writeProxyV1 } from './proxy-v1.ts';
import { MAX_PROXY_V2_BYTES, type ProxyClaim, writeProxyV2 } from './proxy-v2.ts';

const test = suite('proxy-write');
const end = (address: string, port: number): ProxyEndpoint => ({ address: parseAddress(address)!, port });

const isRangeError = (error: unknown): boolean => error instanceof RangeError;

const V4: ProxyClaim = {
  command: 'PROXY',
  family: 'tcp4',
  source: end('203.0.113.7', 56324),
  destination: end('192.0.2.1', 443),
};

test('v1 is written as the protocol has it', () => {
  const written = (source: ProxyEndpoint | null, destination: ProxyEndpoint | null): string =>
    String.fromCharCode(...writeProxyV1(source, destination));
  const [a, b] = [end('203.0.113.7', 56_324), end('192.0.2.1', 443)];
  assert.is(written(a, b), 'PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n');
  const [c, d] = [end('2001:DB8:0:0:1::1', 1), end('::ffff:192.0.2.1', 65_535)];
  assert.is(written(c, d), 'PROXY TCP6 2001:db8::1:0:0:1 ::ffff:c000:201 1 65535\r\n');
  for (const line of [written(a, c), written(null, b), written(a, null)]) assert.is(line, 'PROXY UNKNOWN\r\n');
  assert.throws(() => writeProxyV1({ ...a, port: 65_536 }, b), isRangeError);
  assert.throws(() => writeProxyV1({ ...a, port: 1.5 }, b), isRangeError);
  const five = { address: new Uint8Array(5), port: 1 };
  assert.throws(() => writeProxyV1(five, five), isRangeError);
});

test('v2 is written byte for byte, and refuses what no receiver could read', () => {
  const hex = Buffer.from(writeProxyV2(V4)).toString('hex');
  assert.is(hex, '0d0a0d0a000d0a515549540a' + '2111000c' + 'cb007107' + 'c0000201' + 'dc04' + '01bb');
  const local = Buffer.from(writeProxyV2({ command: 'LOCAL', family: 'unknown' })).toString('hex');
  assert.is(local, '0d0a0d0a000d0a515549540a20000000');
  const value = (bytes: number): ProxyTlv => ({ type: 0xe0, value: new Uint8Array(bytes) });
  assert.is(readProxyHeader(writeProxyV2(V4, { tlvs: [{ ...value(1), type: 0 }] }), false).kind, 'done');
  const refused: (() => unknown)[] = [
    () => writeProxyV2({ ...V4, family: 'tcp6' }),
    () => writeProxyV2({ ...V4, source: { ...V4.source, port: -1 } }),
    () => writeProxyV2({ command: 'PROXY', family: 'unknown' }, { checksum: true }),
    () => writeProxyV2({ command: 'LOCAL', family: 'unknown' }, { tlvs: [value(1)] }),
    () => writeProxyV2(V4, { tlvs: [{ type: 3, value: new Uint8Array(4) }] }),
    () => writeProxyV2(V4, { tlvs: [{ type: 256, value: new Uint8Array(4) }] }),
    () => writeProxyV2(V4, { tlvs: [value(MAX_PROXY_V2_BYTES - 30)] }),
  ];
  for (const write of refused) assert.throws(write, isRangeError);
  assert.is(readProxyHeader(writeProxyV2(V4, { tlvs: [value(MAX_PROXY_V2_BYTES - 31)] }), false).kind, 'done');
});

test.run();
