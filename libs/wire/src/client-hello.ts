// Finds the ClientHello in the first bytes of a TCP stream: TLS records, the handshake header, what may follow.
// It looks and never consumes, keeps nothing between calls, and never waits for more bytes than it has to.
import { type ClientHello, type HelloBodyReason, readHelloBody } from './client-hello-body.ts';

/**
 * The first bytes of a stream, up to which a ClientHello may reach, its record headers included. RFC 8446 would allow
 * 128 KiB; 64 KiB is what Go and Envoy take, holds any key share in use (ML-KEM: 1.2 KB; FrodoKEM-1344: 21 KB), and
 * is what one connection may make us hold before it has proved anything. A buffer of this size is always enough.
 */
export const MAX_CLIENT_HELLO_BYTES = 65_536;

/**
 * Records one ClientHello may be spread over. A look that is not told of the previous one walks all their headers, so
 * this bounds the square of it (40 ms); 2048 still takes a post-quantum hello (1.8 KB) in records of one byte, which
 * is beyond what clients do to slip past censors.
 */
export const MAX_CLIENT_HELLO_RECORDS = 2048;

/** RFC 8446 section 5.1: the fragment of a TLSPlaintext must not be longer than 2^14. */
const MAX_RECORD_BYTES = 16_384;

const RECORD_HEADER_BYTES = 5;
const HANDSHAKE_HEADER_BYTES = 4;
const CONTENT_TYPE_HANDSHAKE = 22;
const HANDSHAKE_TYPE_CLIENT_HELLO = 1;
const TLS_MAJOR_VERSION = 3;

/** Why the stream is not TLS (or not a version of it since SSL 3.0). Stable: logged, counted. */
export type NotTlsReason =
  /** The stream ended without a byte. */
  | 'no-bytes'
  /** The first byte is not 22 (handshake): plain text, Postgres, SSLv2, or a TLS alert. */
  | 'first-byte'
  /** The second byte is not 3, the major version of SSL 3.0 and every TLS. */
  | 'record-version';

/** What is wrong with a stream that began as TLS. Stable: logged, counted. */
export type MalformedHelloReason =
  | HelloBodyReason
  /** The stream ended before the ClientHello did. */
  | 'truncated'
  /** A record without content, which RFC 8446 section 5.1 forbids for handshake messages. */
  | 'record-empty'
  /** A record longer than 2^14 bytes (RFC 8446 section 5.1). */
  | 'record-too-long'
  /** A later record of another major version. */
  | 'record-version'
  /** Another content type between two parts of the ClientHello (RFC 8446 section 5.1: must not be interleaved). */
  | 'record-interleaved'
  /** More than MAX_CLIENT_HELLO_RECORDS. */
  | 'too-many-records'
  /** More than MAX_CLIENT_HELLO_BYTES, announced or real. */
  | 'too-long'
  /** The first handshake message is another one. */
  | 'not-client-hello'
  /** The last record holds more than the ClientHello (RFC 8446 section 5.1: it must end with its record). */
  | 'trailing-bytes';

export type ClientHelloVerdict =
  | { readonly kind: 'done'; readonly hello: ClientHello }
  | HelloNeedsMore
  | { readonly kind: 'not-tls'; readonly reason: NotTlsReason }
  | { readonly kind: 'malformed'; readonly reason: MalformedHelloReason };

/** Not known yet. Handed to the next look at the same stream, it saves that one what was looked at already. */
export interface HelloNeedsMore {
  readonly kind: 'need-more';
  /** Fewer bytes of the stream cannot change the verdict; 1..MAX_CLIENT_HELLO_BYTES. */
  readonly atLeastBytes: number;
  /** Where the record begins that is not whole yet, and the number of those before it. */
  readonly recordStart: number;
  readonly recordsBefore: number;
  /** Bytes of the handshake message in the records before, and the first four of them as a number. */
  readonly messageBefore: number;
  readonly headerBefore: number;
}

/**
 * Looks at the first bytes of a stream for a ClientHello (RFC 8446 sections 4.1.2 and 5.1, RFC 5246 section 7.4.1.2).
 *
 * `bytes` are all the bytes seen so far, from the stream's first one; `ended` = none will follow. Bytes after the
 * ClientHello's last record (0-RTT data) are ignored. A verdict other than `need-more` never changes as bytes are
 * added. Every answer that is not TLS falls within two bytes, so protocols with a preamble of their own (Postgres'
 * SSLRequest: 00 00 00 08 ...; an SSLv2-compatible hello, RFC 6176 forbids them; a TLS alert) are told apart at once.
 *
 * `previous`: what the last look at the same stream said, if there was one. With it all looks together cost O(bytes),
 * however the stream grows; without it each walks the record headers again, O(records). The content is read once,
 * when it is whole. Looks below `atLeastBytes` can be left out. For the usual single record nothing is allocated but
 * the verdict; reading 344 bytes so takes 0.4 times as long as copying them (bench.ts).
 */
