import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('command line');
const file = join(import.meta.dirname, 'command-line.ts');
const program = `
import { readCommandLine } from ${JSON.stringify(file)};
const { values, whole } = readCommandLine('Usage: ./scripts/it now [--rounds N]\\n', {
  rounds: { type: 'string', default: '5' }, json: { type: 'string' },
});
console.log(JSON.stringify({ ...values, rounds: whole('rounds', 1, 9) }));
`;

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program, '--', ...args],
    {
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

test('gives options and their defaults', () => {
  assert.equal(JSON.parse(run().stdout), { rounds: 5 });
  assert.equal(JSON.parse(run('--rounds', '9', '--json', 'x').stdout), { rounds: 9, json: 'x' });
});

test('answers --help and -h with the help alone', () => {
  for (const asked of ['--help', '-h'])
    assert.equal(run(asked), { status: 0, stdout: 'Usage: ./scripts/it now [--rounds N]\n', stderr: '' });
});

test('refuses what is no option and what is out of range, naming the command to ask', () => {
  for (const [args, complaint] of [
    [['--round', '3'], "Unknown option '--round'"],
    [['--rounds', '0'], '--rounds must be a whole number from 1 to 9, not "0"'],
    [['--rounds', ''], '--rounds must be a whole number from 1 to 9, not ""'],
    [['--rounds', '1.5'], '--rounds must be a whole number from 1 to 9, not "1.5"'],
    [['more'], "Unexpected argument 'more'"],
  ] as const) {
    const { status, stderr } = run(...args);
    assert.is(status, 2);
    assert.ok(stderr.startsWith(complaint), stderr);
    assert.ok(stderr.endsWith('See ./scripts/it now --help\n'), stderr);
  }
});

test.run();
