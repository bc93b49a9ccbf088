// CIDR blocks as ranges of keys, for writing a table.

import { parseAddress } from './address.ts';
import { TableFault } from './fault.ts';

/** Keys from `start` up to but not including `end`. */
export type KeyRange =
  | { readonly family: 4; readonly start: number; readonly end: number }
  | { readonly family: 6; readonly start: bigint; readonly end: bigint };

/**
 * The range of `10.0.0.0/8`, `2001:db8::/32` or a single address. Bits beyond the prefix are ignored, as in Envoy's
 * CidrRange. IPv4-mapped prefixes of 96 bits and more are IPv4. Throws `table_address`.
 */
export function parseCidr(text: string): KeyRange {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const words = new Int32Array(4);
  const family = /^[\d.:a-f]+$/i.test(address) ? parseAddress(address, words, 0) : 0;
  const written = address.includes(':') ? 128 : 32;
  const bits = slash < 0 ? written : prefixBits(text.slice(slash + 1));
  if (family === 0 || bits > written) throw new TableFault('table_address', `not an address or CIDR: ${text}`);
  if (family === 4 && (written === 32 || bits >= 96)) {
    const size = 2 ** (written - bits);
    const start = Math.floor((words[0] >>> 0) / size) * size;
    return { family, start, end: start + size };
  }
  const key = family === 6 ? joined(words) : (0xffffn << 32n) | BigInt(words[0] >>> 0);
  const shift = BigInt(128 - bits);
  const start = (key >> shift) << shift;
  return { family: 6, start, end: start + (1n << shift) };
}

function prefixBits(text: string): number {
  return /^(0|[1-9]\d{0,2})$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}

function joined(words: Int32Array): bigint {
  return words.reduce((key, word) => (key << 32n) | BigInt(word >>> 0), 0n);
}
