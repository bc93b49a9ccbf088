// The ALPN extension of a ClientHello (RFC 7301 section 3.1).
import { latin1 } from './byte-text.ts';
import type { HelloBodyReason, HelloDraft } from './client-hello-body.ts';

/**
 * Clients offer two or three protocols, a test tool a dozen. Without a bound, one ClientHello could make us build
 * 30,000 strings.
 */
export const MAX_ALPN_PROTOCOLS = 64;

/** Reads ProtocolName<1..2^8-1> protocol_name_list<2..2^16-1>; GREASE names (RFC 8701 section 3.1) are left out. */
export function readAlpn(bytes: Uint8Array, start: number, end: number, draft: HelloDraft): HelloBodyReason | null {
  if (end - start < 2 || ((bytes[start]! << 8) | bytes[start + 1]!) !== end - start - 2) return 'alpn-length';
  const protocols: string[] = [];
  let count = 0;
  let at = start + 2;
  while (at < end) {
    const name = at + 1;
    const length = bytes[at]!;
    if (length === 0 || name + length > end) return 'alpn-length';
    if (++count > MAX_ALPN_PROTOCOLS) return 'alpn-too-many';
    if (length !== 2 || !isGrease(bytes[name]!, bytes[name + 1]!)) protocols.push(latin1(bytes, name, name + length));
    at = name + length;
  }
  if (count === 0) return 'alpn-length';
  draft.alpn = protocols;
  return null;
}

/** RFC 8701 section 2: 0x0a0a, 0x1a1a, ... 0xfafa. */
function isGrease(high: number, low: number): boolean {
  return high === low && (high & 0x0f) === 0x0a;
}
