// The type-length-value list at the end of a PROXY v2 header (proxy-protocol.txt sections 2.2.1 to 2.2.7).
import { latin1 } from './byte-text.ts';
import { crc32c } from './crc32c.ts';

/** Section 2.2: registered types. Others are kept as they are. */
export const TLV_ALPN = 0x01;
export const TLV_AUTHORITY = 0x02;
export const TLV_CRC32C = 0x03;
export const TLV_NOOP = 0x04;
export const TLV_UNIQUE_ID = 0x05;
export const TLV_SSL = 0x20;
export const TLV_NETNS = 0x30;

const SSL_VERSION = 0x21;
const SSL_COMMON_NAME = 0x22;
const SSL_CIPHER = 0x23;
const SSL_SIGNATURE_ALGORITHM = 0x24;
const SSL_KEY_ALGORITHM = 0x25;

/** Section 2.2.6: bits of `client`. */
const CLIENT_SSL = 0x01;
const CLIENT_CERT_CONN = 0x02;
const CLIENT_CERT_SESS = 0x04;

/** Senders write a handful; a bound keeps 5,000 empty ones from becoming 5,000 objects. */
export const MAX_TLVS = 64;
/** Section 2.2.5. */
export const MAX_UNIQUE_ID_BYTES = 128;
const HEADER_BYTES = 3;
const SSL_FIXED_BYTES = 5;
const CRC_BYTES = 4;

export interface ProxyTlv {
  /** 0..255. */
  readonly type: number;
  readonly value: Uint8Array;
}

/** What the list says. A type that comes twice counts by its first; CRC32C and NOOP are checked, and left out. */
export interface ProxyTlvs {
  /** Section 2.2.1, one character a byte. */
  readonly alpn: string | null;
  /** Section 2.2.2: the host name the client asked for, as it was sent. */
  readonly authority: string | null;
  /** Section 2.2.5: up to 128 opaque bytes. */
  readonly uniqueId: Uint8Array | null;
  readonly ssl: ProxySsl | null;
  /** Section 2.2.7: name of the network namespace. */
  readonly netns: string | null;
  /** Every TLV in its order, those above included. */
  readonly all: readonly ProxyTlv[];
}

/** Section 2.2.6: the client's TLS towards the proxy. */
export interface ProxySsl {
  readonly clientUsesTls: boolean;
  /** A certificate came over this connection, or with its TLS session. */
  readonly certificateOnConnection: boolean;
  readonly certificateInSession: boolean;
  /** There is a certificate, and `verify` is 0. */
  readonly verified: boolean;
  readonly version: string | null;
  readonly commonName: string | null;
  readonly cipher: string | null;
  readonly signatureAlgorithm: string | null;
  readonly keyAlgorithm: string | null;
  readonly all: readonly ProxyTlv[];
}

export type TlvReason =
  /** A TLV reaches beyond the header, or its value has a length its type does not have. */
  | 'tlv-length'
  | 'tlv-too-many'
  /** A text that is not UTF-8. */
  | 'tlv-text'
  /** The CRC32C does not fit (section 2.2.3), or there are two. */
  | 'tlv-checksum';

export const NO_TLVS: ProxyTlvs = Object.freeze({
  alpn: null,
  authority: null,
  uniqueId: null,
  ssl: null,
  netns: null,
  all: Object.freeze([]),
});

/**
 * What the list says that fills `header` from `start` to its end, or what is wrong with it. `header` is a whole v2
 * header and is given away: values are views into it, and a checksum in it is set to zero.
 */
