// `scripts/test [PATH...]`: the checks, then every test file in a process of its own with a limit of time; the last line is
// "N passed, N failed". A file that ran no test has failed, and so has one that did not end.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { runChecks } from './check.ts';
import { root } from './root.ts';
import { projectFiles } from './sources.ts';

const help = `Usage: ./scripts/test [PATH...]

Runs everything that must pass: format, lint, types, boundaries, house rules, and all tests. With paths (a project's
folder or a test file) only those tests, without the checks. The last line is "N passed, N failed".

Tests with Redis start a private redis-server; where there is none it is installed (apt-get, as root on Debian), and
without one these tests are skipped by name.
`;

/** For one file; the slowest take a third of it on two cores. */
const fileLimitMs = 240_000;

interface FileResult {
  readonly path: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly output: string;
  readonly seconds: number;
}

const words = process.argv.slice(2);
if (words.includes('--help') || words.includes('-h')) {
  process.stdout.write(help);
  process.exit(0);
}
/** Process groups of the files that run. */
const running = new Set<number>();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    for (const group of running) killGroup(group);
    process.exit(130);
  });
process.exitCode = await main(words);

async function main(paths: readonly string[]): Promise<number> {
  const files = select(paths);
  if (files.length === 0) {
    console.error(`no test files below ${paths.join(', ')}`);
    return 2;
  }
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  if (paths.length === 0) {
    for (const { name, ok, output } of runChecks(false)) {
      console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}${ok ? '' : `\n${output}`}`);
      if (ok) passed++;
      else failed++;
    }
  }
  spawnSync(join(root, 'scripts/redis'), ['--install'], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (const result of await runAll(files, Math.max(2, availableParallelism()))) {
    passed += result.passed;
    failed += result.failed;
    skipped += result.skipped;
  }
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed === 0 ? 0 : 1;
}

function select(paths: readonly string[]): string[] {
  const from = process.env.INIT_CWD ?? process.cwd();
  const wanted = paths.map((path) => relative(root, resolve(from, path)));
  return projectFiles('*.test.ts').filter(
    (file) => wanted.length === 0 || wanted.some((path) => path === '' || file === path || file.startsWith(`${path}/`)),
  );
}

async function runAll(files: readonly string[], atOnce: number): Promise<FileResult[]> {
  const queue = [...files];
  const results: FileResult[] = [];
  const next = async () => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const result = await runFile(path);
      results.push(result);
      print(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return results;
}

async function runFile(path: string): Promise<FileResult> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [join(root, path)], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const group = child.pid ?? 0;
  running.add(group);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    killGroup(group);
  }, fileLimitMs);
  const closed = once(child, 'close');
  const [code] = await once(child, 'exit');
  clearTimeout(limit);
  killGroup(group);
  await closed;
  running.delete(group);
  const seconds = (performance.now() - startMs) / 1000;
  const count = (label: string) => Number(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? 0);
  const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')];
  const because = late ? `did not end within ${fileLimitMs / 1000} s` : total + skipped === 0 ? 'ran no test' : '';
  const failed = Math.max(total - passed, code !== 0 || because !== '' ? 1 : 0);
  return { path, passed, failed, skipped, seconds, output: because === '' ? output : `${output}\n${path} ${because}` };
}

/** Whatever a test file left running goes with it: it is in the file's own process group. */
function killGroup(group: number): void {
  try {
    // A program that could not be started has none.
    if (group > 0) process.kill(-group, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}

function print({ path, passed, failed, skipped, seconds, output }: FileResult): void {
  const counts = `${passed} passed${failed > 0 ? `, ${failed} failed` : ''}${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  console.log(`${failed > 0 ? 'FAIL' : 'ok  '} ${path} (${counts}, ${seconds.toFixed(1)} s)`);
  for (const line of output.split('\n')) if (/^\s*skipped: /.test(line)) console.log(`     ${line.trim()}`);
  if (failed > 0) console.log(output.trimEnd());
}
