// A store that lost everything, under acceptors that serve: nothing is admitted over it, and it is put back from their disks.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, STATE_FILE_NAME, type Store, writeStateFile } from '@sluice/store';
import { run } from '@sluice/testkit';
import type { AcceptorReport, State } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('restore');
const folder = mkdtempSync(join(tmpdir(), 'sluice-restore-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function workload(name: string): string {
  const path = join(folder, `${name}.yaml`);
  writeFileSync(
    path,
    `apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: ${name} }\nspec: { address: 10.0.0.1 }\n`,
  );
  return path;
}

async function admin(store: string, ...words: string[]) {
  const args = [join(import.meta.dirname, 'main.ts'), ...words, '--json', '--store', `sqlite:${join(folder, store)}`];
  const { code, stdout } = await run(process.execPath, { args, cwd: folder, env: { SLUICE_AUTHOR: 'ann' } });
  return { code, json: JSON.parse(stdout) };
}

async function open(name: string): Promise<Store> {
  const opened = await openStore(`sqlite:${join(folder, name)}`, { role: 'acceptor' });
  if (!opened.ok) throw opened.fault;
  return opened.value;
}

/** An acceptor's report, as far as anybody looks at it here. */
function report(id: string, version: number): AcceptorReport {
  const lists = { workers: [], quarantined: [], listeners: [], idle: [], figures: [], commitMs: [] };
  const none = { error: null, refused: null, labels: {}, inForceMs: 1, startedMs: 1, timeMs: 1, engine: 'node' };
  return { ...lists, ...none, id, version, digest: 'd', state: 'stale' };
}

/** A store of two versions, as an acceptor kept it, and one that lost them while acceptors serve. */
async function lost(name: string, serving: number): Promise<State> {
  for (const each of ['a', 'b']) assert.is((await admin('before', 'publish', workload(each))).code, 0);
  const before = await open('before');
  const state = (await before.log.stateAt('head'))!;
  await before.close();
  await writeStateFile(join(folder, `kept-${name}`, STATE_FILE_NAME), state);
  const empty = await open(name);
  await empty.reports.put(report('edge-1', serving));
  await empty.close();
  return state;
}

test('nothing is published over a log that was lost; restored, it goes on with the next version', async () => {
  const state = await lost('one', 2);
  const refused = await admin('one', 'publish', workload('c'));
  assert.equal([refused.code, refused.json.reason], [1, 'lost']);
  const restored = await admin('one', 'restore', 'kept-one');
  assert.equal([restored.code, restored.json.version, restored.json.digest], [0, 2, state.digest]);
  assert.equal((await admin('one', 'history')).json, { head: 2, versions: [] });
  const next = await admin('one', 'publish', workload('c'));
  assert.equal([next.code, next.json.version], [0, 3]);
  const held = await admin('one', 'show', '3', '--state');
  assert.is(held.json.resources.length, 3);
  const again = await admin('one', 'restore', 'kept-one');
  assert.equal([again.code, again.json.reason], [1, 'not-empty']);
});

test('an older state than an acceptor serves is put back only where that is meant', async () => {
  await lost('two', 3);
  const refused = await admin('two', 'restore', 'kept-two');
  assert.equal([refused.code, refused.json.reason], [1, 'older']);
  assert.equal((await admin('two', 'restore', 'kept-two', '--yes')).code, 0);
});

test('what is no kept state, or is damaged, is wrong usage', async () => {
  await lost('three', 2);
  writeFileSync(join(folder, 'kept-three', STATE_FILE_NAME), 'damaged');
  for (const path of ['nowhere', 'kept-three']) {
    const refused = await admin('three', 'restore', path);
    assert.equal([refused.code, refused.json.reason], [2, 'usage'], path);
  }
  assert.is((await admin('three', 'status')).json.head, 0);
});

test.run();
