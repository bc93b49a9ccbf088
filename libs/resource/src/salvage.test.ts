import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { GatewaySpec } from './gateway.ts';
import { parseResources } from './parse.ts';
import { salvage } from './salvage.ts';
import { VirtualServiceSpec } from './virtual-service.ts';

const test = suite('salvage');

test('leaves alone what fits', () => {
  const spec = { servers: [], selector: { a: 'b' } };
  assert.is(salvage(GatewaySpec, spec), spec);
});

test('fills in what is missing and takes away what does not fit', () => {
  assert.equal(salvage(GatewaySpec, { selector: { istio: 'x' }, colour: 'red' }), {
    selector: { istio: 'x' },
    servers: [],
  });
  assert.equal(
    salvage(VirtualServiceSpec, { hosts: ['a'], tcp: [{ route: [{}, { destination: { host: 'b' }, weight: 'x' }] }] }),
    {
      hosts: ['a'],
      tcp: [{ route: [{ destination: { host: '' } }, { destination: { host: 'b' } }] }],
    },
  );
});

test('gives up where nothing is left', () => {
  assert.is(salvage(GatewaySpec, 'text'), undefined);
});

test('hands refused resources to analysis, and to nothing else', () => {
  const text =
    'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: { name: g }\nspec: { selector: { a: b } }\n';
  const set = parseResources([{ path: 'g.yaml', text }]);
  assert.is(set.ok, false);
  assert.equal(set.resources, []);
  assert.is(set.refused[0]!.kind, 'Gateway');
  assert.equal(set.refused[0]!.spec, { selector: { a: 'b' }, servers: [] });
});

test.run();
