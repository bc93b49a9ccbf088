// Addresses as text turned into what the kernel reads (ip(7), ipv6(7), unix(7): sockaddr_in, sockaddr_in6,
// sockaddr_un) and back. The family is in the machine's order (little-endian), port and address in network order.
import { isIPv6 } from 'node:net';
import type { Address } from '@sluice/engine';
import { AF_INET, AF_INET6, AF_UNIX, structs } from './abi.ts';
import { parseIPv6, textOfIPv6 } from './ipv6-text.ts';

const { size: lengthOfIPv4, sin_port: portAt, sin_addr: addressOfIPv4At } = structs.sockaddr_in;
const { size: lengthOfIPv6, sin6_addr: addressOfIPv6At, sin6_scope_id: scopeAt } = structs.sockaddr_in6;
const { sun_path: pathAt } = structs.sockaddr_un;
/** sun_path holds 108 bytes with its ending NUL (unix(7)). */
const longestPathBytes = structs.sockaddr_un.size - pathAt - 1;

/** Turns interface names of link-local scopes into their index and back; handed in, for it asks the system. */
export interface Scopes {
  interfaceIndex(name: string): number;
  interfaceName(index: number): string;
}

const nowhere: Address = { address: '', port: 0 };

/** Texts of IPv4 addresses kept by a thread, a power of 2: clients come again, and so do the own addresses. */
const textsKept = 1024;

const keptWords = new Int32Array(textsKept);
const keptTexts = new Array<string>(textsKept).fill('0.0.0.0');

/** Of the four bytes from `at`. */
function textOfIPv4(bytes: Uint8Array, at: number): string {
  const a = bytes[at] as number;
  const b = bytes[at + 1] as number;
  const c = bytes[at + 2] as number;
  const d = bytes[at + 3] as number;
  const word = (a << 24) | (b << 16) | (c << 8) | d;
  const place = (word ^ (word >> 10)) & (textsKept - 1);
  if (keptWords[place] === word) return keptTexts[place] as string;
  const text = `${a}.${b}.${c}.${d}`;
  keptWords[place] = word;
  keptTexts[place] = text;
  return text;
}

const dot = 0x2e;
const zero = 0x30;

/** Writes the four bytes of an IPv4 address in dotted decimal, without leading zeros (as net.isIPv4 has it); else false. */
export function writeIPv4(into: Uint8Array, at: number, text: string): boolean {
  let place = at;
  let value = -1;
  for (let i = 0; i <= text.length; i++) {
    const char = i < text.length ? text.charCodeAt(i) : dot;
    if (char === dot) {
      if (value < 0 || place > at + 3) return false;
      into[place++] = value;
      value = -1;
      continue;
    }
    const digit = char - zero;
    if (!(digit >= 0 && digit <= 9) || value === 0) return false;
    value = value < 0 ? digit : value * 10 + digit;
    if (value > 255) return false;
  }
  return place === at + 4;
}

const scratch = new Uint8Array(4);

function isIPv4(text: string): boolean {
  return writeIPv4(scratch, 0, text);
}

/** The path of `unix:///run/x.sock`, or of the abstract `unix://@name` with its leading NUL; null for the rest. */
export function unixPath(address: string): string | null {
  if (!address.startsWith('unix://')) return null;
  const rest = address.slice('unix://'.length);
  return rest.startsWith('@') ? `\0${rest.slice(1)}` : rest;
}

export function familyOf(address: string): number | null {
  if (unixPath(address) !== null) return AF_UNIX;
  if (isIPv4(address)) return AF_INET;
  return isIPv6(address) ? AF_INET6 : null;
}

/** Writes a socket address and answers its length; -1 where the text is no address or a scope is no interface here. */
export function writeAddress(into: Uint8Array, address: string, port: number, scopes: Scopes): number {
  const path = unixPath(address);
  if (path !== null) return writeUnix(into, path);
  into.fill(0, 0, lengthOfIPv6);
  into[portAt] = port >> 8;
  into[portAt + 1] = port & 0xff;
  if (writeIPv4(into, addressOfIPv4At, address)) {
    into[0] = AF_INET;
    return lengthOfIPv4;
  }
  into.fill(0, addressOfIPv4At, addressOfIPv4At + 4);
  if (!isIPv6(address)) return -1;
  into[0] = AF_INET6;
  const [text = '', scope = ''] = address.split('%');
  into.set(parseIPv6(text), addressOfIPv6At);
  const index = scope === '' || /^\d+$/.test(scope) ? Number(scope) : scopes.interfaceIndex(scope);
  if (scope !== '' && (index === 0 || index > 0x7fff_ffff)) return -1;
  new DataView(into.buffer, into.byteOffset).setUint32(scopeAt, index, true);
  return lengthOfIPv6;
}

function writeUnix(into: Uint8Array, path: string): number {
  const bytes = Buffer.from(path);
  if (bytes.length === 0 || bytes.length > longestPathBytes) return -1;
  into.fill(0, 0, pathAt + longestPathBytes + 1);
  into[0] = AF_UNIX;
  into.set(bytes, pathAt);
  // An abstract name ends where the length says, a path at its NUL.
  return pathAt + bytes.length + (bytes[0] === 0 ? 0 : 1);
}

/** Whether it stands for every address of the machine (INADDR_ANY, in6addr_any), or is no internet address. */
export function isAnyAddress(from: Uint8Array, at: number): boolean {
  const family = (from[at] as number) | ((from[at + 1] as number) << 8);
  const start = at + (family === AF_INET ? addressOfIPv4At : addressOfIPv6At);
  const end = start + (family === AF_INET ? 4 : 16);
  if (family !== AF_INET && family !== AF_INET6) return true;
  for (let i = start; i < end; i++) if (from[i] !== 0) return false;
  return true;
}

/** Reads a socket address of the kernel's; unix ones have no text to tell and come as '' and 0. */
export function readAddress(from: Uint8Array, at: number, scopes: Scopes): Address {
  const family = (from[at] as number) | ((from[at + 1] as number) << 8);
  const port = ((from[at + portAt] as number) << 8) | (from[at + portAt + 1] as number);
  if (family === AF_INET) return { address: textOfIPv4(from, at + addressOfIPv4At), port };
  if (family !== AF_INET6) return nowhere;
  const address = textOfIPv6(from.subarray(at + addressOfIPv6At, at + addressOfIPv6At + 16));
  const index = new DataView(from.buffer, from.byteOffset).getUint32(at + scopeAt, true);
  return { address: index === 0 ? address : `${address}%${scopes.interfaceName(index) || index}`, port };
}
