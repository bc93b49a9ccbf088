// The content of a ClientHello that is there in one piece: what routes and logs need of it, and the form of the rest.
// It judges form only (lengths, duplicates, names); which versions or ciphers are good is the endpoint's business.
import { readAlpn } from './alpn.ts';
import { readServerName } from './server-name.ts';

/** What a ClientHello says, as far as routes and logs care. */
export interface ClientHello {
  /**
   * The host name of `server_name` (RFC 6066 section 3) in lower case, without a trailing dot; null where there is
   * none. With Encrypted Client Hello it is the outer, public name.
   */
  readonly serverName: string | null;
  /** The name is an IP address. RFC 6066 section 3 forbids it, clients send it, and Istio routes it by its text. */
  readonly serverNameIsAddress: boolean;
  /** RFC 7301: protocol names in the client's order, one character a byte, GREASE (RFC 8701) left out. */
  readonly alpn: readonly string[];
  /** RFC 8446 section 4.1.2: 0x0303 in TLS 1.2 and 1.3; what was asked for in TLS 1.0 and 1.1. */
  readonly legacyVersion: number;
  /** The highest TLS version of `supported_versions` (RFC 8446 section 4.2.1), else `legacyVersion`: 0x0304 = TLS 1.3. */
  readonly maxVersion: number;
  /** An outer `encrypted_client_hello` (RFC 9849 section 5) is there; a GREASE one cannot be told from a true one. */
  readonly echOuter: boolean;
}

/** What can be wrong in the content. Stable: logged, counted. */
export type HelloBodyReason =
  /** A fixed field or a vector of the ClientHello reaches beyond its end, or ends before it. */
  | 'hello-length'
  /** legacy_session_id longer than 32 bytes. */
  | 'session-id'
  /** cipher_suites empty, or of an odd length. */
  | 'cipher-suites'
  /** legacy_compression_methods empty. */
  | 'compression-methods'
  /** An extension reaches beyond the extensions' end. */
  | 'extension-length'
  /** Two extensions of one type (RFC 8446 section 4.2). */
  | 'extension-duplicate'
  /** server_name: lengths that do not fit, or an empty list or name. */
  | 'server-name-length'
  /** server_name: two host names (RFC 6066 section 3: not more than one of a type). */
  | 'server-name-several'
  /** server_name: a host name that is neither a DNS name (letters, digits, `-`, `_`) nor an IP address. */
  | 'server-name-invalid'
  /** application_layer_protocol_negotiation: lengths that do not fit, or an empty list or name. */
  | 'alpn-length'
  /** application_layer_protocol_negotiation: more names than any client has. */
  | 'alpn-too-many'
  /** supported_versions: empty, of an odd length, or lengths that do not fit. */
  | 'supported-versions';

/** The same while it is being filled. */
export interface HelloDraft {
  serverName: string | null;
  serverNameIsAddress: boolean;
  alpn: readonly string[];
  legacyVersion: number;
  maxVersion: number;
  echOuter: boolean;
}

const RANDOM_BYTES = 32;
const MAX_SESSION_ID_BYTES = 32;
const EXTENSION_HEADER_BYTES = 4;
const EXTENSION_SERVER_NAME = 0;
const EXTENSION_ALPN = 16;
const EXTENSION_SUPPORTED_VERSIONS = 43;
const EXTENSION_ECH = 0xfe0d;
const ECH_TYPE_OUTER = 0;
const TLS_MAJOR_VERSION = 3;
const NO_PROTOCOLS: readonly string[] = Object.freeze([]);

/**
 * Reads the body of a ClientHello (RFC 8446 section 4.1.2) that fills `bytes` from `start` up to `end`: all of it, no
 * less and no more. Extensions may be missing altogether (RFC 5246 section 7.4.1.2). O(end - start).
 */
