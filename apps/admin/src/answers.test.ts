// Exit statuses and --json of every command, whatever goes wrong: one document on stdout, nothing else there; on a store of one file.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAuthority, makeCertificate, run } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('answers of the admin command');
const folder = mkdtempSync(join(tmpdir(), 'sluice-answers-'));
const url = `sqlite:${join(folder, 'store.db')}`;
const AWAY = 'redis://127.0.0.1:1';

async function admin(words: string) {
  const args = [join(import.meta.dirname, 'main.ts'), ...words.split(' ').filter(Boolean)];
  const { code, stdout, stderr } = await run(process.execPath, {
    args,
    cwd: folder,
    env: { SLUICE_STORE: url, SLUICE_AUTHOR: 'ann' },
  });
  return { code, stdout, stderr };
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** Asks one after another with --json; each answer must be one document and nothing else. */
async function answers(...asked: string[]) {
  // biome-ignore lint/suspicious/noExplicitAny: a document of any form, looked at field by field
  const found: { words: string; code: number | null; json: any; stderr: string }[] = [];
  for (const words of asked) {
    const { code, stdout, stderr } = await admin(`${words} --json`);
    assert.match(stdout, /^\{.*\}\n$/, `${words}: ${stdout}${stderr}`);
    assert.is(stdout.trimEnd().includes('\n'), false, words);
    found.push({ words, code, json: JSON.parse(stdout), stderr });
  }
  return found;
}

test.before(async () => {
  write(
    'a.yaml',
    'apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: a }\nspec: { address: 10.0.0.1 }\n',
  );
  write(
    'bad.yaml',
    'apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: a }\nspec: { address: "a b" }\n',
  );
  assert.is((await admin('publish a.yaml')).code, 0);
});
test.after(() => rmSync(folder, { recursive: true }));

test('a history of nothing, or from before the first version, is wrong usage', async () => {
  for (const { words, code, json } of await answers('history -n 0', 'history --before 0')) {
    assert.equal([code, json.reason], [2, 'usage'], words);
    assert.match(json.message, /must be 1 or more/, words);
  }
});

test('what only asks makes no store where there is none: which path, what to do, status 3', async () => {
  const missing = join(folder, 'nowhere/typo.db');
  const commands = ['status', 'history', 'show 1', 'diff 1 2', 'explain --port 1', 'blame WorkloadEntry a'];
  const changes = ['delete WorkloadEntry a', 'rollback 1', 'promote', 'abort', 'publish a.yaml --dry-run'];
  const asked = await answers(...[...commands, ...changes].map((words) => `${words} --store sqlite:nowhere/typo.db`));
  for (const { words, code, json, stderr } of asked) {
    assert.equal([code, json.reason, json.message], [3, 'no-file', `there is no store at ${missing}`], words);
    assert.match(stderr, 'check the path');
  }
  assert.is(existsSync(join(folder, 'nowhere')), false);
  assert.is((await admin('publish a.yaml --store sqlite:nowhere/typo.db')).code, 0);
  assert.is((await admin('status --store sqlite:nowhere/typo.db')).code, 0);
});

test('a certificate that soon expires, and an OCSP response, are told of by validate and by publish', async () => {
  const pair = makeCertificate(folder, 'edge', makeAuthority(folder, 'ca'), ['DNS:edge']);
  const stringData = { 'tls.crt': readFileSync(pair.cert, 'utf8'), 'tls.key': readFileSync(pair.key, 'utf8') };
  const manifest = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'edge', namespace: 'istio-system' } };
  write('edge.yaml', JSON.stringify({ ...manifest, stringData: { ...stringData, 'tls.ocsp-staple': 'x' } }));
  for (const { words, code, json } of await answers('validate edge.yaml', 'publish edge.yaml')) {
    assert.is(code, 0);
    const issues = json.issues.map((issue: { code: string; file: string }) => `${issue.code} ${issue.file}`);
    assert.equal(issues.sort(), ['SLU1021 edge.yaml', 'SLU2094 edge.yaml'], words);
    assert.is(JSON.stringify(json).includes('PRIVATE KEY'), false);
  }
});

test('wrong usage is status 2, with what is wrong as one document and for people', async () => {
  const asked = await answers(
    ...['publish', 'publish none', 'publish a.yaml --prune', 'publish a.yaml --stages x', 'publish a.yaml --nonsense'],
    ...['publish a.yaml --key none', 'apply', 'delete', 'delete Nonsense a', 'rollback', 'rollback x', 'rollback 0'],
    ...['promote --at-least 2', 'validate', 'validate none', 'status more', 'history -n x', 'show', 'diff 1'],
    ...['blame nonsense', 'explain', 'explain --port 1 --with none', 'keygen', 'nonsense', ''],
  );
  for (const { words, code, json, stderr } of asked) {
    assert.equal([words, code, json.ok, json.reason], [words, 2, false, 'usage']);
    assert.ok(json.message.length > 5 && stderr.length > 5, words);
  }
});

test('what fails is status 1, an unreachable store status 3', async () => {
  write('there', '');
  const failed = await answers(
    ...[
      'publish bad.yaml',
      'publish a.yaml --expect-version 9',
      'delete gateway none',
      'rollback 9',
      'promote',
      'abort',
    ],
    ...[
      'validate bad.yaml',
      'show 9',
      'show 0',
      'diff 1 9',
      'blame gateway none',
      'explain --port 1 --at 9',
      'keygen there',
    ],
  );
  for (const { words, code } of failed) assert.equal([words, code], [words, 1]);
  const away = await answers(
    ...[
      'publish a.yaml',
      'publish a.yaml --dry-run',
      'delete gateway none',
      'promote',
      'status',
      'history',
      'blame',
    ].map((words) => `${words} --store ${AWAY}`),
  );
  for (const { words, code, json } of away) assert.equal([words, code, json.reason], [words, 3, 'away']);
});

test('what is asked for is status 0, help too', async () => {
  const asked = await answers(
    ...['publish a.yaml --dry-run', 'status', 'show 1 --state', 'diff 0 1', 'blame', 'keygen key', '--help'],
    'publish --help',
  );
  for (const { words, code } of asked) assert.equal([words, code], [words, 0]);
  const [commands, help] = asked.slice(-2);
  assert.match(commands!.json.help, 'rollback');
  assert.match(help!.json.help, '--expect-version');
});

test('a word that --wait took is named where it is missed', async () => {
  const { code, stderr } = await admin('rollback --wait 1');
  assert.is(code, 2);
  assert.match(stderr, '"1" was read as the seconds of --wait');
});

test('a key is never written over, nor half a pair left', async () => {
  write('other.pub', 'mine');
  const { code, stderr } = await admin('keygen other');
  assert.equal([code, stderr], [1, 'other.pub is there already, and no key is written over: name another file\n']);
  assert.is((await admin('publish a.yaml --key other')).code, 2);
  assert.is((await admin('keygen there')).code, 1);
  const ran = await admin('publish a.yaml --key there.pub');
  assert.match(ran.stderr, 'no such file');
  write('no-key', 'nonsense');
  assert.match(
    (await admin('publish a.yaml --key no-key')).stderr,
    'holds no private key in PEM; admin keygen makes one',
  );
});

test('--watch refuses what it would pass over without a word', async () => {
  const wrong = ['--dry-run', '--wait=3', '--expect-version 1', '--key none'];
  for (const more of wrong) {
    const { code, stderr } = await admin(`publish --watch . --set git ${more}`);
    assert.equal([more, code], [more, 2], stderr);
  }
  assert.is((await admin('publish --watch --set git -')).code, 2);
});

test.run();
