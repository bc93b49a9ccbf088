// What an attacker or an accident may put into a file: each is answered with issues, in bounded time and memory.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseResources } from './index.ts';
import {
  MAX_DOCUMENTS,
  MAX_FILE_CHARACTERS,
  MAX_ISSUES,
  MAX_ISSUES_PER_RESOURCE,
  MAX_TOTAL_CHARACTERS,
} from './limits.ts';

const test = suite('hostile');

const HEAD = 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: a\nspec:\n';
const GOOD = `${HEAD}  hosts: [a.example.com]\n  tcp:\n  - route:\n    - destination: { host: b }\n`;

const read = (text: string) => parseResources([{ path: 'x.yaml', text }]);
/** `line:column code` of every issue. */
const issues = (text: string) => read(text).issues.map(({ code, line, column }) => `${line}:${column} ${code}`);
const messages = (text: string) =>
  read(text)
    .issues.map(({ message }) => message)
    .join('\n');

test('a file that is too long is refused unread', () => {
  assert.equal(issues('a'.repeat(MAX_FILE_CHARACTERS + 1)), ['1:1 SLU1004']);
});

test('files that are too long together are refused', () => {
  const text = `#${' '.repeat(MAX_FILE_CHARACTERS - 1)}`;
  const files = Array.from({ length: MAX_TOTAL_CHARACTERS / MAX_FILE_CHARACTERS + 1 }, (_, i) => ({
    path: `${i}`,
    text,
  }));
  assert.equal(
    parseResources(files).issues.map(({ file, code }) => `${file} ${code}`),
    [`${files.length - 1} SLU1004`],
  );
});

test('a million hosts in one resource are refused unread', () => {
  assert.equal(issues(`${HEAD}  hosts:\n${'  - h.example.com\n'.repeat(1_000_000)}`), ['1:1 SLU1004']);
});

test('a million hosts on one line are refused unread', () => {
  const text = `${HEAD}  hosts: [${'h.b, '.repeat(1_000_000)}h.b]\n`;
  assert.equal(
    read(text).issues.map(({ code, line, message }) => `${line} ${code} ${message}`),
    ['6 SLU1004 more than 500000 values'],
  );
});

test('a hundred thousand hosts are read and compared with each other', () => {
  const hosts = Array.from({ length: 100_000 }, (_, i) => `"*.h${i}.example.com"`);
  const set = read(GOOD.replace('[a.example.com]', `[${hosts.join(', ')}, x.h7.example.com]`));
  assert.equal(
    set.issues.map(({ message }) => message),
    ['duplicate hosts in virtual service: *.h7.example.com & x.h7.example.com'],
  );
});

test('more resources than a set may have end the reading', () => {
  const set = read('[]\n---\n'.repeat(MAX_DOCUMENTS + 10));
  assert.ok(set.issues.some(({ code, message }) => code === 'SLU1004' && message.includes('resources')));
});

