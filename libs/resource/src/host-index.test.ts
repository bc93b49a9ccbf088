import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hostCovers, hostsOverlap, indexHosts, overlappingHosts } from './host-index.ts';

const test = suite('host-index');

test('a wildcard stands for any text before its suffix', () => {
  assert.ok(hostsOverlap('*.foo.com', 'a.b.foo.com'));
  assert.not.ok(hostsOverlap('*.foo.com', 'foo.com'));
  assert.ok(hostsOverlap('*', 'foo.com'));
  assert.ok(hostsOverlap('*.com', '*.foo.com'));
  assert.ok(hostCovers('*.com', '*.foo.com'));
  assert.not.ok(hostCovers('*.foo.com', '*.com'));
  assert.not.ok(hostCovers('foo.com', '*.foo.com'));
  assert.ok(hostCovers('*', '*'));
});

// Few letters, so that names often cover each other.
const name = fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const host = fc.oneof(
  name,
  name.map((each) => `*.${each}`),
  name.map((each) => `*${each}`),
  fc.constant('*'),
);

/** What a wildcard covers, said as a regular expression. */
const naiveCovers = (cover: string, text: string) =>
  cover.startsWith('*') ? text.endsWith(cover.slice(1)) && text.length >= cover.length - 1 : cover === text;

test('covering agrees with trying names', () => {
  fc.assert(
    fc.property(host, name, (cover, text) => {
      assert.is(hostCovers(cover, text), naiveCovers(cover, text));
    }),
  );
});

test('an index finds a cover exactly if one of the hosts is one', () => {
  fc.assert(
    fc.property(fc.array(host, { maxLength: 8 }), host, (hosts, asked) => {
      const found = indexHosts(hosts).covering(asked);
      assert.is(
        found >= 0,
        hosts.some((each) => hostCovers(each, asked)),
      );
      if (found >= 0) assert.ok(hostCovers(hosts[found]!, asked));
    }),
  );
});

test('overlaps are found exactly if two hosts overlap', () => {
  fc.assert(
    fc.property(fc.array(host, { maxLength: 8 }), (hosts) => {
      const pairs = overlappingHosts(hosts);
      const naive = hosts.some((a, i) => hosts.some((b, j) => i < j && hostsOverlap(a, b)));
      assert.is(pairs.length > 0, naive);
      for (const [i, j] of pairs) assert.ok(i < j && hostsOverlap(hosts[i]!, hosts[j]!));
    }),
  );
});

test.run();
