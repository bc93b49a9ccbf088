import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseResources } from './parse.ts';

const test = suite('list');

const service = (name: string) =>
  `{ apiVersion: v1, kind: Service, metadata: { name: ${name} }, spec: { ports: [{ port: 80 }] } }`;
const read = (text: string) => {
  const { resources, issues } = parseResources([{ path: 'x.yaml', text }]);
  return {
    names: resources.map(({ metadata }) => metadata.name),
    issues: issues.map(({ code, line, column, message }) => `${line}:${column} ${code} ${message}`),
  };
};

test('the items of a List are read, and those of Lists inside it', () => {
  const inner = `{ apiVersion: v1, kind: List, items: [${service('b')}, { apiVersion: v1, kind: ServiceList, items: [${service('c')}] }] }`;
  assert.equal(read(`apiVersion: v1\nkind: List\nitems:\n- ${service('a')}\n- ${inner}\n- ${service('d')}\n`), {
    names: ['a', 'b', 'c', 'd'],
    issues: [],
  });
});

test('a mistake in an item of an inner List has its place', () => {
  const text = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - ${service('a').replace('80', '"x"')}\n`;
  assert.match(read(text).issues.join(), /^7:\d+ SLU1014 /);
});

for (const [name, rest] of [
  ['without items', ''],
  ['of no items', 'items: []\n'],
  ['with items null', 'items: null\n'],
] as const) {
  test(`a List ${name} holds nothing, and nothing is wrong with that`, () => {
    assert.equal(read(`apiVersion: v1\nkind: List\nmetadata: {}\n${rest}`), { names: [], issues: [] });
  });
}

test('items that are no resources are refused at their places, and the others read', () => {
  const found = read(`apiVersion: v1\nkind: List\nitems:\n- text\n- null\n- [1]\n- ${service('a')}\n- {}\n`);
  assert.equal(found.names, ['a']);
  assert.equal(
    found.issues.map((issue) => issue.split(' ').slice(0, 2).join(' ')),
    ['4:3 SLU1002', '5:3 SLU1002', '6:3 SLU1002', '8:3 SLU1013', '8:3 SLU1013'],
  );
});

test('items that are no list are refused', () => {
  assert.equal(read('apiVersion: v1\nkind: List\nitems: { a: 1 }\n').issues, [
    '3:1 SLU1014 items: Invalid value: must be a list of resources (in a List)',
  ]);
});

test('a List needs its apiVersion, and has only one', () => {
  assert.match(
    read(`kind: List\nitems: [${service('a')}]\n`).issues.join(),
    /^1:\d+ SLU1013 apiVersion: Required value/,
  );
  assert.match(read(`apiVersion: v2\nkind: List\nitems: []\n`).issues.join(), /^1:\d+ SLU1011 .*it is of "v1"$/);
  assert.match(read(`apiVersion: v1\nkind: Lists\nspec: {}\n`).issues.join(), /SLU1010 unknown kind "Lists"/);
});

test.run();
