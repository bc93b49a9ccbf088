// PROXY protocol version 2: the binary header (proxy-protocol.txt section 2.2), read and written.
import { crc32c } from './crc32c.ts';
import { IPV4_BYTES, IPV6_BYTES } from './ip-address.ts';
import type {
  MalformedProxyReason,
  ProxyEndpoint,
  ProxyHeader,
  ProxyInetHeader,
  ProxyUnixEndpoint,
  ProxyUnixHeader,
  ProxyVerdict,
} from './proxy-header.ts';
import { type ProxyTlv, readTlvs, TLV_CRC32C } from './proxy-tlv.ts';
import { checkedPort } from './proxy-v1.ts';

/**
 * The longest header taken or written. Its length field allows 65,551; addresses and the registered TLVs need less
 * than 1 KiB, a client's certificate passed on in one a few; HAProxy itself takes no more than its 16 KiB buffer.
 */
export const MAX_PROXY_V2_BYTES = 16_384;

/** Section 2.2: addresses of AF_UNIX have this length. */
export const UNIX_PATH_BYTES = 108;

/** Section 2.2: what v2 begins with; chosen to be no beginning of any other protocol. */
export const PROXY_V2_SIGNATURE = Uint8Array.from([
  0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
]);

const FIXED_BYTES = 16;
const VERSION_2 = 2;
const COMMAND_LOCAL = 0;
const COMMAND_PROXY = 1;
const MAX_FAMILY = 3;
const MAX_TRANSPORT = 2;
const TLV_HEADER_BYTES = 3;
const CRC_BYTES = 4;

/** The families with addresses by the byte that stands for them (section 2.2), and the bytes of one address. */
const FAMILIES = [
  { byte: 0x11, family: 'tcp4', addressBytes: IPV4_BYTES },
  { byte: 0x12, family: 'udp4', addressBytes: IPV4_BYTES },
  { byte: 0x21, family: 'tcp6', addressBytes: IPV6_BYTES },
  { byte: 0x22, family: 'udp6', addressBytes: IPV6_BYTES },
  { byte: 0x31, family: 'unix-stream', addressBytes: UNIX_PATH_BYTES },
  { byte: 0x32, family: 'unix-datagram', addressBytes: UNIX_PATH_BYTES },
] as const;

/** Reads a stream that begins with the twelve bytes of the v2 signature. */
export function readProxyV2(bytes: Uint8Array): ProxyVerdict {
  if (bytes.length < FIXED_BYTES) return { kind: 'need-more', atLeastBytes: FIXED_BYTES };
  if (bytes[12]! >> 4 !== VERSION_2) return malformed('version');
  const command = bytes[12]! & 0x0f;
  if (command !== COMMAND_LOCAL && command !== COMMAND_PROXY) return malformed('command');
  const end = FIXED_BYTES + ((bytes[14]! << 8) | bytes[15]!);
  if (end > MAX_PROXY_V2_BYTES) return malformed('header-too-long');
  const familyByte = bytes[13]!;
  if (command === COMMAND_PROXY && (familyByte >> 4 > MAX_FAMILY || (familyByte & 0x0f) > MAX_TRANSPORT)) {
    return malformed('family');
  }
  if (bytes.length < end) return { kind: 'need-more', atLeastBytes: end };
  if (command === COMMAND_LOCAL) {
    // "Discard the protocol block including the family": it may be garbage, so no TLV is looked for in it either.
    return { kind: 'done', header: { version: 2, command: 'LOCAL', family: 'unknown' }, consumedBytes: end };
  }
  // A copy, for the caller's buffer is used again; not by slice, which for a Buffer of Node is a view.
  const header = readProxied(new Uint8Array(bytes.subarray(0, end)), familyByte);
  return typeof header === 'string' ? malformed(header) : { kind: 'done', header, consumedBytes: end };
}

function readProxied(bytes: Uint8Array, familyByte: number): ProxyHeader | MalformedProxyReason {
  const known = FAMILIES.find(({ byte }) => byte === familyByte);
  // An unspecified family or transport: the length of the addresses is unknown, so TLVs cannot be found.
  if (known === undefined) return { version: 2, command: 'PROXY', family: 'unknown' };
  const { addressBytes, family } = known;
  const isUnix = family === 'unix-stream' || family === 'unix-datagram';
  const ports = FIXED_BYTES + 2 * addressBytes;
  const end = isUnix ? ports : ports + 4;
  if (bytes.length < end) return 'address-length';
  const tlvs = readTlvs(bytes, end);
  if (typeof tlvs === 'string') return tlvs;
  const source = bytes.subarray(FIXED_BYTES, FIXED_BYTES + addressBytes);
  const destination = bytes.subarray(FIXED_BYTES + addressBytes, ports);
  if (isUnix) {
    const [from, to] = [unpadded(source), unpadded(destination)];
    return { version: 2, command: 'PROXY', family, source: from, destination: to, tlvs };
  }
  return {
    version: 2,
    command: 'PROXY',
    family,
    source: { address: source, port: (bytes[ports]! << 8) | bytes[ports + 1]! },
    destination: { address: destination, port: (bytes[ports + 2]! << 8) | bytes[ports + 3]! },
    tlvs,
  };
}

