// A second reader of PROXY headers for tests to compare with: regular expressions, URLs and copies, no code shared
// with the first. Nothing that serves imports it.
import { isIPv4, isIPv6 } from 'node:net';
import type { MalformedProxyReason } from './proxy-header.ts';

/** What a header says, flattened to text. */
export interface NaiveProxy {
  readonly kind: 'done' | 'need-more' | 'absent' | 'malformed';
  readonly reason?: MalformedProxyReason;
  readonly consumedBytes?: number;
  readonly command?: string;
  readonly family?: string;
  /** `1.2.3.4:80`, `[1:2::3]:80` with lower-case hex groups only, or a unix path in Latin-1. */
  readonly source?: string;
  readonly destination?: string;
  /** `type=value in hex`, without checksum and padding. */
  readonly tlvs?: readonly string[];
}

const V2 = '\r\n\r\n\0\r\nQUIT\n';

/** What `readProxyHeader` should say. */
export function naiveProxyHeader(bytes: Uint8Array, ended: boolean): NaiveProxy {
  const text = Buffer.from(bytes).toString('latin1');
  for (const [signature, read] of [
    ['PROXY', naiveV1],
    [V2, naiveV2],
  ] as const) {
    if (text.startsWith(signature)) {
      const verdict = read(text, Buffer.from(bytes));
      return verdict.kind === 'need-more' && ended ? { kind: 'malformed', reason: 'truncated' } : verdict;
    }
    if (signature.startsWith(text) && !ended) return { kind: 'need-more' };
  }
  return { kind: 'absent' };
}

function naiveV1(text: string): NaiveProxy {
  const line = text.slice(0, 107);
  const malformed = (reason: MalformedProxyReason): NaiveProxy => ({ kind: 'malformed', reason });
  if (/^[^\r\n]*(\n|\r[^\n])/.test(line)) return malformed('line-end');
  const end = line.indexOf('\r\n');
  if (end < 0) return text.length >= 107 ? malformed('line-too-long') : { kind: 'need-more' };
  const head = line.slice(0, end);
  const consumedBytes = end + 2;
  if (/^PROXY UNKNOWN( .*)?$/s.test(head)) return { kind: 'done', consumedBytes, command: 'PROXY', family: 'unknown' };
  const match = /^PROXY TCP([46]) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*)$/s.exec(head);
  if (match === null) return malformed('line-fields');
  const [, digit, from, to, fromPort, toPort] = match;
  const isAddress = digit === '4' ? isIPv4 : (address: string) => isIPv6(address) && !address.includes('%');
  if (!isAddress(from!) || !isAddress(to!)) return malformed('address');
  for (const port of [fromPort!, toPort!]) {
    if (String(Number(port)) !== port || !/^\d+$/.test(port) || Number(port) > 65_535) return malformed('port');
  }
  const show = (address: string) => (digit === '4' ? address : new URL(`http://[${address}]/`).hostname);
  const [source, destination] = [`${show(from!)}:${fromPort}`, `${show(to!)}:${toPort}`];
  return { kind: 'done', consumedBytes, command: 'PROXY', family: `tcp${digit}`, source, destination, tlvs: [] };
}

function naiveV2(_text: string, bytes: Buffer): NaiveProxy {
  const malformed = (reason: MalformedProxyReason): NaiveProxy => ({ kind: 'malformed', reason });
  if (bytes.length < 16) return { kind: 'need-more' };
  const hex = bytes.toString('hex', 12, 14);
  if (hex[0] !== '2') return malformed('version');
  if (hex[1] !== '0' && hex[1] !== '1') return malformed('command');
  const consumedBytes = 16 + bytes.readUInt16BE(14);
  if (consumedBytes > 16_384) return malformed('header-too-long');
  if (hex[1] === '1' && !/^[0-3][0-2]$/.test(hex.slice(2))) return malformed('family');
  if (bytes.length < consumedBytes) return { kind: 'need-more' };
  if (hex[1] === '0') return { kind: 'done', consumedBytes, command: 'LOCAL', family: 'unknown' };
  const family = { 11: 'tcp4', 12: 'udp4', 21: 'tcp6', 22: 'udp6', 31: 'unix-stream', 32: 'unix-datagram' }[
    Number(hex.slice(2))
  ];
  if (family === undefined) return { kind: 'done', consumedBytes, command: 'PROXY', family: 'unknown' };
  const block = bytes.subarray(16, consumedBytes);
  const size = family.startsWith('unix') ? 216 : family.endsWith('4') ? 12 : 36;
  if (block.length < size) return malformed('address-length');
  const ends = endsOf(block.subarray(0, size));
  const tlvs = tlvsOf(bytes.subarray(0, consumedBytes), 16 + size);
  if (typeof tlvs === 'string') return malformed(tlvs);
  return { kind: 'done', consumedBytes, command: 'PROXY', family, ...ends, tlvs };
}

