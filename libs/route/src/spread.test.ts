import type { Resource } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isTooFar, MAX_SPREAD, spreadOf, spreadOfAll } from './spread.ts';

const test = suite('lists that multiply');

test('a list that is looked at once counts nothing, however long', () => {
  assert.is(spreadOf(entry({ hosts: 1, endpoints: 5_000 })), 0);
  assert.is(spreadOf(entry({ hosts: 5_000 })), 0);
  assert.is(spreadOf(resource('VirtualService', { hosts: list(3_000), tcp: [{ route: list(2_000) }] })), 0);
  assert.is(spreadOf(resource('TLSRoute', { hostnames: list(16) })), 0);
  assert.is(spreadOf(resource('DestinationRule', { subsets: list(3_000), exportTo: list(3_000) })), 0);
  assert.not(isTooFar(spreadOfAll(list(1_000).map(() => entry({ hosts: 1, endpoints: 2_000 })))));
});

test('lists that multiply count what they come to beyond the longest of them', () => {
  assert.is(spreadOf(entry({ hosts: 3, exportTo: 4, ports: 5, endpoints: 10 })), 3 * 4 * 5 - 5 + 2 * 10);
  assert.is(
    spreadOf(resource('VirtualService', { hosts: list(3), exportTo: list(4), http: [{ route: list(2), mirror: {} }] })),
    (4 - 1) * (3 + 3),
  );
  assert.is(spreadOf(resource('TLSRoute', { hostnames: list(16), parentRefs: list(32) })), 16 * 32 - 32);
  assert.ok(isTooFar(MAX_SPREAD + 1));
  assert.not(isTooFar(MAX_SPREAD));
});

function entry(lengths: Readonly<Record<string, number>>): Resource {
  return resource(
    'ServiceEntry',
    Object.fromEntries(Object.entries(lengths).map(([name, length]) => [name, list(length)])),
  );
}

function list(length: number): object[] {
  return Array.from({ length }, () => ({}));
}

function resource(kind: string, spec: object): Resource {
  return { kind, metadata: { name: 'a' }, spec } as unknown as Resource;
}

test.run();
