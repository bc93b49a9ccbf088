// What is read from, and written to, the first bytes of a connection: TLS ClientHello and PROXY protocol.
// Pure: bytes in, verdicts out. Nothing here opens, waits, or remembers.
export { MAX_ALPN_PROTOCOLS } from './alpn.ts';
export {
  type ClientHelloVerdict,
  type HelloNeedsMore,
  inspectClientHello,
  MAX_CLIENT_HELLO_BYTES,
  MAX_CLIENT_HELLO_RECORDS,
  type MalformedHelloReason,
  type NotTlsReason,
} from './client-hello.ts';
export type { ClientHello, HelloBodyReason } from './client-hello-body.ts';
export { crc32c } from './crc32c.ts';
export { addressText, hexAddressText, parseAddress, parseIpv4, parseIpv6 } from './ip-address.ts';
export {
  type MalformedProxyReason,
  type ProxyEndpoint,
  type ProxyHeader,
  type ProxyInetHeader,
  type ProxyUnixEndpoint,
  type ProxyUnixHeader,
  type ProxyVerdict,
  readProxyHeader,
} from './proxy-header.ts';
export {
  MAX_TLVS,
  MAX_UNIQUE_ID_BYTES,
  type ProxySsl,
  type ProxyTlv,
  type ProxyTlvs,
  TLV_ALPN,
  TLV_AUTHORITY,
  TLV_CRC32C,
  TLV_NETNS,
  TLV_NOOP,
  TLV_SSL,
  TLV_UNIQUE_ID,
  type TlvReason,
} from './proxy-tlv.ts';
export { MAX_PROXY_V1_BYTES, writeProxyV1 } from './proxy-v1.ts';
export { MAX_PROXY_V2_BYTES, type ProxyClaim, type ProxyV2Options, writeProxyV2 } from './proxy-v2.ts';