export function readHelloBody(bytes: Uint8Array, start: number, end: number): ClientHello | HelloBodyReason {
  let at = start + 2 + RANDOM_BYTES;
  if (at + 1 > end) return 'hello-length';
  const legacyVersion = read16(bytes, start);

  const sessionId = bytes[at]!;
  if (sessionId > MAX_SESSION_ID_BYTES) return 'session-id';
  at += 1 + sessionId;
  if (at + 2 > end) return 'hello-length';

  const cipherSuites = read16(bytes, at);
  if (cipherSuites === 0 || cipherSuites % 2 !== 0) return 'cipher-suites';
  at += 2 + cipherSuites;
  if (at + 1 > end) return 'hello-length';

  const compressionMethods = bytes[at]!;
  if (compressionMethods === 0) return 'compression-methods';
  at += 1 + compressionMethods;
  if (at > end) return 'hello-length';

  const draft: HelloDraft = {
    serverName: null,
    serverNameIsAddress: false,
    alpn: NO_PROTOCOLS,
    legacyVersion,
    maxVersion: legacyVersion,
    echOuter: false,
  };
  if (at === end) return draft;
  if (at + 2 > end || at + 2 + read16(bytes, at) !== end) return 'hello-length';
  return readExtensions(bytes, at + 2, end, draft) ?? draft;
}

/**
 * One bit for each of the 65536 extension types, all 0 between calls. A set kept here instead of one made for each
 * ClientHello, because 16,000 extensions fit into one and finding duplicates must stay linear.
 */
const seenTypes = new Uint32Array(65_536 / 32);

function readExtensions(bytes: Uint8Array, start: number, end: number, draft: HelloDraft): HelloBodyReason | null {
  let at = start;
  try {
    while (at < end) {
      const value = at + EXTENSION_HEADER_BYTES;
      if (value > end || value + read16(bytes, at + 2) > end) return 'extension-length';
      const type = read16(bytes, at);
      const bit = 1 << (type & 31);
      if ((seenTypes[type >>> 5]! & bit) !== 0) return 'extension-duplicate';
      seenTypes[type >>> 5]! |= bit;
      at = value + read16(bytes, at + 2);
      const reason = readExtension(bytes, type, value, at, draft);
      if (reason !== null) return reason;
    }
    return null;
  } finally {
    // Even after a fault: a bit left behind would make every later ClientHello of this thread malformed.
    for (let seen = start; seen < at; seen += EXTENSION_HEADER_BYTES + read16(bytes, seen + 2)) {
      seenTypes[read16(bytes, seen) >>> 5] = 0;
    }
  }
}

function readExtension(
  bytes: Uint8Array,
  type: number,
  start: number,
  end: number,
  draft: HelloDraft,
): HelloBodyReason | null {
  if (type === EXTENSION_SERVER_NAME) return readServerName(bytes, start, end, draft);
  if (type === EXTENSION_ALPN) return readAlpn(bytes, start, end, draft);
  if (type === EXTENSION_SUPPORTED_VERSIONS) return readSupportedVersions(bytes, start, end, draft);
  // Other forms of it are for the ECH server to judge (RFC 9849 section 7.1); an inner one is met in split mode.
  if (type === EXTENSION_ECH) draft.echOuter = start < end && bytes[start] === ECH_TYPE_OUTER;
  return null;
}

/** RFC 8446 section 4.2.1: versions<2..254>. GREASE, drafts and anything else of another major version are skipped. */
function readSupportedVersions(
  bytes: Uint8Array,
  start: number,
  end: number,
  draft: HelloDraft,
): HelloBodyReason | null {
  const length = end - start - 1;
  if (length < 2 || length % 2 !== 0 || bytes[start] !== length) return 'supported-versions';
  let highest = 0;
  for (let at = start + 1; at < end; at += 2) {
    if (bytes[at] === TLS_MAJOR_VERSION) highest = Math.max(highest, read16(bytes, at));
  }
  if (highest > 0) draft.maxVersion = highest;
  return null;
}

function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
