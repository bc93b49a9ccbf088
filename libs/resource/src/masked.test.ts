import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { masked, maskedValue } from './masked.ts';
import { parseResources } from './parse.ts';
import type { Resource } from './resource.ts';

const test = suite('masked');

function parsed(text: string): Resource {
  const set = parseResources([{ path: 'a.yaml', text }]);
  if (!set.ok) throw new Error(JSON.stringify(set.issues));
  return set.resources[0]!;
}

test('of a Secret names and sizes are shown, no values', () => {
  const secret = parsed(
    'apiVersion: v1\nkind: Secret\nmetadata: { name: a }\ntype: Opaque\ndata: { a: c2VjcmV0 }\nstringData: { b: top }\n',
  );
  assert.equal((masked(secret) as { spec: object }).spec, {
    type: 'Opaque',
    data: { a: '(secret, 6 bytes)', b: '(secret, 3 bytes)' },
  });
  assert.equal(maskedValue({ a: 'c2VjcmV0' }), { a: '(secret, 6 bytes)' });
  assert.is(maskedValue(undefined), undefined);
});

test('the copy of the manifest that kubectl keeps is not shown either', () => {
  const copy = 'kubectl.kubernetes.io/last-applied-configuration';
  const secret = parsed(
    `apiVersion: v1\nkind: Secret\nmetadata: { name: a, annotations: { ${copy}: 'c2VjcmV0', other: kept } }\ndata: { a: c2VjcmV0 }\n`,
  );
  assert.equal(masked(secret).metadata.annotations, { [copy]: '(secret)', other: 'kept' });
  assert.not(JSON.stringify(masked(secret)).includes('c2VjcmV0'));
});

test('other resources are shown as they are', () => {
  const service = parsed('apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: 80 }] }\n');
  assert.is(masked(service), service);
});

test.run();
