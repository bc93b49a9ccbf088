import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { complaintAbout, mutated, readCorpus, seededRandom } from './fuzz-case.ts';

const test = suite('fuzz');
const RUNS = 1_500;

test('every text of the corpus is read without fault', () => {
  for (const text of readCorpus()) assert.is(complaintAbout(text), null, text);
});

test(`${RUNS} changed texts are read without fault (more: node libs/resource/src/fuzz.ts)`, () => {
  const random = seededRandom(20_26);
  const corpus = readCorpus();
  for (let run = 0; run < RUNS; run++) {
    const text = mutated(corpus[random(corpus.length)]!, corpus[random(corpus.length)]!, random);
    assert.is(complaintAbout(text), null, JSON.stringify(text));
  }
});

test.run();