for (const [name, text] of [
  ['open lists', '['.repeat(100_000)],
  ['closed lists', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['mappings', '{a: '.repeat(50_000)],
  ['list items', `${'- '.repeat(50_000)}a`],
  ['keys', ': '.repeat(50_000)],
  ['complex keys', '? '.repeat(50_000)],
  ['indented mappings', Array.from({ length: 1_000 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')],
] as const) {
  test(`${name} nested too deep are refused`, () => {
    const { issues: found } = read(text);
    assert.is(found[0]?.code, 'SLU1004');
    assert.is(found.length, 1);
  });
}

test('aliases that multiply are refused', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
  const line = (name: string, i: number) =>
    i === 0
      ? 'a: &a [x, x, x, x, x, x, x, x, x]\n'
      : `${name}: &${name} [${Array(9)
          .fill(`*${names[i - 1]}`)
          .join(', ')}]\n`;
  assert.match(messages(names.map(line).join('')), 'more than 1000 aliases');
});

test('few aliases that stand for much are refused by the number of values', () => {
  const big = `a: &a [${'x, '.repeat(10_000)}]\n`;
  assert.match(messages(`${big}b: [${'*a, '.repeat(100)}]\n`), 'more than 500000 values');
});

test('an anchor that contains itself, and an alias without anchor, are errors', () => {
  assert.match(messages('a: &a [*a]'), 'anchor "a" contains itself');
  assert.match(messages('a: *b'), /b/);
  assert.not.ok(read('a: *b').ok);
});

test('anchors and merge keys are resolved, the own keys win', () => {
  const text = `${HEAD}  hosts: [a.example.com]
  tcp:
  - match: [{ port: 80 }]
    route:
    - destination: &there { host: b, subset: v1 }
  - route:
    - destination: { <<: *there, subset: v2 }
`;
  const [resource] = read(text).resources;
  assert.ok(resource?.kind === 'VirtualService');
  const route = resource.kind === 'VirtualService' ? resource.spec.tcp?.[1]?.route : undefined;
  assert.equal(route, [{ destination: { host: 'b', subset: 'v2' } }]);
});

test('a key that stands twice is an error where it stands the second time', () => {
  assert.equal(issues(GOOD.replace('spec:', 'kind: Gateway\nspec:')), ['5:1 SLU1003']);
});

test('prototype keys cannot reach a prototype', () => {
  assert.equal(issues(`${HEAD}  __proto__: { polluted: true }\n`), ['6:3 SLU1005']);
  assert.match(
    messages(`${HEAD}  constructor: { prototype: { polluted: true } }\n`),
    'unknown field "spec.constructor"',
  );
  const json = `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "labels": {"__proto__": "x"}}}`;
  assert.is(read(json).issues[0]?.code, 'SLU1005');
  assert.is(({} as { polluted?: boolean }).polluted, undefined);
});

test('labels may be named like parts of objects', () => {
  const set = read(GOOD.replace('name: a', 'name: a\n  labels: { constructor: x, toString: y, hasOwnProperty: z }'));
  assert.ok(set.ok);
  assert.equal(set.resources[0]?.metadata.labels, { constructor: 'x', toString: 'y', hasOwnProperty: 'z' });
});

test('tabs as indentation are an error at their line', () => {
  assert.equal(issues('apiVersion: v1\n\tkind: Service\n'), ['2:1 SLU1001']);
});

test('CRLF and a byte order mark change nothing', () => {
  const plain = JSON.stringify(read(GOOD).resources);
  assert.is(JSON.stringify(read(GOOD.replaceAll('\n', '\r\n')).resources), plain);
  assert.is(JSON.stringify(read(`\ufeff${GOOD}`).resources), plain);
  assert.is(JSON.stringify(read(`\ufeff---\r\n${GOOD}`).resources), plain);
  const place = (text: string) => read(text).locate('VirtualService/default/a', 'spec.tcp[0].route');
  assert.equal(place(`\ufeff${GOOD}`), place(GOOD));
  assert.equal(place(`\ufeff---\r\n${GOOD.replaceAll('\n', '\r\n')}`), { file: 'x.yaml', line: 9, column: 5 });
});

test('a file with bytes that are not UTF-8 is refused where the first of them stands', () => {
  const file = { path: 'x.yaml', text: GOOD.replace('b }', '\ufffd }'), damaged: true };
  const { issues: found, resources } = parseResources([file, { path: 'y.yaml', text: GOOD }]);
  assert.equal(
    found.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`),
    ['x.yaml:9:28 SLU1001'],
  );
  assert.is(resources.length, 1);
  assert.ok(
    read(file.text).issues.every(({ code }) => code !== 'SLU1001'),
    'as a character it is nothing odd',
  );
});

test('control characters are refused, but not their escapes and not line breaks', () => {
  assert.equal(issues(GOOD.replace('name: a', 'name: "a\0"')), ['4:11 SLU1001']);
  assert.equal(issues(`${GOOD}\u001b[2J`), ['10:1 SLU1001']);
  assert.ok(read(`${GOOD.replaceAll('\n', '\r\n')}\t# "\\u0000"\r\n`).ok);
  assert.equal(issues(GOOD.replace('name: a', 'name: "\\0"')), ['4:3 SLU1019']);
});

test('a merge key with more mappings than a call takes arguments is merged', () => {
  const text = GOOD.replace('metadata:\n', `metadata:\n  <<: [${'{}, '.repeat(200_000)}{ namespace: x }]\n`);
  assert.is(read(text).resources[0]?.metadata.namespace, 'x');
});

for (const [name, text] of [
  ['commas', `[${','.repeat(100_000)}]`],
  ['texts without commas', `[${'"a" '.repeat(100_000)}]`],
  ['comments without space', `[${'a,#\n'.repeat(100_000)}]`],
  ['wrong beginnings', '- @\n'.repeat(100_000)],
] as const) {
  test(`a list of ${name} is refused after a thousand mistakes`, () => {
    assert.match(messages(text), /^more than 1000 syntax errors$/);
  });
}

test('a file in UTF-16 is an error that says so', () => {
  const little = Buffer.from(`\ufeff${GOOD}`, 'utf16le');
  for (const bytes of [
    little,
    Buffer.from(little).swap16(),
    little.subarray(2),
    Buffer.from(little).swap16().subarray(2),
  ]) {
    assert.match(messages(bytes.toString('utf8')), 'save it as UTF-8');
  }
});

test('empty documents, comments and end marks are passed over', () => {
  const set = read(`---\n---\n# nothing\n--- # here\n${GOOD}...\n---\n`);
  assert.ok(set.ok);
  assert.is(set.resources.length, 1);
  assert.is(read('').issues.length, 0);
  assert.is(read('null').issues.length, 0);
});

test('the YAML version may be told, other directives may not', () => {
  assert.ok(read(`%YAML 1.2\n---\n${GOOD}`).ok);
  assert.not.ok(read(`%TAG ! tag:example.com,2000:\n---\n${GOOD}`).ok);
});

test('tags of applications are errors', () => {
  assert.equal(issues('apiVersion: v1\nkind: !mine Service\n'), ['2:7 SLU1006']);
});

test('the items of a List are resources of their own, JSON is YAML', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 0 }] } };
  for (const space of [0, 2, '\t']) {
    const text = JSON.stringify(
      { apiVersion: 'v1', kind: 'List', items: [service, { ...service, spec: {} }] },
      null,
      space,
    );
    const set = read(text);
    assert.equal(
      set.issues.map(({ code, path }) => `${code} ${path}`),
      ['SLU1016 spec.ports[0].port', 'SLU2090 spec.ports', 'SLU1018 metadata.name'],
    );
  }
  assert.equal(read('apiVersion: v1\nkind: List\nitems:\n- kind: Service\n').issues[0]?.line, 4);
});