export function inspectClientHello(
  bytes: Uint8Array,
  ended: boolean,
  previous?: ClientHelloVerdict,
): ClientHelloVerdict {
  const have = bytes.length;
  const known = previous?.kind === 'need-more' ? previous : NOTHING_SEEN;
  let { recordStart: at, recordsBefore: records, messageBefore: seen, headerBefore: header } = known;
  const foreign = at === 0 ? foreignStart(bytes, ended) : null;
  if (foreign !== null) return foreign;
  for (; ; records++) {
    if (records === MAX_CLIENT_HELLO_RECORDS) return malformed('too-many-records');
    const start = at + RECORD_HEADER_BYTES;
    if (start >= MAX_CLIENT_HELLO_BYTES) return malformed('too-long');
    if (have < start) return needMore(have === 1 ? 2 : start, ended, at, records, seen, header);
    const broken = brokenRecord(bytes, at);
    if (broken !== null) return malformed(broken);
    const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    const end = start + length;
    if (end > MAX_CLIENT_HELLO_BYTES) return malformed('too-long');

    const headerBefore = header;
    const seenEnd = Math.min(end, have);
    const headerEnd = Math.min(seenEnd, start + HANDSHAKE_HEADER_BYTES - seen);
    for (let i = start; i < headerEnd; i++) header = (header << 8) | bytes[i]!;
    const total = seen + seenEnd - start;
    if (total > 0 && seen === 0 && bytes[start] !== HANDSHAKE_TYPE_CLIENT_HELLO) return malformed('not-client-hello');
    let goal = end;
    if (total >= HANDSHAKE_HEADER_BYTES) {
      // The type is 1, so `header` never turned negative.
      const message = HANDSHAKE_HEADER_BYTES + (header & 0xff_ffff);
      if (start + message - seen > MAX_CLIENT_HELLO_BYTES) return malformed('too-long');
      if (seen + length > message) return malformed('trailing-bytes');
      if (total === message) return readMessage(bytes, at, message);
    } else {
      goal = total === 0 ? start + 1 : Math.min(end, have + HANDSHAKE_HEADER_BYTES - total);
    }
    if (seenEnd < end) return needMore(goal, ended, at, records, seen, headerBefore);
    seen += length;
    at = end;
  }
}

const NOTHING_SEEN = { recordStart: 0, recordsBefore: 0, messageBefore: 0, headerBefore: 0 };

/** Tells what is no TLS by its first two bytes; null = it may be TLS. */
function foreignStart(bytes: Uint8Array, ended: boolean): ClientHelloVerdict | null {
  if (bytes.length === 0) return ended ? notTls('no-bytes') : needMore(1, ended, 0, 0, 0, 0);
  if (bytes[0] !== CONTENT_TYPE_HANDSHAKE) return notTls('first-byte');
  if (bytes.length > 1 && bytes[1] !== TLS_MAJOR_VERSION) return notTls('record-version');
  return null;
}

/** What is wrong with the record header at `at`, all five bytes of which are there. */
function brokenRecord(bytes: Uint8Array, at: number): MalformedHelloReason | null {
  if (bytes[at] !== CONTENT_TYPE_HANDSHAKE) return 'record-interleaved';
  // The minor version is not looked at: RFC 8446 section 5.1 says it must be ignored for all purposes.
  if (bytes[at + 1] !== TLS_MAJOR_VERSION) return 'record-version';
  const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
  if (length === 0) return 'record-empty';
  return length > MAX_RECORD_BYTES ? 'record-too-long' : null;
}

/** Reads the whole message of `message` bytes, the last record of which begins at `lastRecord`. */
function readMessage(bytes: Uint8Array, lastRecord: number, message: number): ClientHelloVerdict {
  const contiguous = lastRecord === 0;
  const source = contiguous ? bytes : joinRecords(bytes, message);
  const start = contiguous ? RECORD_HEADER_BYTES : 0;
  const body = readHelloBody(source, start + HANDSHAKE_HEADER_BYTES, start + message);
  return typeof body === 'string' ? malformed(body) : { kind: 'done', hello: body };
}

/** The `message` bytes of a handshake message that is spread over several records, which were all checked. */
function joinRecords(bytes: Uint8Array, message: number): Uint8Array {
  const joined = new Uint8Array(message);
  for (let at = 0, filled = 0; filled < message; ) {
    const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    const start = at + RECORD_HEADER_BYTES;
    joined.set(bytes.subarray(start, start + length), filled);
    filled += length;
    at = start + length;
  }
  return joined;
}

function needMore(
  atLeastBytes: number,
  ended: boolean,
  recordStart: number,
  recordsBefore: number,
  messageBefore: number,
  headerBefore: number,
): ClientHelloVerdict {
  if (ended) return malformed('truncated');
  return { kind: 'need-more', atLeastBytes, recordStart, recordsBefore, messageBefore, headerBefore };
}

function notTls(reason: NotTlsReason): ClientHelloVerdict {
  return { kind: 'not-tls', reason };
}

function malformed(reason: MalformedHelloReason): ClientHelloVerdict {
  return { kind: 'malformed', reason };
}
