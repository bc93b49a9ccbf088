// Takes a connection's server name in: lower case, and the hash of the name and of each suffix. It runs for every
// connection, so it works on four characters at once, and makes nothing.

import { type Facts, NAME_BYTES, NAME_LAST, NAME_TOO_LONG, STATE } from './facts.ts';
import { MAX_NAME_CHARS, MAX_NAME_LABELS } from './limits.ts';
import { HASH_START, hashEnd, hashWord, restMask, writeText } from './name-text.ts';

/** Bytes can be written as they come where the last of four is a word's highest. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

const HIGH_BITS = 0x8080_8080 | 0;
const LOW_BITS = 0x7f7f_7f7f;
const DOTS = 0x2e2e_2e2e;
/** Added to seven bits, they carry into the eighth from `A` on, and after `Z`. */
const FROM_A = 0x3f3f_3f3f;
const AFTER_Z = 0x2525_2525;

/** Up to 255 characters up to U+00FF, each for a byte as it came, in any case; '' = none given. */
export function setServerName(facts: Facts, serverName: string): void {
  const chars = serverName.length;
  if (chars > MAX_NAME_CHARS) {
    facts.state[STATE.nameChars] = NAME_TOO_LONG;
    return;
  }
  // As UTF-8, which would have to be checked, writing takes twice as long: 55 ns of a look-up's 200.
  if (IS_LITTLE_ENDIAN) facts.nameBytes.write(serverName, NAME_BYTES - chars, 'latin1');
  else writeText(serverName, facts.name, NAME_LAST);
  takeIn(facts, chars);
}

function takeIn({ name, state, suffixChars, suffixHashes }: Facts, chars: number): void {
  let hash = HASH_START;
  let rest = 0;
  let suffixes = 0;
  for (let done = 0; done < chars; done += 4) {
    const at = NAME_LAST - (done >> 2);
    const left = chars - done;
    const word = lowerCase(left < 4 ? name[at] & restMask(left) : name[at]);
    name[at] = word;
    for (let dots = dotBits(word); dots !== 0 && suffixes < MAX_NAME_LABELS; suffixes++) {
      const after = Math.clz32(dots) >> 3;
      suffixChars[suffixes] = done + after;
      suffixHashes[suffixes] = hashEnd(hash, after === 0 ? 0 : word & restMask(after), done + after, true);
      dots &= ~(0x8000_0000 >>> (8 * after));
    }
    if (left < 4) rest = word;
    else hash = hashWord(hash, word);
  }
  state[STATE.nameChars] = chars;
  state[STATE.nameHash] = hashEnd(hash, rest, chars, false);
  state[STATE.suffixes] = suffixes;
}

function lowerCase(word: number): number {
  const seven = word & LOW_BITS;
  const isUpper = ((seven + FROM_A) ^ (seven + AFTER_Z)) & ~word & HIGH_BITS;
  return word | (isUpper >>> 2);
}

/** The high bit of each character that is a dot. */
function dotBits(word: number): number {
  const other = word ^ DOTS;
  return ~(((other & LOW_BITS) + LOW_BITS) | other | LOW_BITS);
}
