// A PROXY protocol header (HAProxy's doc/proxy-protocol.txt) as data, and how its two versions are told apart.
// It says what the header claims; whether the peer may claim it is for the caller to know.
import type { ProxyTlvs, TlvReason } from './proxy-tlv.ts';
import { PROXY_V1_SIGNATURE, readProxyV1 } from './proxy-v1.ts';
import { PROXY_V2_SIGNATURE, readProxyV2 } from './proxy-v2.ts';

/** One side of the original connection. 4 bytes for the families tcp4 and udp4, 16 for tcp6 and udp6. */
export interface ProxyEndpoint {
  readonly address: Uint8Array;
  /** 0..65535. */
  readonly port: number;
}

/** A unix socket's name without its padding; an abstract one begins with a NUL byte (unix(7)). 0..108 bytes. */
export interface ProxyUnixEndpoint {
  readonly path: Uint8Array;
}

export type ProxyHeader =
  /** LOCAL: the proxy's own connection, such as a health check. Everything else the header holds is skipped, unread. */
  | { readonly version: 2; readonly command: 'LOCAL'; readonly family: 'unknown' }
  /** v1 UNKNOWN, or v2 with an unspecified family or transport: forwarded, but use the real peer's addresses. */
  | { readonly version: 1 | 2; readonly command: 'PROXY'; readonly family: 'unknown' }
  | ProxyInetHeader
  | ProxyUnixHeader;

/** UDP is a legal claim on a stream too (a proxy that carries datagrams over it): the caller decides what it means. */
export interface ProxyInetHeader {
  readonly version: 1 | 2;
  readonly command: 'PROXY';
  /** v1 knows tcp4 and tcp6 only. */
  readonly family: 'tcp4' | 'tcp6' | 'udp4' | 'udp6';
  readonly source: ProxyEndpoint;
  readonly destination: ProxyEndpoint;
  readonly tlvs: ProxyTlvs;
}

export interface ProxyUnixHeader {
  readonly version: 2;
  readonly command: 'PROXY';
  readonly family: 'unix-stream' | 'unix-datagram';
  readonly source: ProxyUnixEndpoint;
  readonly destination: ProxyUnixEndpoint;
  readonly tlvs: ProxyTlvs;
}

/** What is wrong with a header. Stable: logged, counted. All of them mean: close the connection. */
export type MalformedProxyReason =
  | TlvReason
  /** The stream ended within the header. */
  | 'truncated'
  /** v1: no CR LF within 107 bytes. */
  | 'line-too-long'
  /** v1: CR and LF apart. */
  | 'line-end'
  /** v1: not `PROXY`, a protocol, and the four fields with one space before each. */
  | 'line-fields'
  /** v1: an address that is none of its protocol's. */
  | 'address'
  /** v1: a port with leading zeros, beyond 65535, or no number. */
  | 'port'
  /** v2: the version is not 2. */
  | 'version'
  /** v2: the command is neither LOCAL nor PROXY. */
  | 'command'
  /** v2: a family or transport that does not exist. */
  | 'family'
  /** v2: longer than MAX_PROXY_V2_BYTES. */
  | 'header-too-long'
  /** v2: shorter than the addresses of its family. */
  | 'address-length';

export type ProxyVerdict =
  /** The header ends after `consumedBytes`, 15..MAX_PROXY_V2_BYTES; the connection's own bytes begin there. */
  | { readonly kind: 'done'; readonly header: ProxyHeader; readonly consumedBytes: number }
  /** Fewer than `atLeastBytes` bytes of the stream cannot change the verdict; 1..MAX_PROXY_V2_BYTES. */
  | { readonly kind: 'need-more'; readonly atLeastBytes: number }
  /** No header begins like this; the bytes belong to the connection. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'malformed'; readonly reason: MalformedProxyReason };

/**
 * Looks for a PROXY header (v1 or v2) at the start of a stream. `bytes` are all the bytes seen so far, from the
 * stream's first one; `ended` = none will follow. A verdict other than `need-more` never changes as bytes are added.
 * The result shares no memory with `bytes`. O(1) for v2 until it is whole; v1 is at most 107 bytes.
 *
 * A stream that ends within a signature has no header (`absent`); one that ends later has a broken one.
 */
export function readProxyHeader(bytes: Uint8Array, ended: boolean): ProxyVerdict {
  if (bytes.length === 0) return ended ? { kind: 'absent' } : { kind: 'need-more', atLeastBytes: 1 };
  const isV2 = bytes[0] === PROXY_V2_SIGNATURE[0];
  const signature = isV2 ? PROXY_V2_SIGNATURE : PROXY_V1_SIGNATURE;
  for (let i = 0; i < signature.length; i++) {
    if (i === bytes.length) return ended ? { kind: 'absent' } : { kind: 'need-more', atLeastBytes: i + 1 };
    if (bytes[i] !== signature[i]) return { kind: 'absent' };
  }
  const verdict = isV2 ? readProxyV2(bytes) : readProxyV1(bytes);
  return ended && verdict.kind === 'need-more' ? { kind: 'malformed', reason: 'truncated' } : verdict;
}
