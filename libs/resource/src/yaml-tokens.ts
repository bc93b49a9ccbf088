// The tokens of one YAML document, taken one lexeme at a time so that what is too deep or too much ends before it takes memory.
// Says nothing of what the tokens mean.
import { CST, Lexer, Parser } from 'yaml';
import type { Code } from './codes.ts';
import {
  MAX_DEPTH,
  MAX_DOCUMENT_LEXEMES,
  MAX_DOCUMENT_NODES,
  MAX_NODE_PROPERTIES,
  MAX_SYNTAX_ERRORS,
} from './limits.ts';

export type Tokens =
  | { readonly ok: true; readonly tokens: readonly CST.Token[] }
  | { readonly ok: false; readonly code: Code; readonly message: string; readonly offset: number };

/** The parser holds one open token for the document, and up to two for the scalar and the place it stands in. */
const OPEN_BESIDES_NESTING = 3;

type Kinds = ReadonlySet<CST.TokenType | null>;
/** `scalar` goes before the text of a plain or block scalar. */
const VALUES: Kinds = new Set(['scalar', 'single-quoted-scalar', 'double-quoted-scalar', 'alias'] as const);
const PROPERTIES: Kinds = new Set(['anchor', 'tag'] as const);

/** Every escape of a double-quoted text; the group is there if one of those with digits is cut short (YAML 1.2.2, 5.7). */
const ESCAPE = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[^xuU]|([xuU]))/g;
const PLAIN_ESCAPES = '0abtnvfre "/\\N_LP\t\r\n';

/** Reads the tokens of one document; never throws. */
export function readTokens(text: string): Tokens {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  const counts = { lexemes: 0, values: 0, properties: 0, errors: 0 };
  for (const lexeme of new Lexer().lex(text)) {
    const type = CST.tokenType(lexeme);
    counts.lexemes++;
    if (VALUES.has(type)) counts.values++;
    else if (PROPERTIES.has(type)) counts.properties++;
    if (type === 'double-quoted-scalar') counts.errors += wrongEscapes(lexeme);
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error') counts.errors++;
      tokens.push(token);
    }
    const [code, message] = exceeded(counts, parser.stack.length - OPEN_BESIDES_NESTING);
    if (code !== undefined) return { ok: false, code, message, offset: parser.offset };
  }
  for (const token of parser.end()) tokens.push(token);
  return { ok: true, tokens };
}

interface Counts {
  readonly lexemes: number;
  readonly values: number;
  readonly properties: number;
  readonly errors: number;
}

const WITHIN = [undefined, ''] as const;

function exceeded({ lexemes, values, properties, errors }: Counts, depth: number): readonly [Code | undefined, string] {
  if (depth > MAX_DEPTH) return ['SLU1004', `nested deeper than ${MAX_DEPTH} levels`];
  if (values > MAX_DOCUMENT_NODES) return ['SLU1004', `more than ${MAX_DOCUMENT_NODES} values`];
  if (lexemes > MAX_DOCUMENT_LEXEMES) return ['SLU1004', `more than ${MAX_DOCUMENT_LEXEMES} lexemes`];
  if (properties > MAX_NODE_PROPERTIES) return ['SLU1004', `more than ${MAX_NODE_PROPERTIES} anchors and tags`];
  if (errors > MAX_SYNTAX_ERRORS) return ['SLU1001', `more than ${MAX_SYNTAX_ERRORS} syntax errors`];
  return WITHIN;
}

/** How many escapes of a double-quoted text YAML does not know, counted as far as it matters. */
function wrongEscapes(quoted: string): number {
  if (!quoted.includes('\\')) return 0;
  let wrong = 0;
  for (const [found, cut] of quoted.matchAll(ESCAPE)) {
    if (cut === undefined && (found.length > 2 || PLAIN_ESCAPES.includes(found[1]!))) continue;
    if (++wrong > MAX_SYNTAX_ERRORS) break;
  }
  return wrong;
}
