import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { canonicalJson, digestOf } from './canonical.ts';
import { parseDurationMs } from './duration.ts';
import { formatFieldPath, parseFieldPath } from './field-path.ts';
import { nearest } from './nearest.ts';
import { protocolFamily } from './protocol.ts';

const test = suite('values');

test('durations are read in the units of Go and of protobuf', () => {
  for (const [text, ms] of [
    ['10s', 10_000],
    ['1.5s', 1_500],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['0s', 0],
    ['0', 0],
    ['.5s', 500],
    ['1us', 0.001],
    ['-1s', -1_000],
    ['5.000000009s', 5_000.000009],
  ] as const) {
    assert.is(parseDurationMs(text), ms, text);
  }
  for (const text of ['', '1', 's', '1 s', '1d', '1s ', '1s1', '--1s', '1..5s', 'Infinitys']) {
    assert.is(parseDurationMs(text), undefined, text);
  }
});

test('a field path is read back as it was written', () => {
  const key = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('spec', 'a.b/c', 'x[0]', '"', '\\'), fc.nat(1e6));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 6 }), (keys) => {
      assert.equal(parseFieldPath(formatFieldPath(keys)), keys);
    }),
  );
  assert.is(formatFieldPath(['spec', 'servers', 0, 'port']), 'spec.servers[0].port');
  assert.is(formatFieldPath(['metadata', 'labels', 'a.b/c']), 'metadata.labels["a.b/c"]');
});

test('canonical JSON is JSON, whatever the order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      assert.is(canonicalJson(reversed(value)), text);
      assert.is(digestOf(value), digestOf(JSON.parse(text)));
    }),
  );
  assert.is(canonicalJson({ b: undefined, a: [1, { d: null, c: 'x' }] }), '{"a":[1,{"c":"x","d":null}]}');
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

test('a misspelt word is told apart from another one', () => {
  const known = ['hosts', 'host', 'port', 'selector', 'servers'];
  assert.is(nearest('hots', known), 'hosts');
  assert.is(nearest('Selector', known), 'selector');
  assert.is(nearest('sevrers', known), 'servers');
  assert.is(nearest('somethingElse', known), undefined);
  assert.is(nearest('x'.repeat(10_000), known), undefined);
});

test('protocols are known in any case', () => {
  assert.is(protocolFamily('Tcp'), 'tcp');
  assert.is(protocolFamily('GRPC-Web'), 'http');
  assert.is(protocolFamily('https'), 'tls');
  assert.is(protocolFamily('UDP'), 'udp');
  assert.is(protocolFamily('kafka'), undefined);
});

test.run();
