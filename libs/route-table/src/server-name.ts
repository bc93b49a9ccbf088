// Takes a connection's server name in: lower case and hash, and where its dots are if anybody asks. It runs for every
// connection, so it works on four characters at once, and makes nothing.

import { type Facts, NAME_BYTES, NAME_LAST, NAME_TOO_LONG, STATE } from './facts.ts';
import { MAX_NAME_CHARS } from './limits.ts';
import { firstMask, HASH_START, hashEnd, hashWord, textWords, writeText } from './name-text.ts';

/** Bytes can be written as they come where the last of four is a word's highest. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

// Constants of this module's own are folded into the code; imported ones are read, and checked, at every use.
const LAST = NAME_LAST;
const BYTES = NAME_BYTES;
const START = HASH_START;
const MAX_CHARS = MAX_NAME_CHARS;
const { nameChars: CHARS, nameHash: HASH } = STATE;

const HIGH_BITS = 0x8080_8080 | 0;
const LOW_BITS = 0x7f7f_7f7f;
/** Added to seven bits, they carry into the eighth from `A` on, and after `Z`. */
const FROM_A = 0x3f3f_3f3f;
const AFTER_Z = 0x2525_2525;
/** What the characters from `@` to `_` have, if the bit below is not set. */
const CAPITALS = 0x4040_4040;

/** Up to 255 characters up to U+00FF, each for a byte as it came, in any case; '' = none given. */
export function setServerName(facts: Facts, serverName: string): void {
  const { state, name, nameBytes } = facts;
  const chars = serverName.length;
  if (chars > MAX_CHARS) {
    state[CHARS] = NAME_TOO_LONG;
    return;
  }
  state[CHARS] = chars;
  if (chars === 0) return;
  if (IS_LITTLE_ENDIAN) nameBytes.latin1Write(serverName, BYTES - chars, chars);
  else writeText(serverName, name, LAST);
  name[LAST - ((chars - 1) >> 2)] &= firstMask(chars);
  if (!hashName(facts, chars)) return;
  for (let word = 0; word < textWords(chars); word++) name[LAST - word] = lowerCase(name[LAST - word]);
  hashName(facts, chars);
}

/** Whether there may be a capital: seldom, so that nothing is written back for the others, which halves the time. */
function hashName({ state, name, partHashes }: Facts, chars: number): boolean {
  const first = (chars - 1) >> 2;
  let hash = START;
  let capitals = 0;
  for (let done = 0; done < first; done++) {
    const word = name[LAST - done];
    capitals |= word & ~(word << 1);
    partHashes[done] = hash;
    hash = hashWord(hash, word);
  }
  const word = name[LAST - first];
  partHashes[first] = hash;
  state[HASH] = hashEnd(hash, word, chars, false);
  return ((capitals | (word & ~(word << 1))) & CAPITALS) !== 0;
}

function lowerCase(word: number): number {
  const seven = word & LOW_BITS;
  const isUpper = ((seven + FROM_A) ^ (seven + AFTER_Z)) & ~word & HIGH_BITS;
  return word | (isUpper >>> 2);
}