export function readTlvs(header: Uint8Array, start: number): ProxyTlvs | TlvReason {
  if (start === header.length) return NO_TLVS;
  const list = splitTlvs(header, start);
  if (typeof list === 'string') return list;
  if (!isChecksumRight(header, list)) return 'tlv-checksum';
  const all = list.filter(({ type }) => type !== TLV_CRC32C && type !== TLV_NOOP);
  const uniqueId = firstOf(all, TLV_UNIQUE_ID);
  if (uniqueId !== null && uniqueId.length > MAX_UNIQUE_ID_BYTES) return 'tlv-length';
  const sslValue = firstOf(all, TLV_SSL);
  const ssl = sslValue === null ? null : readSsl(sslValue);
  if (typeof ssl === 'string') return ssl;
  const authority = textOf(all, TLV_AUTHORITY);
  const netns = textOf(all, TLV_NETNS);
  if (authority === undefined || netns === undefined) return 'tlv-text';
  const alpn = firstOf(all, TLV_ALPN);
  return { alpn: alpn === null ? null : latin1(alpn, 0, alpn.length), authority, uniqueId, ssl, netns, all };
}

function splitTlvs(bytes: Uint8Array, start: number): ProxyTlv[] | TlvReason {
  const list: ProxyTlv[] = [];
  for (let at = start; at < bytes.length; ) {
    const valueStart = at + HEADER_BYTES;
    if (valueStart > bytes.length) return 'tlv-length';
    const end = valueStart + ((bytes[at + 1]! << 8) | bytes[at + 2]!);
    if (end > bytes.length) return 'tlv-length';
    if (list.length === MAX_TLVS) return 'tlv-too-many';
    list.push({ type: bytes[at]!, value: bytes.subarray(valueStart, end) });
    at = end;
  }
  return list;
}

/** Section 2.2.3: the checksum, where there is one, is that of the header with zeros in its place. */
function isChecksumRight(header: Uint8Array, list: readonly ProxyTlv[]): boolean {
  const checksums = list.filter(({ type }) => type === TLV_CRC32C);
  if (checksums.length === 0) return true;
  const value = checksums[0]!.value;
  // Two would each be wrong while the other is not zero, and nothing says which to clear first.
  if (checksums.length > 1 || value.length !== CRC_BYTES) return false;
  const claimed = read32(value, 0);
  value.fill(0);
  return crc32c(header) === claimed;
}

/** Section 2.2.6: `client`, `verify`, and a list of its own. */
function readSsl(value: Uint8Array): ProxySsl | TlvReason {
  if (value.length < SSL_FIXED_BYTES) return 'tlv-length';
  const all = splitTlvs(value, SSL_FIXED_BYTES);
  if (typeof all === 'string') return all;
  const version = textOf(all, SSL_VERSION);
  const commonName = textOf(all, SSL_COMMON_NAME);
  const cipher = textOf(all, SSL_CIPHER);
  const signatureAlgorithm = textOf(all, SSL_SIGNATURE_ALGORITHM);
  const keyAlgorithm = textOf(all, SSL_KEY_ALGORITHM);
  if (version === undefined || commonName === undefined || cipher === undefined) return 'tlv-text';
  if (signatureAlgorithm === undefined || keyAlgorithm === undefined) return 'tlv-text';
  const client = value[0]!;
  const hasCertificate = (client & (CLIENT_CERT_CONN | CLIENT_CERT_SESS)) !== 0;
  return {
    clientUsesTls: (client & CLIENT_SSL) !== 0,
    certificateOnConnection: (client & CLIENT_CERT_CONN) !== 0,
    certificateInSession: (client & CLIENT_CERT_SESS) !== 0,
    verified: hasCertificate && read32(value, 1) === 0,
    version,
    commonName,
    cipher,
    signatureAlgorithm,
    keyAlgorithm,
    all,
  };
}

function firstOf(list: readonly ProxyTlv[], type: number): Uint8Array | null {
  return list.find((tlv) => tlv.type === type)?.value ?? null;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of the first TLV of a type; null = there is none, undefined = it is not UTF-8. */
function textOf(list: readonly ProxyTlv[], type: number): string | null | undefined {
  const value = firstOf(list, type);
  if (value === null) return null;
  try {
    return UTF8.decode(value);
  } catch {
    return undefined;
  }
}

function read32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}
