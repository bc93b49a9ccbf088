// IP addresses as bytes (4 or 16, network order) and as text. Strict in, canonical out, nothing resolved.

export const IPV4_BYTES = 4;
export const IPV6_BYTES = 16;

/** Longest text of an IPv6 address: `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`. Longer input is not looked at. */
const MAX_TEXT = 45;

/**
 * Reads an address: `1.2.3.4` -> 4 bytes, IPv6 (RFC 4291 section 2.2, all three forms) -> 16 bytes, else null.
 * No leading zeros in IPv4 (they are octal to some readers), no zones, no brackets, no white space.
 */
export function parseAddress(text: string): Uint8Array | null {
  return parseIpv4(text) ?? parseIpv6(text);
}

/** Reads dotted-decimal IPv4 of exactly four parts -> 4 bytes, else null. */
export function parseIpv4(text: string): Uint8Array | null {
  const bytes = new Uint8Array(IPV4_BYTES);
  return readDotted(text, bytes, 0) ? bytes : null;
}

function readDotted(text: string, bytes: Uint8Array, offset: number): boolean {
  if (text.length > 15) return false;
  const parts = text.split('.');
  if (parts.length !== 4) return false;
  for (const [i, part] of parts.entries()) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return false;
    bytes[offset + i] = Number(part);
  }
  return true;
}

/** Reads IPv6 (RFC 4291 section 2.2): groups of 1 to 4 hex digits, one `::`, and a dotted tail -> 16 bytes, else null. */
export function parseIpv6(text: string): Uint8Array | null {
  if (text.length > MAX_TEXT) return null;
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = readGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? readGroups(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const known = head.length + tail.length;
  // `::` stands for one group of zeros at least: RFC 5952 section 4.2.2 writes none for one, RFC 4291 lets it be read.
  if (halves.length === 2 ? known > IPV6_BYTES - 2 : known !== IPV6_BYTES) return null;
  const bytes = new Uint8Array(IPV6_BYTES);
  bytes.set(head, 0);
  bytes.set(tail, IPV6_BYTES - tail.length);
  return bytes;
}

/** The bytes of `a:b:c`, the last group of which may be dotted where `mayBeDotted`; '' has none. */
function readGroups(text: string, mayBeDotted: boolean): number[] | null {
  const bytes: number[] = [];
  if (text === '') return bytes;
  const groups = text.split(':');
  for (const [i, group] of groups.entries()) {
    if (mayBeDotted && i === groups.length - 1 && group.includes('.')) {
      const dotted = parseIpv4(group);
      if (dotted === null) return null;
      bytes.push(...dotted);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

/**
 * The text of 4 bytes (`1.2.3.4`) or 16 bytes, as RFC 5952 section 4 writes it; IPv4-mapped addresses with a dotted
 * tail (section 5: `::ffff:1.2.3.4`). A RangeError for any other length.
 */
export function addressText(address: Uint8Array): string {
  if (address.length === IPV4_BYTES) return dottedText(address, 0);
  return isMapped(address) ? `::ffff:${dottedText(address, 12)}` : hexAddressText(address);
}

/** As `addressText` for 16 bytes, but never with a dotted tail: PROXY protocol v1 knows hex digits only. */
export function hexAddressText(address: Uint8Array): string {
  if (address.length !== IPV6_BYTES) throw new RangeError(`an IP address has 4 or 16 bytes, not ${address.length}`);
  const groups: number[] = [];
  for (let i = 0; i < IPV6_BYTES; i += 2) groups.push((address[i]! << 8) | address[i + 1]!);
  // RFC 5952 section 4.2: the longest run of two or more zero groups becomes `::`, the first of equally long ones.
  let bestStart = 0;
  let bestLength = 1;
  for (let i = 0; i < groups.length; i++) {
    let length = 0;
    while (groups[i + length] === 0) length++;
    if (length > bestLength) [bestStart, bestLength] = [i, length];
  }
  const hex = groups.map((group) => group.toString(16));
  if (bestLength === 1) return hex.join(':');
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`;
}

/** RFC 4291 section 2.5.5.2: ::ffff:0:0/96, which a dual-stack socket shows for an IPv4 peer. */
function isMapped(address: Uint8Array): boolean {
  if (address.length !== IPV6_BYTES || address[10] !== 0xff || address[11] !== 0xff) return false;
  return address.subarray(0, 10).every((byte) => byte === 0);
}

function dottedText(address: Uint8Array, at: number): string {
  return `${address[at]}.${address[at + 1]}.${address[at + 2]}.${address[at + 3]}`;
}
