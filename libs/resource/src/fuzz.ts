// Fuzzes the reading of resources for as long as one likes: `node libs/resource/src/fuzz.ts [--seconds N] [--seed S]`.
// A text that goes wrong is saved into the corpus, from where every later test run tries it again.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readCommandLine } from '@sluice/testkit';
import { complaintAbout, corpusFolder, mutated, readCorpus, seededRandom } from './fuzz-case.ts';

const help = `Usage: node libs/resource/src/fuzz.ts [--seconds N] [--seed S]

  --seconds N   how long (1 to 86400, default 10)
  --seed S      a whole number; the same cases in the same order (default: another each time)
`;
const { whole } = readCommandLine(help, {
  seconds: { type: 'string', default: '10' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
});
const seconds = whole('seconds', 1, 86_400);
const seed = whole('seed', 0, 2 ** 31);
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
