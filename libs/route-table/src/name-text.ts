// Names as words, from the last characters to the first, four to a word, the last character in the highest bits. A suffix
// is then the beginning of a name, in the same words, so one pass over a server name gives the hash of every suffix on
// its way, and comparing takes a quarter of the steps. The hash takes a word in as FxHash does, and ends as MurmurHash3 for 32 bits.

/** With what Buffer's `write` ends in for latin1: where V8 takes `write` into the code around it, 33 ns of a look-up's 160 go. */
export type TextBytes = Buffer & { latin1Write(text: string, at: number, chars: number): number };

export const HASH_START = 0;
/** What stands for a character beyond ASCII: in no name of a table. */
const FOREIGN_CODE = 0xff;
const MAX_ASCII = 127;
/** Keeps `example.com` and the suffix of `*.example.com` apart. */
const SUFFIX_SALT = 0x9e37_79b9;

const LOWEST_BITS = 0x0101_0101;
const DOTS = 0x2e2e_2e2e;
/** A product with it has the lowest bits of four bytes in its four highest, that of the highest byte as the lowest. */
const GATHER = 0x8040_2010 | 0;

/** Takes in four characters. No addition: one that leaves 31 bits is done with floating point. */
export function hashWord(hash: number, word: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ word, 0x9e37_79b1);
}

/** Takes in the first one to four characters, which are the last word of the text, and spreads all over all bits. */
export function hashEnd(hash: number, first: number, chars: number, isSuffix: boolean): number {
  let mixed = hashWord(hash, first) ^ chars ^ (isSuffix ? SUFFIX_SALT : 0);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

/** Words that a text of so many characters takes. */
export function textWords(chars: number): number {
  return (chars + 3) >> 2;
}

/** The bits of the word with a text's first characters in which they are. */
export function firstMask(chars: number): number {
  return -1 << (8 * (-chars & 3));
}

/** Writes a text into words that end at `last`: the bytes up to there read as the text, on a little-endian machine. */
export function writeText(text: string, words: Int32Array, last: number): void {
  const chars = text.length;
  for (let done = 0; done < chars; done += 4) {
    let word = 0;
    for (let place = done; place < done + 4 && place < chars; place++) {
      const code = text.charCodeAt(chars - 1 - place);
      word |= (code <= MAX_ASCII ? code : FOREIGN_CODE) << (24 - 8 * (place - done));
    }
    words[last - (done >> 2)] = word;
  }
}

/** The hash of a text of one character or more whose words end at `last`, as a whole name or as a suffix. */
export function hashText(words: Int32Array, last: number, chars: number, isSuffix: boolean): number {
  let hash = HASH_START;
  const whole = (chars - 1) >> 2;
  for (let word = 0; word < whole; word++) hash = hashWord(hash, words[last - word]);
  return hashEnd(hash, words[last - whole] & firstMask(chars), chars, isSuffix);
}

/** Whether a name's words, down from `last`, end with a table's text, up from `text`, of which it has as many characters or more. */
export function endsWithText(name: Int32Array, last: number, texts: Int32Array, text: number, chars: number): boolean {
  const whole = (chars - 1) >> 2;
  for (let word = 0; word < whole; word++) {
    if (name[last - word] !== texts[text + word]) return false;
  }
  return chars === 0 || (name[last - whole] & firstMask(chars)) === texts[text + whole];
}

/** Whether a name of `nameChars` characters begins with a table's text. */
export function beginsWithText(
  name: Int32Array,
  last: number,
  nameChars: number,
  texts: Int32Array,
  text: number,
  chars: number,
): boolean {
  for (let place = 0; place < chars; place++) {
    const further = nameChars - chars + place;
    const code = name[last - (further >> 2)] >>> (24 - 8 * (further & 3));
    if ((code & 0xff) !== ((texts[text + (place >> 2)] >>> (24 - 8 * (place & 3))) & 0xff)) return false;
  }
  return true;
}

/** A bit for each character that is a dot, the lowest for the last one. */
export function dotBits(word: number): number {
  const other = word ^ DOTS;
  const halves = other | (other >>> 4);
  const quarters = halves | (halves >>> 2);
  const isDot = ~(quarters | (quarters >>> 1)) & LOWEST_BITS;
  return Math.imul(isDot, GATHER) >>> 28;
}
