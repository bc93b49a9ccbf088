// Addresses as text turned into what the kernel reads (ip(7), ipv6(7), unix(7): sockaddr_in, sockaddr_in6,
// sockaddr_un) and back. The family is in the machine's order (little-endian), port and address in network order.
import { isIPv4, isIPv6 } from 'node:net';
import { AF_INET, AF_INET6, AF_UNIX } from './abi.ts';
import { parseIPv6, textOfIPv6 } from './ipv6-text.ts';

const lengthOfIPv4 = 16;
const lengthOfIPv6 = 28;
const pathAt = 2;
/** sun_path holds 108 bytes with its ending NUL (unix(7)). */
const longestPathBytes = 107;

/** Turns interface names of link-local scopes into their index and back; handed in, for it asks the system. */
export interface Scopes {
  interfaceIndex(name: string): number;
  interfaceName(index: number): string;
}

export interface Told {
  readonly address: string;
  readonly port: number;
}

const nowhere: Told = { address: '', port: 0 };

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
  into[2] = port >> 8;
  into[3] = port & 0xff;
  if (isIPv4(address)) {
    into[0] = AF_INET;
    into.set(address.split('.').map(Number), 4);
    return lengthOfIPv4;
  }
  if (!isIPv6(address)) return -1;
  into[0] = AF_INET6;
  const [text = '', scope = ''] = address.split('%');
  into.set(parseIPv6(text), 8);
  const index = scope === '' || /^\d+$/.test(scope) ? Number(scope) : scopes.interfaceIndex(scope);
  if (scope !== '' && index === 0) return -1;
  new DataView(into.buffer, into.byteOffset).setUint32(24, index, true);
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

/** Reads a socket address of the kernel's; unix ones have no text to tell and come as '' and 0. */
export function readAddress(from: Uint8Array, at: number, scopes: Scopes): Told {
  const family = (from[at] as number) | ((from[at + 1] as number) << 8);
  const port = ((from[at + 2] as number) << 8) | (from[at + 3] as number);
  if (family === AF_INET) return { address: `${from[at + 4]}.${from[at + 5]}.${from[at + 6]}.${from[at + 7]}`, port };
  if (family !== AF_INET6) return nowhere;
  const address = textOfIPv6(from.subarray(at + 8, at + 24));
  const index = new DataView(from.buffer, from.byteOffset).getUint32(at + 24, true);
  return { address: index === 0 ? address : `${address}%${scopes.interfaceName(index) || index}`, port };
}
