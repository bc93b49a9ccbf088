// The ClientHello parser against the plain second one (client-hello-oracle.ts), at every beginning of every stream.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ClientHelloVerdict, inspectClientHello } from './client-hello.ts';
import {
  alpnOf,
  echOuter,
  type HelloExtension,
  helloStream,
  joined,
  keyShare,
  serverNameOf,
  supportedVersions,
} from './client-hello-build.ts';
import { naiveClientHello } from './client-hello-oracle.ts';

const test = suite('client-hello properties');

const label = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
const name = fc.oneof(
  { weight: 6, arbitrary: fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.')) },
  { weight: 1, arbitrary: fc.oneof(fc.ipV4(), fc.ipV6()) },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...'aZ0.:*-_ \0\x7f\xe9'), maxLength: 9 }) },
);
/** Among them GREASE: 0x0a0a, 0x1a1a, 0x6a6a. */
const protocol = fc.string({ unit: fc.constantFrom(...'\n\x1ajh2'), maxLength: 4 });
const content = fc.uint8Array({ maxLength: 12 });
const extension: fc.Arbitrary<HelloExtension> = fc.oneof(
  { weight: 4, arbitrary: name.map((text) => serverNameOf(text)) },
  { weight: 3, arbitrary: fc.array(protocol, { maxLength: 4 }).map(alpnOf) },
  { weight: 2, arbitrary: fc.array(fc.integer({ min: 0x02fe, max: 0x0401 }), { maxLength: 4 }).map(supportedVersions) },
  { weight: 1, arbitrary: fc.nat(40).map(echOuter) },
  { weight: 1, arbitrary: fc.nat(60).map((bytes) => keyShare(0x11ec, bytes)) },
  { weight: 1, arbitrary: fc.array(name, { maxLength: 3 }).map((names) => serverNameOf(...names)) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom(0, 16, 43, 0xfe0d, 0x0a0a, 65_535), content }) },
  { weight: 2, arbitrary: fc.record({ type: fc.nat(65_535), content: fc.uint8Array({ maxLength: 80 }) }) },
);
const recipe = fc.record({
  legacyVersion: fc.constantFrom(0x0300, 0x0301, 0x0303, 0x0304, 0xfeff),
  sessionIdBytes: fc.constantFrom(0, 32, 33),
  cipherSuites: fc.array(fc.nat(65_535), { minLength: 0, maxLength: 4 }),
  extensions: fc.option(fc.array(extension, { maxLength: 5 })),
});
const plainRecipe = fc.record({ extensions: fc.array(extension, { maxLength: 6 }) });
const sizes = fc.oneof(
  fc.constant([16_384]),
  fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 6 }),
);
const stream = fc
  .tuple(fc.oneof(recipe, plainRecipe), sizes, fc.uint8Array({ maxLength: 10 }))
  .map(([what, how, after]) => joined(helloStream(what, how), after));
/** One byte of it set to anything: mostly a length or a type that lies. */
const damaged = fc.tuple(stream, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => bytes.with(at % bytes.length, byte));

function agreesAtEveryBeginning(bytes: Uint8Array): void {
  let quietUntil = 0;
  let settled: unknown = null;
  let previous: ClientHelloVerdict | undefined;
  for (let size = 0; size <= bytes.length; size++) {
    const seen = bytes.subarray(0, size);
    const verdict = inspectClientHello(seen, false);
    const expected = naiveClientHello(seen, false);
    assert.equal(inspectClientHello(seen, false, previous), verdict, `at ${size}, going on from before`);
    // Some looks are left out, as when several bytes come at once.
    if (size % 3 !== 1) previous = verdict;
    if (verdict.kind === 'need-more') {
      assert.is(expected.kind, 'need-more', `at ${size} the oracle knows: ${JSON.stringify(expected)}`);
      assert.is(settled, null, 'a verdict was taken back');
      assert.ok(verdict.atLeastBytes > size);
      if (size < quietUntil) assert.is(verdict.atLeastBytes, quietUntil, 'the goal moved before it was reached');
      quietUntil = verdict.atLeastBytes;
    } else {
      assert.equal(verdict, expected, `at ${size}`);
      if (settled !== null) assert.equal(verdict, settled, 'a verdict changed');
      else assert.ok(size >= quietUntil, `known at ${size}, but not before ${quietUntil} was promised`);
      settled = verdict;
    }
    assert.equal(inspectClientHello(seen, true), naiveClientHello(seen, true), `ended at ${size}`);
  }
}

test('agrees with the oracle on well-made and badly made hellos under every split', () => {
  fc.assert(fc.property(stream, agreesAtEveryBeginning), { numRuns: 150 });
});

test('agrees with the oracle on damaged hellos under every split', () => {
  fc.assert(fc.property(damaged, agreesAtEveryBeginning), { numRuns: 200 });
});

test('agrees with the oracle on many whole streams', () => {
  const whole = fc.oneof(stream, damaged);
  fc.assert(
    fc.property(whole, (bytes) => assert.equal(inspectClientHello(bytes, true), naiveClientHello(bytes, true))),
    { numRuns: 3000 },
  );
});

test('what is built is read again', () => {
  const valid = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => `${labels.join('.')}.x`);
  const protocols = fc.array(fc.stringMatching(/^[a-z0-9/.]{1,10}$/), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(valid, protocols, sizes, (serverName, alpn, how) => {
      const extensions = [serverNameOf(serverName), alpnOf(alpn), supportedVersions([0x0304])];
      const verdict = inspectClientHello(helloStream({ extensions }, how), false);
      assert.equal(verdict, {
        kind: 'done',
        hello: {
          serverName: serverName.toLowerCase(),
          serverNameIsAddress: false,
          alpn: alpn.filter((protocol) => !/^([:jzJZ*])\1$/.test(protocol)),
          legacyVersion: 0x0303,
          maxVersion: 0x0304,
          echOuter: false,
        },
      });
    }),
    { numRuns: 500 },
  );
});

test.run();
