import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments, stringify } from 'yaml';
import { splitDocuments } from './document-split.ts';
import { readYamlDocument } from './yaml-document.ts';

const test = suite('yaml-document');

const key = fc
  .oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.constantFrom('a', 'hosts', '1', 'true', 'null', ' ', '- a'))
  .filter((each) => each !== '__proto__' && each !== '<<');
const scalar = fc.oneof(
  fc.string(),
  fc.constantFrom('yes', '1', '0x1', '~', 'null', '---', '...', '# no', 'a: b', ' x', 'x\ny\n', '\t', '1.5', '"', "'"),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(null),
);
const { value: tree } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

/** Minus zero is zero in JSON. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('what the library writes, in any style, is read as it was', () => {
  const style = fc.record({
    indent: fc.integer({ min: 1, max: 4 }),
    collectionStyle: fc.constantFrom<'any' | 'block' | 'flow'>('any', 'block', 'flow'),
    defaultStringType: fc.constantFrom<'PLAIN' | 'QUOTE_DOUBLE' | 'BLOCK_LITERAL'>(
      'PLAIN',
      'QUOTE_DOUBLE',
      'BLOCK_LITERAL',
    ),
    aliasDuplicateObjects: fc.constant(false),
  });
  fc.assert(
    fc.property(tree, style, (value, options) => {
      const text = stringify(value, options);
      const [document] = parseAllDocuments(text);
      // Indented by one, the library writes some texts that it does not read itself.
      if (document === undefined || document.errors.length > 0) return;
      const { value: read, problems } = readYamlDocument(text);
      assert.equal(problems, []);
      assert.equal(plain(read ?? null), plain((document.toJS() as unknown) ?? null));
    }),
    { numRuns: 300 },
  );
});

test('JSON is read as it was', () => {
  fc.assert(
    fc.property(tree, fc.constantFrom(0, 2, '\t'), (value, space) => {
      const { value: read, problems } = readYamlDocument(JSON.stringify(value, null, space));
      assert.equal(problems, []);
      assert.equal(plain(read ?? null), plain(value ?? null));
    }),
    { numRuns: 300 },
  );
});

test('a file is split where the library splits it', () => {
  const line = fc.constantFrom(
    '---',
    '--- # x',
    '...',
    'a: 1',
    'b:',
    '  - c',
    '# x',
    '',
    '--- {d: 2}',
    '----',
    '...x',
    '  ---',
    'e: |',
    '  x',
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 10 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
      const text = lines.join(end);
      const documents = parseAllDocuments(text);
      if (documents.some(({ errors }) => errors.length > 0)) return;
      const theirs = documents.map((document) => document.toJS() as unknown).filter((value) => value !== null);
      const ours = [...splitDocuments(text)].map((part) => readYamlDocument(part.text).value ?? null);
      assert.equal(
        ours.filter((value) => value !== null),
        theirs,
      );
    }),
    { numRuns: 500 },
  );
});

test('every document knows its first line', () => {
  const parts = [...splitDocuments('\ufeffa: 1\n---\nb: 2\r\n...\n\n# x\nc: 3\n--- {d: 4}')];
  assert.equal(
    parts.map(({ line, text }) => [line, text.trim().slice(0, 1)]),
    [
      [1, 'a'],
      [2, 'b'],
      [4, '#'],
      [8, '{'],
    ],
  );
});

test('a field is found by its key, an item by its value, and else the nearest ancestor', () => {
  const text = 'a:\n  b:\n  - x\n  - c: 1\nd: {e: [1, 2]}\n';
  const { find } = readYamlDocument(text);
  const at = (...keys: (string | number)[]) => text.slice(find(keys).offset).split('\n')[0];
  assert.is(at('a'), 'a:');
  assert.is(at('a', 'b'), 'b:');
  assert.is(at('a', 'b', 1), 'c: 1');
  assert.is(at('a', 'b', 1, 'c'), 'c: 1');
  assert.is(at('a', 'b', 7), 'b:');
  assert.is(at('a', 'none', 'deeper'), 'a:');
  assert.is(at('d', 'e', 1), '2]}');
  assert.is(at(), 'a:');
});

test.run();
