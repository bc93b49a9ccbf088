import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_FILE_CHARACTERS } from '@sluice/resource';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readFiles } from './files.ts';

const test = suite('files');
const root = mkdtempSync(join(tmpdir(), 'sluice-files-'));
test.after(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, content: string | Buffer): string {
  const full = join(root, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, content);
  return full;
}

function read(...paths: readonly string[]): readonly string[] {
  const found = readFiles(paths.map((path) => join(root, path)));
  return found.ok ? found.files.map(({ path }) => path.slice(root.length + 1)) : [found.reason];
}

test('files of a folder come by name, each once, whatever names it', () => {
  for (const name of ['b/2.yml', 'b/1.yaml', 'a.json', 'readme.md', '.hidden/x.yaml']) write(`order/${name}`, '');
  assert.equal(read('order', 'order/a.json'), ['order/a.json', 'order/b/1.yaml', 'order/b/2.yml']);
  assert.equal(read('order/readme.md'), ['order/readme.md']);
  assert.equal(read('nowhere'), ['missing']);
});

test('links that lead back up, or make many ways of few folders, add nothing', () => {
  for (let i = 0; i < 24; i++) {
    write(`loops/${i}/x.yaml`, '');
    symlinkSync('..', join(root, `loops/${i}/up`));
    for (const name of ['left', 'right']) symlinkSync(`../${i + 1}`, join(root, `loops/${i}/${name}`));
  }
  assert.is(read('loops').length, 24);
});

test('a pipe in a folder is not waited for, and a link that leads nowhere is told', () => {
  write('odd/a.yaml', '');
  assert.is(spawnSync('mkfifo', [join(root, 'odd/pipe.yaml')]).status, 0);
  assert.equal(read('odd'), ['odd/a.yaml']);
  symlinkSync('self.yaml', join(root, 'odd/self.yaml'));
  assert.equal(read('odd'), ['unreadable']);
});

test('bytes that are not UTF-8 are told from a character that stands for them', () => {
  const damaged = (content: string | Buffer) => {
    const found = readFiles([write('damaged.yaml', content)]);
    return found.ok && (found.files[0]?.damaged ?? false);
  };
  assert.is(damaged(Buffer.from('name: a\xe9', 'latin1')), true);
  assert.is(damaged('name: é \ufffd \u{1f600}'), false);
  assert.is(damaged(''), false);
});

test('what has no end is read as far as a file may be long', () => {
  const found = readFiles(['/dev/zero']);
  const length = found.ok ? (found.files[0]?.text.length ?? 0) : 0;
  assert.ok(length > MAX_FILE_CHARACTERS && length < 4 * MAX_FILE_CHARACTERS);
});

test.run();