test('a value that looks like a number where text is asked for is an error that says to quote it', () => {
  const text = GOOD.replace('name: a', 'name: a\n  labels: { version: 1, ready: true, on: yes, quoted: "1" }');
  const found = read(text).issues;
  assert.equal(
    found.map(({ path }) => path),
    ['metadata.labels.version', 'metadata.labels.ready'],
  );
  for (const { message } of found) assert.match(message, 'put it in quotes');
});

test('the booleans of YAML 1.1 are texts', () => {
  const text = GOOD.replace('name: a', 'name: a\n  labels: { a: yes, b: off, c: n }');
  assert.equal(read(text).resources[0]?.metadata.labels, { a: 'yes', b: 'off', c: 'n' });
  assert.match(messages(`${HEAD}  hosts: yes\n`), 'must be a list');
});

test('numbers that JSON cannot hold are refused', () => {
  for (const number of ['.nan', '.inf', '1e400', '0x1FFFFFFFFFFFFFFFFF', '1.5', '-1']) {
    const text = `apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: ${number} }] }\n`;
    assert.not.ok(read(text).ok, number);
  }
});

test('a NUL or a replacement character in a name is refused', () => {
  for (const character of ['\u0000', '\ufffd'])
    assert.not.ok(read(GOOD.replace('name: a', `name: "a${character}"`)).ok);
  assert.not.ok(read(GOOD.replace('kind: V', 'kind: \u0000V')).ok);
});

test('all issues are told at once, in a bounded number, with a count of the rest', () => {
  const many = read(`${HEAD}${Array.from({ length: 300 }, (_, i) => `  x${i}: 1\n`).join('')}`);
  assert.is(many.issues.length, MAX_ISSUES_PER_RESOURCE + 1);
  assert.is(many.issues.at(-1)?.code, 'SLU1008');
  const set = read(
    Array.from({ length: 1_500 }, (_, i) => `${GOOD.replace('name: a', `name: a${i}`)}  x: 1\n`).join('---\n'),
  );
  assert.is(set.issues.length, MAX_ISSUES + 1);
  assert.is(set.issues.at(-1)?.message, '500 more issues are not shown: 500 errors');
});

test('offending values are cut short in messages', () => {
  assert.ok(messages(GOOD.replace('name: a', `name: "${'A!'.repeat(100_000)}"`)).length < 500);
});

test('texts that could be tried in many ways are told to be wrong at once', () => {
  const long = 200_000;
  for (const [from, to] of [
    ['host: b', `host: b, subset: ${'a-'.repeat(long)}`],
    ['name: a', `name: a\n  labels: { ${'a-'.repeat(400)}: x }`],
    ['name: a', `name: ${'a-'.repeat(long)}`],
    ['tcp:', `http: [{ timeout: "${'1'.repeat(long)}" }]\n  tcp:`],
    ['tcp:', `http: [{ headers: { request: { set: { a: "${'%'.repeat(long + 1)}" } } } }]\n  tcp:`],
    ['tcp:', `http: [{ headers: { request: { set: { a: "%A(${'[ "a", '.repeat(long / 10)}" } } } }]\n  tcp:`],
    ['tcp:', `http: [{ match: [{ uri: { regex: "${'(a*)*'.repeat(200)}(" } }] }]\n  tcp:`],
    ['[a.example.com]', `["${'a.'.repeat(long)}"]`],
    ['[a.example.com]', `["*${'-a'.repeat(long)}."]`],
  ] as const) {
    const set = read(GOOD.replace(from, to.replaceAll('$', '$$$$')));
    assert.not.ok(set.ok, to.slice(0, 40));
    for (const { message } of set.issues) assert.ok(message.length < 2_000);
  }
});

test('a key that is too long for YAML is an error', () => {
  assert.not.ok(read(`${'k'.repeat(1_000_000)}: 1\n`).ok);
});

test.run();
