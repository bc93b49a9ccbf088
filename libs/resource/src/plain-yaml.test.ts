// The fast reader against the library: where it gives a value, it is the library's, and the library finds nothing wrong.
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { splitDocuments } from './document-split.ts';
import { mutated, readCorpus, seededRandom } from './fuzz-case.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { readYamlDocument } from './yaml-document.ts';

const test = suite('plain-yaml');

/** Undefined where the reader leaves the text to the library. */
function checked(text: string): unknown {
  const value = readPlainYaml(text);
  if (value === undefined) return undefined;
  const { value: expected, problems } = readYamlDocument(text);
  assert.equal(problems, [], JSON.stringify(text));
  assert.equal(value, expected, JSON.stringify(text));
  return value;
}

const scalars = [
  ...[
    'a',
    '1',
    '0',
    '01',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x1f',
    '0o17',
    '.5',
    '.inf',
    '.NaN',
    '1_000',
    '9007199254740993',
    '10s',
    '1.2.3.4',
  ],
  ...[
    'true',
    'True',
    'yes',
    'null',
    '~',
    'NULL',
    '""',
    "''",
    '"a b"',
    "'a b'",
    '"a\\n"',
    "'a''b'",
    'a b',
    'a  b',
    'a: b',
    'a:b',
    'a#b',
    'a #b',
  ],
  ...[
    '*a',
    '&a',
    '!a',
    '|',
    '>',
    '-',
    '-a',
    '- a',
    '?',
    '? a',
    ':',
    '%a',
    '@a',
    '`',
    '[',
    ']',
    '{',
    '}',
    ',',
    '#',
    '"',
    "'",
    'ä',
    '\t',
    '...',
    '---',
  ],
  ...[
    '[]',
    '{}',
    '[a, b]',
    '[ a , "b c" ]',
    '{ a: 1, b: [x, {c: 2}] }',
    '{a: 1}',
    '{a:1}',
    '{"a": 1}',
    '[a, ]',
    '[a b, c]',
    '{ a: }',
    '[[1], [2]]',
  ],
  ...[
    '{ a: 1, a: 2 }',
    '[a]b',
    '[a] # c',
    '[a]#c',
    '{ __proto__: 1 }',
    '["a","b"]',
    '[-1]',
    '[1.5]',
    '[true, null, ~]',
    '[a:b]',
    '[a: b]',
    '[0x1]',
  ],
];

test('lines in any order are read as the library reads them, or left to it', () => {
  const indent = fc.integer({ min: 0, max: 4 }).map((spaces) => ' '.repeat(spaces));
  const opening = fc.constantFrom(
    '',
    '- ',
    '-  ',
    '- - ',
    'a: ',
    'b: ',
    'c:',
    '- a: ',
    '- b:',
    'a:\t',
    '"a": ',
    'a : ',
    '-',
    '<<: ',
    '__proto__: ',
    '# ',
  );
  const line = fc
    .tuple(indent, opening, fc.constantFrom(...scalars), fc.constantFrom('', ' ', ' # c', '#', '\r'))
    .map((parts) => parts.join(''));
  let read = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      if (checked(lines.join('\n')) !== undefined) read++;
    }),
    { numRuns: 8_000 },
  );
  assert.ok(read > 100, `only ${read} were plain`);
});

test('every scalar behind a key and in a list', () => {
  for (const scalar of scalars) {
    for (const text of [
      `a: ${scalar}`,
      `- ${scalar}`,
      `a:\n- ${scalar}\nb: 1`,
      `a: [${scalar}]`,
      `a: { b: ${scalar} }`,
      `a:\n  ${scalar}`,
    ]) {
      checked(text);
    }
  }
});

test('the corpus and its mutations', () => {
  const random = seededRandom(7);
  const corpus = readCorpus();
  for (let run = 0; run < 3_000; run++) {
    const text =
      run < corpus.length
        ? corpus[run]!
        : mutated(corpus[random(corpus.length)]!, corpus[random(corpus.length)]!, random);
    for (const part of splitDocuments(text)) checked(part.text);
  }
});

test('what resources are mostly made of is plain', () => {
  const text = `# a comment
apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata:
  name: "edge"
  labels: { app: echo, version: 'v1' }
spec:
  selector:
    istio: ingressgateway # use istio default controller
  servers:
  - port:
      number: 31400
      name: tcp
      protocol: TCP
    hosts:
    - "*"
  -
    port: {number: 80, name: http, protocol: HTTP}
    hosts: ["a.example.com", b.example.com]\r
    empty:

`;
  assert.equal(checked(text), {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'Gateway',
    metadata: { name: 'edge', labels: { app: 'echo', version: 'v1' } },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [
        { port: { number: 31400, name: 'tcp', protocol: 'TCP' }, hosts: ['*'] },
        {
          port: { number: 80, name: 'http', protocol: 'HTTP' },
          hosts: ['a.example.com', 'b.example.com'],
          empty: null,
        },
      ],
    },
  });
});

test('deep and long documents are left to the library', () => {
  assert.is(readPlainYaml(Array.from({ length: 100 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')), undefined);
  assert.is(readPlainYaml(`a: ${'['.repeat(100)}${']'.repeat(100)}`), undefined);
  assert.is(readPlainYaml('a:\n' + '- b\n'.repeat(600_000)), undefined);
});

test.run();
