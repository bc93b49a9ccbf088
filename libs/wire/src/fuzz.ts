// Fuzzes both parsers for as long as one likes: `node libs/wire/src/fuzz.ts [--seconds N] [--seed S]`.
// A case that fails is saved into the corpus, from where every later test run tries it again.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readCommandLine } from '@sluice/testkit';
import { corpusOf, FUZZ_TARGETS, type FuzzTarget, mutated, type Random, seededRandom } from './fuzz-case.ts';

const help = `Usage: node libs/wire/src/fuzz.ts [--seconds N] [--seed S]

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

/** Shorter than any header, a case cannot lead anywhere new. */
const SHORTEST_KEPT = 16;

const random = seededRandom(seed);
const until = performance.now() + seconds * 1000;
const pools = FUZZ_TARGETS.map((target) => {
  const corpus = corpusOf(target).map(({ bytes }) => bytes);
  // Changed cases are changed again at times, for some faults lie several changes deep; but the corpus stays whole,
  // or all cases would wear down to bytes that are no header at all.
  return { target, corpus, changed: [...corpus] };
});
let cases = 0;
let failures = 0;
while (performance.now() < until) {
  for (const { target, corpus, changed } of pools) {
    const from = random(4) === 0 ? changed : corpus;
    const bytes = mutated(from[random(from.length)]!, random);
    cases++;
    const complaint = complaintOf(target, bytes, random);
    if (complaint !== null) {
      failures++;
      report(target, bytes, complaint);
    }
    if (random(8) === 0 && bytes.length >= SHORTEST_KEPT) changed[random(changed.length)] = bytes;
  }
}
process.stdout.write(`${cases} cases, ${failures} failures\n`);
process.exitCode = failures === 0 ? 0 : 1;

function complaintOf(target: FuzzTarget, bytes: Uint8Array, choose: Random): string | null {
  try {
    return target.complaint(bytes, choose);
  } catch (error) {
    return `threw ${error instanceof Error ? error.stack : String(error)}`;
  }
}

function report(target: FuzzTarget, bytes: Uint8Array, complaint: string): void {
  const name = `crash-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.bin`;
  writeFileSync(new URL(name, target.corpus), bytes);
  process.stderr.write(`${target.name}: ${complaint}\n  saved as libs/wire/corpus/${target.name}/${name}\n`);
}
