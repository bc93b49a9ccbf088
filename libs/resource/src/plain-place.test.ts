// Places in plain documents against those of the library, and where the library reads no more.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { readDocument } from './document.ts';
import type { FieldKeys } from './field-path.ts';
import { placesInPlainYaml } from './plain-place.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { readYamlDocument } from './yaml-document.ts';

const test = suite('plain-place');

const { value: tree } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b c', '1.2.3.4', 80, true),
    fc.array(tie('value'), { minLength: 1, maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'host', 'x-y', 'ports'), tie('value'), { minKeys: 1, maxKeys: 4 }),
  ),
}));

/** The ways to everything inside a value, and one step beyond. */
function* waysIn(value: unknown, way: FieldKeys = []): Generator<FieldKeys> {
  yield way;
  yield [...way, 'missing'];
  yield [...way, 99];
  if (typeof value !== 'object' || value === null) return;
  const entries: Iterable<[string | number, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, inner] of entries) yield* waysIn(inner, [...way, key]);
}

test('what is found in a plain document is what the library finds', () => {
  let compared = 0;
  fc.assert(
    fc.property(tree, fc.integer({ min: 2, max: 4 }), fc.boolean(), (value, indent, indentSeq) => {
      const text = `# c\n${stringify(value, { indent, indentSeq }).replace(/:\n/g, ': # d\n\n')}`;
      if (readPlainYaml(text) === undefined) return;
      const { find } = readYamlDocument(text);
      const findPlain = placesInPlainYaml(text);
      for (const way of waysIn(value)) {
        compared++;
        assert.equal(findPlain(way), find(way), `${JSON.stringify(way)} in\n${text}`);
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(compared > 200, `${compared} places compared`);
});

test('a place in a plain document that is too large for the library is right', () => {
  const text = `a:\n${Array.from({ length: 251_000 }, (_, i) => `  k${i}: v\n`).join('')}b: [c]\n`;
  assert.is(readYamlDocument(text).problems[0]?.code, 'SLU1004');
  const { find } = readDocument(text);
  assert.equal(find(['a', 'k250999']), { offset: text.indexOf('k250999'), depth: 2 });
  assert.equal(find(['b', 0]), { offset: text.indexOf('b: [c]'), depth: 1 });
});

test.run();
