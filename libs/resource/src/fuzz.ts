// Fuzzes the reading of resources for as long as one likes: `node libs/resource/src/fuzz.ts [--seconds N] [--seed S]`.
// A text that goes wrong is saved into the corpus, from where every later test run tries it again.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { complaintAbout, corpusFolder, mutated, readCorpus, seededRandom } from './fuzz-case.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string' }, seed: { type: 'string' } } });
const seconds = Number(values.seconds ?? 10);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  process.stderr.write('usage: fuzz.ts [--seconds N] [--seed S], N above 0, S an integer\n');
  process.exit(2);
}
process.stdout.write(`seed ${seed}\n`);

/** A case that takes longer than this for a text so short has found something that grows too fast. */
const SLOW_MS = 1_000;

const random = seededRandom(seed);
const corpus = readCorpus();
const until = performance.now() + seconds * 1000;
let cases = 0;
let failures = 0;
while (performance.now() < until) {
  const text = mutated(corpus[random(corpus.length)]!, corpus[random(corpus.length)]!, random);
  const started = performance.now();
  const complaint = complaintAbout(text) ?? (performance.now() - started > SLOW_MS ? 'it took too long' : null);
  cases++;
  if (complaint === null) continue;
  failures++;
  const name = `crash-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.yaml`;
  writeFileSync(new URL(name, corpusFolder()), text);
  process.stderr.write(`${complaint}\n  saved as libs/resource/corpus/${name}\n`);
}
process.stdout.write(`${cases} cases, ${failures} failures\n`);
process.exitCode = failures === 0 ? 0 : 1;
