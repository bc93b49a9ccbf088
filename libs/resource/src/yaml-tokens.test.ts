import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CST, Parser } from 'yaml';
import { readCorpus } from './fuzz-case.ts';
import {
  MAX_DEPTH,
  MAX_DOCUMENT_CHARACTERS,
  MAX_DOCUMENT_LEXEMES,
  MAX_DOCUMENT_NODES,
  MAX_NODE_PROPERTIES,
  MAX_SYNTAX_ERRORS,
} from './limits.ts';
import { readTokens } from './yaml-tokens.ts';

const test = suite('yaml-tokens');

const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}a${close.repeat(depth)}`;

test('what is within the limits has the tokens that the library gives', () => {
  const texts = [...readCorpus(), '', 'a: 1', '"\\x41\\u00e9\\\n b"', nested('[', ']', 60), '- '.repeat(60)];
  for (const text of texts) {
    const read = readTokens(text);
    assert.ok(read.ok, text.slice(0, 80));
    assert.equal(read.ok && read.tokens.map(CST.stringify), [...new Parser().parse(text)].map(CST.stringify));
  }
});

/** As long as a document may be: were it all read before it is refused, it would take gigabytes. */
const full = (unit: string, head = '') =>
  head + unit.repeat(Math.floor((MAX_DOCUMENT_CHARACTERS - head.length) / unit.length));

/** What is refused long before the end of a full document. */
const EARLY = /levels|anchors/;
const DEEP = `nested deeper than ${MAX_DEPTH} levels`;
const CASES: readonly (readonly [string, string, string])[] = [
  ['lists', full('['), DEEP],
  ['mappings', full('{'), DEEP],
  ['block lists', full('- '), DEEP],
  ['complex keys', full('? '), DEEP],
  ['keys', full('a: '), DEEP],
  ['values', full('a,', '['), `more than ${MAX_DOCUMENT_NODES} values`],
  ['line breaks', full('\n', 'a: ['), `more than ${MAX_DOCUMENT_LEXEMES} lexemes`],
  ['anchors', full('&a '), `more than ${MAX_NODE_PROPERTIES} anchors and tags`],
  ['tags', full('!a '), `more than ${MAX_NODE_PROPERTIES} anchors and tags`],
  ['brackets without a beginning', full('}'), `more than ${MAX_SYNTAX_ERRORS} syntax errors`],
  ['wrong escapes', `${full('\\q', '"')}"`, `more than ${MAX_SYNTAX_ERRORS} syntax errors`],
  ['escapes that are cut short', `${full('\\xz', '"')}"`, `more than ${MAX_SYNTAX_ERRORS} syntax errors`],
];

for (const [name, text, message] of CASES) {
  test(`a document full of ${name} is left at its limit`, () => {
    const read = readTokens(text);
    assert.is(read.ok ? 'read' : read.message, message);
    if (EARLY.test(message)) assert.ok(!read.ok && read.offset < 100_000, 'left too late');
  });
}

test('nesting up to the limit is read, whatever it is made of', () => {
  for (const text of [nested('[', ']', MAX_DEPTH), nested('{a: ', '}', MAX_DEPTH), `${'- '.repeat(MAX_DEPTH)}a`]) {
    assert.ok(readTokens(text).ok, text.slice(0, 40));
  }
});

test.run();
