// Texts, numbers, booleans and null on one line, as YAML 1.2's core schema reads them; what is not surely one is not plain.

/** Says: leave it to the YAML library. */
export const NOT_PLAIN: unique symbol = Symbol('not plain');

const DOUBLE = /^"([ !#-[\]-~]*)"(?: +#.*)?$/;
const SINGLE = /^'([ -&(-~]*)'(?: +#.*)?$/;
const PLAIN = /^[A-Za-z0-9_./][ -~]*$/;
const INTEGER = /^(?:0|[1-9]\d{0,14})$/;
/** Where a number may begin, and what else the core schema knows to begin with a dot. */
const NUMERIC = /^(?:\d|\.(?:\d|inf|nan))/i;

const WORDS = new Map<string, boolean | null>([
  ...['null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/** The value of a scalar that stands alone on its line, with a comment behind it or not. */
export function plainScalar(text: string): unknown {
  const first = text.charCodeAt(0);
  if (first === 0x22) return DOUBLE.exec(text)?.[1] ?? NOT_PLAIN;
  if (first === 0x27) return SINGLE.exec(text)?.[1] ?? NOT_PLAIN;
  const comment = text.indexOf(' #');
  const bare = comment < 0 ? text : text.slice(0, comment).trimEnd();
  if (!PLAIN.test(bare) || bare.endsWith(':') || bare.includes(': ')) return NOT_PLAIN;
  return plainWord(bare);
}

/** The value of a bare word, which holds nothing but plain characters. */
export function plainWord(bare: string): unknown {
  const word = WORDS.get(bare);
  if (word !== undefined) return word;
  if (!NUMERIC.test(bare)) return bare;
  if (INTEGER.test(bare)) return Number(bare);
  // Fractions, exponents, other bases and leading zeros: rare, and full of rules.
  return Number.isNaN(Number(bare)) && !/^\.(?:inf|nan)$/i.test(bare) ? bare : NOT_PLAIN;
}
