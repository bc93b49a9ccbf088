import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { skip } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { readCorpus } from './fuzz-case.ts';
import { jsonSchemas } from './json-schema.ts';
import { editorErrors } from './json-schema-check.ts';
import { parseResources } from './parse.ts';

const test = suite('json-schema');
const FOLDER = new URL('../../../deploy/schemas/', import.meta.url);
const SAMPLES = new URL('../../../../shared/samples/tcp-echo/', import.meta.url);
const CASES = new URL('../../../../shared/istio-cases/', import.meta.url);

const schemas = jsonSchemas();
const all = schemas.get('all.json')!;
const documents = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as unknown);

test('deploy/schemas is up to date (else run: node libs/resource/src/write-schemas.ts)', () => {
  assert.equal(readdirSync(FOLDER).sort(), [...schemas.keys()].sort());
  for (const [name, schema] of schemas) {
    assert.equal(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')), JSON.parse(JSON.stringify(schema)), name);
  }
});

if (existsSync(SAMPLES)) {
  test('an editor finds nothing wrong with the walk-through', () => {
    for (const name of readdirSync(SAMPLES)) {
      for (const document of documents(readFileSync(new URL(name, SAMPLES), 'utf8'))) {
        assert.equal(editorErrors(all, document), [], name);
      }
    }
  });
} else skip(test, 'an editor finds nothing wrong with the walk-through', '../shared/samples is not here');

test('an editor finds nothing wrong with what is read without errors', () => {
  for (const text of readCorpus()) {
    if (!parseResources([{ path: 'x', text }]).ok || text.includes('<<')) continue;
    for (const document of documents(text)) if (document !== null) assert.equal(editorErrors(all, document), [], text);
  }
});

test('an editor points at misspelt fields, wrong types, unknown values and unknown kinds', () => {
  const errors = (text: string) => documents(text).flatMap((document) => editorErrors(all, document));
  const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: a }
spec: { servers: [{ port: { number: 80, name: a, protocol: TCP }, hosts: ["*"], tls: { mode: SIMPLE } }] }
`;
  assert.equal(errors(gateway), []);
  assert.equal(errors(gateway.replace('hosts', 'host')), [
    '.spec.servers[0].hosts: missing',
    '.spec.servers[0].host: unknown',
  ]);
  assert.equal(errors(gateway.replace('80', '"80"')), ['.spec.servers[0].port.number: not of type integer']);
  assert.match(errors(gateway.replace('SIMPLE', 'SIMPEL')).join(), '.spec.servers[0].tls.mode: not one of');
  assert.match(errors(gateway.replace('kind: Gateway', 'kind: Gatway')).join(), '.kind: not one of');
  assert.match(errors(gateway.replace('/v1', '/v2')).join(), '.apiVersion: not one of');
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documents(gateway.replace('hosts', 'host')) });
  assert.equal(errors(list), ['.items[0].spec.servers[0].hosts: missing', '.items[0].spec.servers[0].host: unknown']);
});

if (existsSync(CASES)) {
  test("an editor finds nothing wrong with Istio's valid cases, and reading refuses all that an editor does", () => {
    for (const folder of ['validation/', 'crd/']) {
      for (const name of readdirSync(new URL(folder, CASES))) {
        const text = readFileSync(new URL(`${folder}${name}`, CASES), 'utf8');
        const found = documents(text).flatMap((document) => editorErrors(all, document));
        if (found.length > 0) assert.not.ok(parseResources([{ path: name, text }]).ok, `${name}: ${found.join('; ')}`);
      }
    }
  });
} else skip(test, "an editor and Istio's cases", '../shared/istio-cases is not here');

test.run();
