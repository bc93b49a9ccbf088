// The hash of names. It runs from the last character to the first, so that one pass over a server name gives the hash of
// every suffix on its way. FNV-1a over characters, then murmur3's finish, because tables take the low bits.

export const HASH_START = 0x811c_9dc5 | 0;
const HASH_PRIME = 0x0100_0193;
/** Keeps `example.com` and the suffix of `*.example.com` apart. */
const SUFFIX_SALT = 0x9e37_79b9;

export function hashStep(hash: number, code: number): number {
  return Math.imul(hash ^ code, HASH_PRIME);
}

export function hashFinish(hash: number, isSuffix: boolean): number {
  let mixed = isSuffix ? hash ^ SUFFIX_SALT : hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

export function hashName(name: string, isSuffix: boolean): number {
  let hash = HASH_START;
  for (let i = name.length - 1; i >= 0; i--) hash = hashStep(hash, name.charCodeAt(i));
  return hashFinish(hash, isSuffix);
}
