// PROXY protocol version 1: one line of text (proxy-protocol.txt section 2.1), read and written.
import { latin1 } from './byte-text.ts';
import { addressText, hexAddressText, IPV4_BYTES, parseIpv4, parseIpv6 } from './ip-address.ts';
import type { MalformedProxyReason, ProxyEndpoint, ProxyHeader, ProxyVerdict } from './proxy-header.ts';
import { NO_TLVS } from './proxy-tlv.ts';

/** Section 2.1: the longest line, `PROXY UNKNOWN` with two IPv6 addresses and ports, CR LF included. */
export const MAX_PROXY_V1_BYTES = 107;

/** Section 2.2: the five letters by which a receiver tells v1. */
export const PROXY_V1_SIGNATURE = Uint8Array.from([0x50, 0x52, 0x4f, 0x58, 0x59]);

const CR = 0x0d;
const LF = 0x0a;
const UNKNOWN = 'PROXY UNKNOWN';

/** Reads a stream that begins with `PROXY`. */
export function readProxyV1(bytes: Uint8Array): ProxyVerdict {
  const limit = Math.min(bytes.length, MAX_PROXY_V1_BYTES);
  for (let i = 0; i < limit; i++) {
    if (bytes[i] === LF) return malformed('line-end');
    if (bytes[i] !== CR) continue;
    if (i + 1 === MAX_PROXY_V1_BYTES) break;
    if (i + 1 === bytes.length) return { kind: 'need-more', atLeastBytes: i + 2 };
    return bytes[i + 1] === LF ? readLine(latin1(bytes, 0, i), i + 2) : malformed('line-end');
  }
  if (limit === MAX_PROXY_V1_BYTES) return malformed('line-too-long');
  return { kind: 'need-more', atLeastBytes: bytes.length + 1 };
}

function readLine(line: string, consumedBytes: number): ProxyVerdict {
  // Section 2.1: what stands between UNKNOWN and CR LF must be ignored.
  if (line === UNKNOWN || line.startsWith(`${UNKNOWN} `)) {
    return { kind: 'done', header: { version: 1, command: 'PROXY', family: 'unknown' }, consumedBytes };
  }
  const fields = line.split(' ');
  const [word, protocol, sourceText, destinationText, sourcePortText, destinationPortText] = fields;
  const isV4 = protocol === 'TCP4';
  if (fields.length !== 6 || word !== 'PROXY' || !(isV4 || protocol === 'TCP6')) return malformed('line-fields');
  const parse = isV4 ? parseIpv4 : parseIpv6;
  const source = parse(sourceText!);
  const destination = parse(destinationText!);
  if (source === null || destination === null) return malformed('address');
  const sourcePort = readPort(sourcePortText!);
  const destinationPort = readPort(destinationPortText!);
  if (sourcePort === null || destinationPort === null) return malformed('port');
  const header: ProxyHeader = {
    version: 1,
    command: 'PROXY',
    family: isV4 ? 'tcp4' : 'tcp6',
    source: { address: source, port: sourcePort },
    destination: { address: destination, port: destinationPort },
    tlvs: NO_TLVS,
  };
  return { kind: 'done', header, consumedBytes };
}

function readPort(text: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,4})$/.test(text)) return null;
  const port = Number(text);
  return port <= 65_535 ? port : null;
}

/**
 * Writes a v1 line for a TCP connection; without endpoints, or where the two are not of one family, `PROXY UNKNOWN`,
 * at which a receiver uses the addresses of the connection itself. A RangeError for a port beyond 0..65535 or an
 * address that has neither 4 nor 16 bytes.
 */
export function writeProxyV1(source: ProxyEndpoint | null, destination: ProxyEndpoint | null): Uint8Array {
  if (source === null || destination === null || source.address.length !== destination.address.length) {
    return ascii(`${UNKNOWN}\r\n`);
  }
  const isV4 = source.address.length === IPV4_BYTES;
  const text = isV4 ? addressText : hexAddressText;
  const ports = `${checkedPort(source.port)} ${checkedPort(destination.port)}`;
  return ascii(`PROXY TCP${isV4 ? 4 : 6} ${text(source.address)} ${text(destination.address)} ${ports}\r\n`);
}

/** The port, if it is one; a RangeError otherwise, for a wrong port is a fault of the caller. */
export function checkedPort(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`${port} is not a port`);
  return port;
}

function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function malformed(reason: MalformedProxyReason): ProxyVerdict {
  return { kind: 'malformed', reason };
}
