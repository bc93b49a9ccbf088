// A checksum over words, against damage, not against an attacker: what is read is checked by bounds as well.

/** Four lanes, so that multiplications overlap. Any one changed word changes it. */
export function checksum(words: Int32Array, from: number): number {
  let a = 0x9e37_79b1;
  let b = 0x85eb_ca77;
  let c = 0xc2b2_ae3d;
  let d = 0x27d4_eb2f;
  let at = from;
  for (; at + 4 <= words.length; at += 4) {
    a = Math.imul(a ^ words[at], 0x9e37_79b1);
    b = Math.imul(b ^ words[at + 1], 0x85eb_ca77);
    c = Math.imul(c ^ words[at + 2], 0xc2b2_ae3d);
    d = Math.imul(d ^ words[at + 3], 0x27d4_eb2f);
    a ^= a >>> 15;
    b ^= b >>> 13;
    c ^= c >>> 14;
    d ^= d >>> 16;
  }
  for (; at < words.length; at++) a = Math.imul(a ^ words[at], 0x9e37_79b1);
  return Math.imul(a, 0x85eb_ca77) ^ Math.imul(b, 0xc2b2_ae3d) ^ Math.imul(c, 0x27d4_eb2f) ^ d;
}
