// Names as words, from the last characters to the first, four to a word, the last character in the highest bits. A suffix
// is then the beginning of a name, in the same words, so one pass over a server name gives the hash of every suffix on
// its way, and comparing takes a quarter of the steps. The hash is MurmurHash3's for 32 bits.

export const HASH_START = 0;
/** What stands for a character beyond ASCII: in no name of a table. */
const FOREIGN_CODE = 0xff;
const MAX_ASCII = 127;
/** Keeps `example.com` and the suffix of `*.example.com` apart. */
const SUFFIX_SALT = 0x9e37_79b9;

/** Takes in four characters. */
export function hashWord(hash: number, word: number): number {
  const mixed = hash ^ scramble(word);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe654_6b64) | 0;
}

/** Takes in the up to three characters that are left (`rest`, 0 for none), and spreads all over all bits. */
export function hashEnd(hash: number, rest: number, chars: number, isSuffix: boolean): number {
  let mixed = hash ^ scramble(rest) ^ chars ^ (isSuffix ? SUFFIX_SALT : 0);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

function scramble(word: number): number {
  const product = Math.imul(word, 0xcc9e_2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b87_3593);
}

/** Words that a text of so many characters takes. */
export function textWords(chars: number): number {
  return (chars + 3) >> 2;
}

/** The bits of a word in which its `chars` (1..3) characters are. */
export function restMask(chars: number): number {
  return -1 << (32 - 8 * chars);
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

/** The hash of a text whose words end at `last`, as a whole name or as a suffix. */
export function hashText(words: Int32Array, last: number, chars: number, isSuffix: boolean): number {
  let hash = HASH_START;
  const whole = chars >> 2;
  for (let word = 0; word < whole; word++) hash = hashWord(hash, words[last - word]);
  const rest = chars & 3;
  return hashEnd(hash, rest === 0 ? 0 : words[last - whole] & restMask(rest), chars, isSuffix);
}

/** Whether a name's words, down from `last`, end with a table's text, up from `text`. The name has as many characters, or more. */
export function endsWithText(name: Int32Array, last: number, texts: Int32Array, text: number, chars: number): boolean {
  const whole = chars >> 2;
  for (let word = 0; word < whole; word++) {
    if (name[last - word] !== texts[text + word]) return false;
  }
  const rest = chars & 3;
  return rest === 0 || (name[last - whole] & restMask(rest)) === texts[text + whole];
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
