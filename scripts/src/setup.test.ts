// `scripts/setup` where the Node of the npm package does not run: in a checkout of its own, with an npm that brings one.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from './root.ts';

const test = suite('scripts/setup');
const folder = mkdtempSync(join(tmpdir(), 'sluice-setup-'));
const own = join(folder, 'node_modules/.bin/node');
test.after(() => rmSync(folder, { recursive: true }));

function program(name: string, text: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

test.before(() => {
  for (const each of ['bin', 'scripts', 'apps/one', 'libs/one']) mkdirSync(join(folder, each), { recursive: true });
  copyFileSync(join(root, 'scripts/setup'), join(folder, 'scripts/setup'));
  for (const each of ['package-lock.json', 'package.json', 'apps/one/package.json', 'libs/one/package.json'])
    writeFileSync(join(folder, each), '{}');
  program(
    'npm',
    'mkdir -p node_modules/.bin && echo "for another libc" >node_modules/.bin/node && chmod +x node_modules/.bin/node',
  );
});

function setup(): { readonly status: number | null; readonly stderr: string } {
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
  return spawnSync('sh', [join(folder, 'scripts/setup')], { env, encoding: 'utf8' });
}

test('a Node of the machine that is too old to take its place is named, with what to do', () => {
  program('node', 'case $1 in -p) echo 20;; *) echo v20.1.0;; esac');
  const { status, stderr } = setup();
  assert.is(status, 1);
  assert.match(stderr, /did not bring a Node 26 that runs on this machine/);
  assert.match(stderr, /install Node\.js 26 or newer: .*\/bin\/node is v20\.1\.0/);
  assert.not(existsSync(join(folder, 'node_modules/.sluice-setup')));
});

test('a Node of the machine that is new enough takes its place', () => {
  program('node', `exec '${process.execPath}' "$@"`);
  const { status, stderr } = setup();
  assert.is(status, 0, stderr);
  assert.is(readlinkSync(own), process.execPath);
  assert.is(setup().stderr, '', 'nothing to do a second time');
});

test.run();
