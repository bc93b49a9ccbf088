// The YAML library's step from tokens to nodes, ended where a document has more mistakes than anybody reads.
// Its errors are objects with a stack each: of a list of nothing but commas they were a gigabyte for a million.
import { Composer, type CST, type Document } from 'yaml';
import { MAX_SYNTAX_ERRORS } from './limits.ts';

export type Composed =
  | { readonly ok: true; readonly document: Document.Parsed | undefined }
  | { readonly ok: false; readonly message: string; readonly offset: number };

/** Where the library says that a mistake is: an offset, a range, or something that has one. */
type Source = number | readonly number[] | { readonly offset: number };
type Tell = (source: Source, ...rest: readonly unknown[]) => void;

class TooManyErrors extends Error {
  readonly offset: number;
  constructor(offset: number) {
    super(`more than ${MAX_SYNTAX_ERRORS} syntax errors`);
    this.offset = offset;
  }
}

/** The first document of the tokens, undefined if there is none. Never throws. `end` is the length of the text. */
export function compose(tokens: readonly CST.Token[], end: number): Composed {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
  });
  // biome-ignore lint/complexity/useLiteralKeys: private to the library, which has no other way to end early
  const tell: Tell = composer['onError'];
  let errors = 0;
  // biome-ignore lint/complexity/useLiteralKeys: private to the library, which has no other way to end early
  composer['onError'] = ((source, ...rest) => {
    if (++errors > MAX_SYNTAX_ERRORS) throw new TooManyErrors(offsetOf(source));
    tell(source, ...rest);
  }) satisfies Tell;
  try {
    return { ok: true, document: [...composer.compose(tokens, true, end)][0] };
  } catch (error) {
    if (error instanceof TooManyErrors) return { ok: false, message: error.message, offset: error.offset };
    throw error;
  }
}

function offsetOf(source: Source): number {
  if (typeof source === 'number') return source;
  return 'offset' in source ? source.offset : (source[0] ?? 0);
}
