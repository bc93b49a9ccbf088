// `scripts/check`: format and lint, types, layer boundaries, house rules. Each says what to do; exit 1 if any complains.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkBoundaries } from './boundaries.ts';
import { root } from './root.ts';
import { checkTidiness } from './tidy.ts';

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly output: string;
}

export function runChecks(fix: boolean): CheckResult[] {
  return [
    tool(
      'format and lint',
      'biome',
      ['check', ...(fix ? ['--write'] : []), '--colors=off', '.'],
      'scripts/check --fix mends most',
    ),
    tool('types', 'tsc', ['-p', 'tsconfig.base.json'], ''),
    list('boundaries', checkBoundaries(), 'the arrows: core <- engine, store <- app (ARCHITECTURE.md, layers)'),
    list('house rules', checkTidiness(), 'CONTRIBUTING is in ARCHITECTURE.md, house rules'),
  ];
}

function tool(name: string, bin: string, args: readonly string[], advice: string): CheckResult {
  const run = spawnSync(join(root, 'node_modules/.bin', bin), args, { cwd: root, encoding: 'utf8' });
  const ok = run.status === 0;
  return { name, ok, output: ok ? '' : `${run.stdout}${run.stderr}${advice}` };
}

function list(name: string, complaints: readonly string[], advice: string): CheckResult {
  return {
    name,
    ok: complaints.length === 0,
    output: complaints.length === 0 ? '' : [...complaints, advice].join('\n'),
  };
}

if (process.argv[1] === import.meta.filename) {
  const results = runChecks(process.argv.includes('--fix'));
  for (const { name, ok, output } of results) console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${ok ? '' : `\n${output}`}`);
  process.exit(results.every(({ ok }) => ok) ? 0 : 1);
}
