// The server_name extension of a ClientHello (RFC 6066 section 3): the one host name, checked and in lower case.
import type { HelloBodyReason, HelloDraft } from './client-hello-body.ts';
import { parseAddress } from './ip-address.ts';

/** RFC 1035 section 2.3.4, without the root's dot. */
const MAX_NAME_BYTES = 253;
/** RFC 1035 section 2.3.4. */
const MAX_LABEL_BYTES = 63;

const NAME_TYPE_HOST = 0;
const DOT = 0x2e;
const COLON = 0x3a;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/**
 * What a byte of a name becomes; 0 = not allowed. `_` is in no host name, but in Istio's names of clusters
 * (`outbound_.443_.v1_.host`) and of many hosts; `:` only in an IPv6 address. `*` must not get through: it would
 * name a wildcard route.
 */
const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => {
  const text = String.fromCharCode(byte);
  return /[A-Za-z0-9_.:-]/.test(text) ? text.toLowerCase().charCodeAt(0) : 0;
});

/**
 * Reads ServerName server_name_list<1..2^16-1>. Names of other types (none exists) are skipped by their 16-bit length,
 * which RFC 6066 promises; a list with none of type host_name leaves `serverName` null.
 */
export function readServerName(
  bytes: Uint8Array,
  start: number,
  end: number,
  draft: HelloDraft,
): HelloBodyReason | null {
  const first = start + 2;
  if (first >= end || first + ((bytes[start]! << 8) | bytes[start + 1]!) !== end) return 'server-name-length';
  let hostStart = 0;
  let hostEnd = 0;
  for (let at = first; at < end; ) {
    const name = at + 3;
    if (name >= end) return 'server-name-length';
    const length = (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (length === 0 || name + length > end) return 'server-name-length';
    if (bytes[at] === NAME_TYPE_HOST) {
      if (hostEnd > 0) return 'server-name-several';
      hostStart = name;
      hostEnd = name + length;
    }
    at = name + length;
  }
  return hostEnd === 0 || readHostName(bytes, hostStart, hostEnd, draft) ? null : 'server-name-invalid';
}

/** Where a name is folded, so that its text is one flat string: adding pieces gives one that its first reader must copy. */
const folded = Buffer.alloc(MAX_NAME_BYTES);

/** False where the name is none. One trailing dot is dropped: RFC 6066 wants none, and routes have none. */
function readHostName(bytes: Uint8Array, start: number, end: number, draft: HelloDraft): boolean {
  const last = bytes[end - 1] === DOT ? end - 1 : end;
  const length = last - start;
  if (length === 0 || length > MAX_NAME_BYTES) return false;
  let label = start;
  let hasColon = false;
  for (let i = start; i < last; i++) {
    const byte = LOWER[bytes[i]!]!;
    if (byte === 0) return false;
    folded[i - start] = byte;
    if (byte === COLON) hasColon = true;
    if (byte !== DOT) continue;
    if (i === label || i - label > MAX_LABEL_BYTES) return false;
    label = i + 1;
  }
  if (label === last || last - label > MAX_LABEL_BYTES) return false;
  const name = folded.toString('latin1', 0, length);
  // Only what has a colon, or ends with a label that begins with a digit, can be an address: the rest is not asked.
  const mayBeAddress = hasColon || (bytes[label]! >= DIGIT_0 && bytes[label]! <= DIGIT_9);
  const isAddress = mayBeAddress && parseAddress(name) !== null;
  if (hasColon && (!isAddress || last !== end)) return false;
  draft.serverName = name;
  draft.serverNameIsAddress = isAddress;
  return true;
}
