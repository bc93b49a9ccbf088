// Both parsers on their corpora and a few thousand changes of them, from a fixed seed. More: `npm run fuzz`.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { corpusOf, FUZZ_TARGETS, mutated, seededRandom } from './fuzz-case.ts';

const test = suite('fuzz');
const SEED = 20_261;
const MUTATIONS = 6000;

for (const target of FUZZ_TARGETS) {
  const corpus = corpusOf(target);

  test(`${target.name}: every file of the corpus, at every beginning`, () => {
    assert.ok(corpus.length >= 10);
    for (const { name, bytes } of corpus) {
      for (let size = 0; size <= bytes.length; size++) {
        const complaint = target.complaint(bytes.subarray(0, size), () => 0);
        assert.is(complaint, null, `${name}: ${complaint}`);
      }
    }
  });

  test(`${target.name}: ${MUTATIONS} mutations of the corpus`, () => {
    const random = seededRandom(SEED);
    for (let i = 0; i < MUTATIONS; i++) {
      const { name, bytes } = corpus[random(corpus.length)]!;
      const changed = mutated(bytes, random);
      const complaint = target.complaint(changed, random);
      assert.is(complaint, null, `${name}, mutation ${i}: ${complaint}\n${Buffer.from(changed).toString('hex')}`);
    }
  });
}

test.run();
