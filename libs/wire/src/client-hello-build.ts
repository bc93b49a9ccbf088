// Makes ClientHellos for tests, well-formed and otherwise (`@sluice/wire/build`). Nothing that serves imports it.

export interface HelloRecipe {
  /** Default 0x0303. */
  readonly legacyVersion?: number;
  /** Default 32 bytes. */
  readonly sessionIdBytes?: number;
  /** Default TLS_AES_128_GCM_SHA256 alone. */
  readonly cipherSuites?: readonly number[];
  /** In this order; null = no extensions block at all, as old clients send. Default: none, in a block of length 0. */
  readonly extensions?: readonly HelloExtension[] | null;
}

export interface HelloExtension {
  readonly type: number;
  readonly content: Uint8Array;
}

/** What to split a handshake message into: the bytes of each record in turn, the last size for all that remain. */
export type RecordSizes = readonly number[];

const MAX_RECORD_BYTES = 16_384;

/** The whole stream of a ClientHello: its message in records of the given sizes (default: as few as possible). */
export function helloStream(recipe: HelloRecipe = {}, sizes: RecordSizes = [MAX_RECORD_BYTES]): Uint8Array {
  return inRecords(helloMessage(recipe), sizes);
}

/** A ClientHello for a name and protocols, as a TLS 1.3 client would send it; '' = no server_name. */
export function helloFor(serverName: string, alpn: readonly string[] = []): Uint8Array {
  const extensions = [supportedVersions([0x0304, 0x0303])];
  if (alpn.length > 0) extensions.unshift(alpnOf(alpn));
  if (serverName !== '') extensions.unshift(serverNameOf(serverName));
  return helloStream({ extensions });
}

/** The handshake message: type, 24-bit length, body (RFC 8446 section 4.1.2). */
export function helloMessage(recipe: HelloRecipe = {}): Uint8Array {
  const { legacyVersion = 0x0303, sessionIdBytes = 32, cipherSuites = [0x1301], extensions = [] } = recipe;
  const body = joined(
    uint16(legacyVersion),
    new Uint8Array(32).fill(0x5a),
    Uint8Array.of(sessionIdBytes),
    new Uint8Array(sessionIdBytes).fill(0x51),
    vector16(...cipherSuites.map(uint16)),
    Uint8Array.of(1, 0),
    extensions === null ? new Uint8Array(0) : vector16(...extensions.map(extensionBytes)),
  );
  return joined(Uint8Array.of(1, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff), body);
}

/** A message as handshake records (RFC 8446 section 5.1). */
export function inRecords(message: Uint8Array, sizes: RecordSizes = [MAX_RECORD_BYTES]): Uint8Array {
  const records: Uint8Array[] = [];
  for (let at = 0, i = 0; at < message.length; i++) {
    const size = Math.max(1, sizes[Math.min(i, sizes.length - 1)]!);
    const fragment = message.subarray(at, at + size);
    records.push(record(22, fragment));
    at += fragment.length;
  }
  return joined(...records);
}

/** One record of any type: 22 handshake, 21 alert, 23 application data, 20 change_cipher_spec. */
export function record(type: number, fragment: Uint8Array, version = 0x0301): Uint8Array {
  return joined(Uint8Array.of(type), uint16(version), uint16(fragment.length), fragment);
}

/** RFC 6066 section 3; a name may be text (one byte a character) or bytes. Several make a malformed extension. */
export function serverNameOf(...names: readonly (string | Uint8Array)[]): HelloExtension {
  const entries = names.map((name) => joined(Uint8Array.of(0), vector16(bytesOf(name))));
  return { type: 0, content: vector16(...entries) };
}

/** RFC 7301 section 3.1. */
export function alpnOf(protocols: readonly string[]): HelloExtension {
  return { type: 16, content: vector16(...protocols.map((name) => vector8(bytesOf(name)))) };
}

/** RFC 8446 section 4.2.1. */
export function supportedVersions(versions: readonly number[]): HelloExtension {
  return { type: 43, content: vector8(...versions.map(uint16)) };
}

/** RFC 8446 section 4.2.8: one share of a group, of any size; 0x11ec (X25519MLKEM768) has 1216 bytes. */
export function keyShare(group: number, bytes: number): HelloExtension {
  return { type: 51, content: vector16(uint16(group), vector16(new Uint8Array(bytes).fill(0xaa))) };
}

/** RFC 9849 section 5: an outer encrypted_client_hello with a payload of so many bytes. */
export function echOuter(payloadBytes: number): HelloExtension {
  const suite = joined(uint16(1), uint16(1));
  const key = vector16(new Uint8Array(32).fill(0x77));
  const payload = vector16(new Uint8Array(payloadBytes).fill(0x99));
  return { type: 0xfe0d, content: joined(Uint8Array.of(0), suite, Uint8Array.of(7), key, payload) };
}

/** RFC 8701: a reserved extension; `n` is 0..15. */
export function greaseExtension(n: number, content = new Uint8Array(0)): HelloExtension {
  return { type: greaseValue(n), content };
}

/** RFC 8701 section 2: 0x0a0a, 0x1a1a, ... 0xfafa for `n` = 0..15. */
export function greaseValue(n: number): number {
  return n * 0x1010 + 0x0a0a;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

/** Parts behind their length in 8 bits. */
export function vector8(...parts: readonly Uint8Array[]): Uint8Array {
  const content = joined(...parts);
  return joined(Uint8Array.of(content.length), content);
}

/** Parts behind their length in 16 bits. */
export function vector16(...parts: readonly Uint8Array[]): Uint8Array {
  const content = joined(...parts);
  return joined(uint16(content.length), content);
}

function extensionBytes({ type, content }: HelloExtension): Uint8Array {
  return joined(uint16(type), vector16(content));
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? Uint8Array.from(text, (char) => char.charCodeAt(0)) : text;
}
