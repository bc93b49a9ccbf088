// Textual IP addresses to 32-bit words, without making an object: it runs for every connection.

import type { TextBytes } from './name-text.ts';

const DOT = 46;
const COLON = 58;
const ZERO = 48;
const PERCENT = 37;
const GROUPS = 8;
/** By byte; a look-up, because branches on digits and letters are guessed wrong every other time. */
const HEX_DIGITS = Int8Array.from({ length: 256 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()),
);
const groups = new Uint16Array(GROUPS);
/** The longest address and a zone: 45 characters, `%`, and the 15 of an interface's name. What is longer is none without what is left off. */
const MAX_IPV6_CHARS = 64;
/** Reading the text's bytes instead of its characters, which V8 finds by the kind of string, takes four fifths of the time. */
const bytes = Buffer.alloc(MAX_IPV6_CHARS) as TextBytes;
const embedded = new Int32Array(1);

/**
 * Writes an address into four words at `at`, first bits first (IPv4: the first word, the others 0), and says its family:
 * 4, 6, or 0 where the text is none (the words are then 0). IPv4-mapped IPv6 (RFC 4291, section 2.5.5.2) is IPv4.
 * Characters are up to U+00FF. A zone (`%eth0`) is left aside. As strict as inet_pton: no octal, no short forms.
 */
export function parseAddress(text: string, words: Int32Array, at: number): 0 | 4 | 6 {
  words[at] = words[at + 1] = words[at + 2] = words[at + 3] = 0;
  return parseIpv4(text, 0, text.length, words, at) ? 4 : parseMapped(text, words, at);
}

function parseMapped(text: string, words: Int32Array, at: number): 0 | 4 | 6 {
  if (!parseIpv6(text)) return 0;
  const high = groups[0] | groups[1] | groups[2] | groups[3] | groups[4];
  if (high === 0 && groups[5] === 0xffff) {
    words[at] = (groups[6] << 16) | groups[7];
    return 4;
  }
  for (let word = 0; word < 4; word++) words[at + word] = (groups[2 * word] << 16) | groups[2 * word + 1];
  return 6;
}

/** Writes one word. It is not given back, because beyond 31 bits that would make a number on the heap. */
function parseIpv4(text: string, from: number, to: number, words: Int32Array, at: number): boolean {
  let value = 0;
  let part = 0;
  let digits = 0;
  let parts = 1;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || parts === 4) return false;
      value = (value << 8) | part;
      part = digits = 0;
      parts++;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || (digits > 0 && part === 0)) return false;
    part = part * 10 + digit;
    digits++;
    if (part > 255) return false;
  }
  if (digits === 0 || parts !== 4) return false;
  words[at] = (value << 8) | part;
  return true;
}

function parseIpv6(text: string): boolean {
  const length = bytes.latin1Write(text, 0, MAX_IPV6_CHARS);
  let count = 0;
  let gap = -1;
  let i = 0;
  if (length > 1 && bytes[0] === COLON) {
    if (bytes[1] !== COLON) return false;
    gap = 0;
    i = 2;
  }
  let start = i;
  let value = 0;
  for (; i < length; i++) {
    const code = bytes[i];
    const digit = HEX_DIGITS[code];
    if (digit >= 0) {
      if (i - start === 4) return false;
      value = (value << 4) | digit;
      continue;
    }
    if (code === DOT) return embedIpv4(text, start, count, gap);
    if (code === PERCENT) break;
    if (code !== COLON || count === GROUPS) return false;
    if (i > start) groups[count++] = value;
    // A second colon stands for the groups left out; a single one needs a group on both sides.
    else if (gap < 0 && i > 0) gap = count;
    else return false;
    value = 0;
    start = i + 1;
  }
  if (i > start) {
    if (count === GROUPS) return false;
    groups[count++] = value;
  } else if (gap !== count || i === 0) return false;
  return spread(count, gap);
}

/** The last two groups as an IPv4 address (RFC 4291, section 2.2, form 3). */
function embedIpv4(text: string, start: number, count: number, gap: number): boolean {
  let end = start;
  while (!isEnd(text, end)) end++;
  if (count > GROUPS - 2 || !parseIpv4(text, start, end, embedded, 0)) return false;
  groups[count] = embedded[0] >>> 16;
  groups[count + 1] = embedded[0] & 0xffff;
  return spread(count + 2, gap);
}

/** A zone is no part of the address. */
function isEnd(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === PERCENT;
}

/** Moves the groups after `::` to the end. */
function spread(count: number, gap: number): boolean {
  if (gap < 0) return count === GROUPS;
  if (count === GROUPS) return false;
  const moved = count - gap;
  for (let i = 1; i <= moved; i++) groups[GROUPS - i] = groups[count - i];
  for (let i = gap; i < GROUPS - moved; i++) groups[i] = 0;
  return true;
}
