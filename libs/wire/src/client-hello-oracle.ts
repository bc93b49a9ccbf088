// A second ClientHello parser for tests to compare with: written for plainness, sharing no code with the first.
// It cuts copies, throws where it stops, and starts over at every call. Nothing that serves imports it.
import { isIPv4, isIPv6 } from 'node:net';
import type { ClientHelloVerdict } from './client-hello.ts';
import type { ClientHello } from './client-hello-body.ts';

class Stop extends Error {}
class NeedMore extends Error {}

export type NaiveVerdict = Exclude<ClientHelloVerdict, { kind: 'need-more' }> | { readonly kind: 'need-more' };

/** What `inspectClientHello` should say; how much more it needs is not told. */
export function naiveClientHello(bytes: Uint8Array, ended: boolean): NaiveVerdict {
  try {
    if (bytes.length === 0 && ended) return { kind: 'not-tls', reason: 'no-bytes' };
    if (bytes.length > 0 && bytes[0] !== 22) return { kind: 'not-tls', reason: 'first-byte' };
    if (bytes.length > 1 && bytes[1] !== 3) return { kind: 'not-tls', reason: 'record-version' };
    return { kind: 'done', hello: helloOf(messageOf(new Reader(bytes))) };
  } catch (error) {
    if (error instanceof NeedMore) {
      return ended ? { kind: 'malformed', reason: 'truncated' } : { kind: 'need-more' };
    }
    if (error instanceof Stop) return { kind: 'malformed', reason: error.message as 'truncated' };
    throw error;
  }
}

/** Takes bytes from the front; throws NeedMore, or a Stop with the reason of the vector it reads in. */
class Reader {
  rest: number[];
  readonly #reason: string | null;

  constructor(bytes: Iterable<number>, reason: string | null = null) {
    this.rest = [...bytes];
    this.#reason = reason;
  }

  take(count: number): number[] {
    if (this.rest.length < count) throw this.#reason === null ? new NeedMore() : new Stop(this.#reason);
    return this.rest.splice(0, count);
  }

  number(bytes: number): number {
    return this.take(bytes).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  vector(lengthBytes: number): number[] {
    return this.take(this.number(lengthBytes));
  }

  get isEmpty(): boolean {
    return this.rest.length === 0;
  }
}

/** The body of the first handshake message. */
function messageOf(stream: Reader): number[] {
  const message: number[] = [];
  let taken = 0;
  for (let records = 1; ; records++) {
    require(records <= 2048, 'too-many-records');
    require(taken + 5 < 65_536, 'too-long');
    const type = stream.number(1);
    const [major] = stream.take(2);
    const length = stream.number(2);
    require(type === 22, 'record-interleaved');
    require(major === 3, 'record-version');
    require(length > 0, 'record-empty');
    require(length <= 2 ** 14, 'record-too-long');
    require(taken + 5 + length <= 65_536, 'too-long');
    const before = message.length;
    const whole = stream.rest.length >= length;
    message.push(...stream.take(Math.min(length, stream.rest.length)));
    if (message.length >= 1) require(message[0] === 1, 'not-client-hello');
    if (message.length >= 4) {
      const size = 4 + message[1]! * 65_536 + message[2]! * 256 + message[3]!;
      require(taken + 5 + size - before <= 65_536, 'too-long');
      require(before + length <= size, 'trailing-bytes');
      if (whole && message.length === size) return message.slice(4);
    }
    if (!whole) throw new NeedMore();
    taken += 5 + length;
  }
}

function helloOf(body: number[]): ClientHello {
  const reader = new Reader(body, 'hello-length');
  const legacyVersion = reader.number(2);
  reader.take(32);
  const sessionIdBytes = reader.number(1);
  require(sessionIdBytes <= 32, 'session-id');
  reader.take(sessionIdBytes);
  const suiteBytes = reader.number(2);
  require(suiteBytes > 0 && suiteBytes % 2 === 0, 'cipher-suites');
  reader.take(suiteBytes);
  const methods = reader.number(1);
  require(methods > 0, 'compression-methods');
  reader.take(methods);

  const hello = { serverName: null as string | null, serverNameIsAddress: false, alpn: [] as string[] };
  let maxVersion = legacyVersion;
  let echOuter = false;
  const extensions = new Reader(reader.isEmpty ? [] : reader.vector(2), 'extension-length');
  require(reader.isEmpty, 'hello-length');
  const types = new Set<number>();
  while (!extensions.isEmpty) {
    const [type, length] = [extensions.number(2), extensions.number(2)];
    require(extensions.rest.length >= length, 'extension-length');
    require(!types.has(type), 'extension-duplicate');
    types.add(type);
    const content = extensions.take(length);
    if (type === 0) hello.serverName = serverNameOf(content);
    if (type === 16) hello.alpn = protocolsOf(content);
    if (type === 43) maxVersion = highestVersion(content) ?? legacyVersion;
    if (type === 65_037) echOuter = content[0] === 0;
  }
  const serverNameIsAddress = hello.serverName !== null && (isIPv4(hello.serverName) || isIPv6(hello.serverName));
  return { ...hello, serverNameIsAddress, legacyVersion, maxVersion, echOuter };
}

function serverNameOf(content: number[]): string | null {
  const extension = new Reader(content, 'server-name-length');
  const list = new Reader(extension.vector(2), 'server-name-length');
  require(extension.isEmpty && !list.isEmpty, 'server-name-length');
  const hosts: string[] = [];
  while (!list.isEmpty) {
    const type = list.number(1);
    const name = String.fromCharCode(...list.vector(2));
    require(name !== '', 'server-name-length');
    if (type === 0) hosts.push(name);
    require(hosts.length <= 1, 'server-name-several');
  }
  if (hosts.length === 0) return null;
  const name = hosts[0]!.toLowerCase();
  if (isIPv6(name) && !name.includes('%')) return name;
  const bare = name.replace(/\.$/, '');
  require(/^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(bare) && bare.length <= 253, 'server-name-invalid');
  return bare;
}

function protocolsOf(content: number[]): string[] {
  const extension = new Reader(content, 'alpn-length');
  const list = new Reader(extension.vector(2), 'alpn-length');
  require(extension.isEmpty && !list.isEmpty, 'alpn-length');
  const names: string[] = [];
  while (!list.isEmpty) {
    const name = String.fromCharCode(...list.vector(1));
    require(name !== '', 'alpn-length');
    names.push(name);
    require(names.length <= 64, 'alpn-too-many');
  }
  return names.filter((name) => !GREASE.includes(name));
}

/** RFC 8701 section 2: one byte twice, 0x0a, 0x1a, ... 0xfa. */
const GREASE = Array.from({ length: 16 }, (_, i) => String.fromCharCode(16 * i + 10).repeat(2));

function highestVersion(content: number[]): number | null {
  const extension = new Reader(content, 'supported-versions');
  const list = new Reader(extension.vector(1), 'supported-versions');
  require(extension.isEmpty && !list.isEmpty, 'supported-versions');
  const versions: number[] = [];
  while (!list.isEmpty) versions.push(list.number(2));
  const known = versions.filter((version) => version >= 0x0300 && version <= 0x03ff);
  return known.length === 0 ? null : Math.max(...known);
}

function require(condition: boolean, reason: string): void {
  if (!condition) throw new Stop(reason);
}