function endsOf(addresses: Buffer): { source: string; destination: string } {
  if (addresses.length === 216) {
    const path = (start: number) => addresses.toString('latin1', start, start + 108).replace(/\0+$/, '');
    return { source: path(0), destination: path(108) };
  }
  const size = (addresses.length - 4) / 2;
  const show = (start: number, port: number) => {
    const address = addresses.subarray(start, start + size);
    const groups = address.toString('hex').match(/.{4}/g)!.join(':');
    const text = size === 4 ? address.join('.') : new URL(`http://[${groups}]/`).hostname;
    return `${text}:${addresses.readUInt16BE(port)}`;
  };
  return { source: show(0, 2 * size), destination: show(size, 2 * size + 2) };
}

function tlvsOf(header: Buffer, start: number): string[] | MalformedProxyReason {
  const list = splitNaively(header.subarray(start));
  if (typeof list === 'string') return list;
  const checksums = list.filter(([type]) => type === 3);
  if (checksums.length > 1 || checksums.some(([, value]) => value.length !== 4)) return 'tlv-checksum';
  for (const [, value] of checksums) {
    const at = value.byteOffset - header.byteOffset;
    const zeroed = Buffer.concat([header.subarray(0, at), Buffer.alloc(4), header.subarray(at + 4)]);
    if (naiveCrc32c(zeroed) !== value.readUInt32BE(0)) return 'tlv-checksum';
  }
  const first = (wanted: number) => list.find(([type]) => type === wanted)?.[1];
  if ((first(5)?.length ?? 0) > 128) return 'tlv-length';
  const ssl = first(0x20);
  if (ssl !== undefined) {
    const inner = ssl.length < 5 ? 'tlv-length' : splitNaively(ssl.subarray(5));
    if (typeof inner === 'string') return inner;
    const texts = [0x21, 0x22, 0x23, 0x24, 0x25].map((wanted) => inner.find(([type]) => type === wanted)?.[1]);
    if (texts.some((text) => text !== undefined && !isUtf8(text))) return 'tlv-text';
  }
  for (const text of [first(2), first(0x30)]) if (text !== undefined && !isUtf8(text)) return 'tlv-text';
  return list.filter(([type]) => type !== 3 && type !== 4).map(([type, value]) => `${type}=${value.toString('hex')}`);
}

function splitNaively(bytes: Buffer): [number, Buffer][] | MalformedProxyReason {
  const list: [number, Buffer][] = [];
  for (let rest = bytes; rest.length > 0; ) {
    if (rest.length < 3 || rest.length < 3 + rest.readUInt16BE(1)) return 'tlv-length';
    if (list.length === 64) return 'tlv-too-many';
    const next = 3 + rest.readUInt16BE(1);
    list.push([rest[0]!, rest.subarray(3, next)]);
    rest = rest.subarray(next);
  }
  return list;
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);
}

/** Bit by bit, as RFC 4960 appendix B describes the division. */
function naiveCrc32c(bytes: Uint8Array): number {
  let remainder = 0xffff_ffffn;
  for (const byte of bytes) {
    remainder ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder % 2n === 1n ? (remainder / 2n) ^ 0x82f6_3b78n : remainder / 2n;
    }
  }
  return Number(remainder ^ 0xffff_ffffn);
}
