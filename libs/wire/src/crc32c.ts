// CRC32C (Castagnoli), as RFC 4960 appendix B defines it for SCTP and PROXY protocol v2 uses it.

/** The polynomial 0x1edc6f41 with its bits in reverse, because bytes go in from their lowest bit. */
const POLYNOMIAL = 0x82f6_3b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** The CRC32C of `bytes`, 0..2^32-1. */
export function crc32c(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (let i = 0; i < bytes.length; i++) value = (value >>> 8) ^ TABLE[(value ^ bytes[i]!) & 0xff]!;
  return (value ^ 0xffff_ffff) >>> 0;
}