/** Zeros at the end are padding; one at the start is part of an abstract name. */
function unpadded(padded: Uint8Array): ProxyUnixEndpoint {
  let length = padded.length;
  while (length > 0 && padded[length - 1] === 0) length--;
  return { path: padded.subarray(0, length) };
}

/** What a v2 header is to say; any ProxyHeader will do. */
export type ProxyClaim = UnknownClaim | InetClaim | UnixClaim;

interface UnknownClaim {
  readonly command: 'LOCAL' | 'PROXY';
  readonly family: 'unknown';
}

type InetClaim = Pick<ProxyInetHeader, 'command' | 'family' | 'source' | 'destination'>;
type UnixClaim = Pick<ProxyUnixHeader, 'command' | 'family' | 'source' | 'destination'>;

export interface ProxyV2Options {
  /** Written in this order after the addresses; not with family unknown, where receivers cannot find them. */
  readonly tlvs?: readonly ProxyTlv[];
  /** Adds a CRC32C TLV at the end (section 2.2.3); not with family unknown. */
  readonly checksum?: boolean;
}

/**
 * Writes a v2 header. A RangeError for what cannot be written: an address of another length than its family's, a port
 * beyond 0..65535, a path beyond 108 bytes, TLVs with family unknown, a CRC32C among `tlvs`, more than 16 KiB in all.
 */
export function writeProxyV2(claim: ProxyClaim, options: ProxyV2Options = {}): Uint8Array {
  const { tlvs = [], checksum = false } = options;
  const known = FAMILIES.find(({ family }) => family === claim.family);
  if (known === undefined && (tlvs.length > 0 || checksum)) throw new RangeError('family unknown takes no TLVs');
  const portBytes = isUnixClaim(claim) ? 0 : 4;
  const addressesEnd = known === undefined ? FIXED_BYTES : FIXED_BYTES + 2 * known.addressBytes + portBytes;
  const tlvBytes = tlvs.reduce((sum, { value }) => sum + TLV_HEADER_BYTES + value.length, 0);
  const length = addressesEnd + tlvBytes + (checksum ? TLV_HEADER_BYTES + CRC_BYTES : 0);
  if (length > MAX_PROXY_V2_BYTES) throw new RangeError(`a header of ${length} bytes is more than a receiver takes`);

  const bytes = new Uint8Array(length);
  bytes.set(PROXY_V2_SIGNATURE);
  bytes[12] = (VERSION_2 << 4) | (claim.command === 'LOCAL' ? COMMAND_LOCAL : COMMAND_PROXY);
  bytes[13] = known?.byte ?? 0;
  write16(bytes, 14, length - FIXED_BYTES);
  if (isUnixClaim(claim)) {
    writePath(bytes, FIXED_BYTES, claim.source);
    writePath(bytes, FIXED_BYTES + UNIX_PATH_BYTES, claim.destination);
  } else if (claim.family !== 'unknown') {
    writeEndpoints(bytes, claim.source, claim.destination, known!.addressBytes);
  }
  let at = addressesEnd;
  for (const tlv of tlvs) at = writeTlv(bytes, at, tlv);
  if (checksum) writeChecksum(bytes, at);
  return bytes;
}

function isUnixClaim(claim: ProxyClaim): claim is UnixClaim {
  return claim.family === 'unix-stream' || claim.family === 'unix-datagram';
}

function writeEndpoints(bytes: Uint8Array, source: ProxyEndpoint, destination: ProxyEndpoint, length: number): void {
  if (source.address.length !== length || destination.address.length !== length) {
    throw new RangeError(`both addresses must have ${length} bytes`);
  }
  bytes.set(source.address, FIXED_BYTES);
  bytes.set(destination.address, FIXED_BYTES + length);
  write16(bytes, FIXED_BYTES + 2 * length, checkedPort(source.port));
  write16(bytes, FIXED_BYTES + 2 * length + 2, checkedPort(destination.port));
}

function writePath(bytes: Uint8Array, at: number, { path }: ProxyUnixEndpoint): void {
  if (path.length > UNIX_PATH_BYTES) throw new RangeError(`a unix path has at most ${UNIX_PATH_BYTES} bytes`);
  bytes.set(path, at);
}

function writeTlv(bytes: Uint8Array, at: number, { type, value }: ProxyTlv): number {
  if (!Number.isInteger(type) || type < 0 || type > 255) throw new RangeError(`${type} is not a type of TLV`);
  if (type === TLV_CRC32C) throw new RangeError('ask for the checksum, it cannot be given');
  bytes[at] = type;
  write16(bytes, at + 1, value.length);
  bytes.set(value, at + TLV_HEADER_BYTES);
  return at + TLV_HEADER_BYTES + value.length;
}

/** Section 2.2.3: over the whole header, with zeros where the checksum will stand. */
function writeChecksum(bytes: Uint8Array, at: number): void {
  bytes[at] = TLV_CRC32C;
  write16(bytes, at + 1, CRC_BYTES);
  const value = crc32c(bytes);
  write16(bytes, at + TLV_HEADER_BYTES, value >>> 16);
  write16(bytes, at + TLV_HEADER_BYTES + 2, value & 0xffff);
}

function write16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}

function malformed(reason: MalformedProxyReason): ProxyVerdict {
  return { kind: 'malformed', reason };
}
