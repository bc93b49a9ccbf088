import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSubsetOf, overlaps } from './host.ts';
import { addHost, firstHost, newHostIndex } from './host-index.ts';

const test = suite('host');

test('overlap is what Istio has it to be', () => {
  assert.ok(overlaps('*', 'a.com'));
  assert.ok(overlaps('*.foo.com', 'a.b.foo.com'));
  assert.not(overlaps('*.foo.com', 'foo.com'));
  assert.ok(overlaps('*.com', '*.foo.com'));
  assert.ok(overlaps('*foo.com', 'barfoo.com'));
  assert.not(overlaps('*.a.com', '*.b.com'));
});

test('a subset is one way', () => {
  assert.ok(isSubsetOf('a.foo.com', '*.foo.com'));
  assert.not(isSubsetOf('*.foo.com', 'a.foo.com'));
  assert.ok(isSubsetOf('*.a.foo.com', '*.foo.com'));
  assert.not(isSubsetOf('*.com', '*.foo.com'));
});

const name = fc
  .tuple(
    fc.constantFrom('', '*', '*.', '*a', '*.b.'),
    fc.array(fc.constantFrom('a', 'b', 'ab', 'com'), { minLength: 1, maxLength: 3 }),
  )
  .map(([start, labels]) => (start === '*' ? '*' : start + labels.join('.')));

test('the index finds the first of those that overlap', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 6 }), name, (names, host) => {
      const index = newHostIndex();
      names.forEach((one, position) => {
        addHost(index, one, position);
      });
      assert.is(
        firstHost(index, host),
        names.findIndex((one) => overlaps(one, host)),
      );
    }),
    { numRuns: 5000 },
  );
});

test.run();
