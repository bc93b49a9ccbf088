// Ctrl-C while the acceptors of an admitted version are waited for.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '@sluice/store';
import { endAll, RealProcess, until } from '@sluice/testkit';
import type { AcceptorReport } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('an interrupted wait');
const folder = mkdtempSync(join(tmpdir(), 'sluice-interrupt-'));
const stores: Store[] = [];

async function open(url: string): Promise<Store> {
  const opened = await openStore(url, { role: 'acceptor' });
  if (!opened.ok) throw opened.fault;
  stores.push(opened.value);
  return opened.value;
}

/** Of an acceptor that never commits anything. */
function late(id: string): AcceptorReport {
  const lists = { quarantined: [], listeners: [], idle: [], figures: [], commitMs: [] };
  const none = { error: null, refused: null, labels: {}, inForceMs: 0, startedMs: 1, timeMs: 1, engine: 'node' };
  return {
    ...lists,
    ...none,
    id,
    version: 0,
    digest: 'd',
    state: 'serving',
    workers: [{ id: 1, version: 0, sessions: 0 }],
  };
}

function publish(url: string, ...more: string[]): RealProcess {
  const path = join(folder, 'a.yaml');
  const text =
    'apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: a }\nspec: { address: 10.0.0.1 }\n';
  writeFileSync(path, text);
  const args = [join(import.meta.dirname, 'main.ts'), 'publish', path, '--json', '--wait=600', ...more];
  return new RealProcess('publish', process.execPath, { args, env: { SLUICE_STORE: url } });
}

/** The one document of a command that ended. */
// biome-ignore lint/suspicious/noExplicitAny: looked at field by field
function documentOf({ output }: RealProcess): any {
  return JSON.parse(output.split('\n').find((line) => line.startsWith('{')) ?? 'null');
}

test.after(async () => {
  for (const store of stores) await store.close();
  await endAll();
  rmSync(folder, { recursive: true, force: true });
});

for (const stages of [[], ['--stages', '1,100%']]) {
  const name = stages.length === 0 ? 'a publish' : 'a roll-out';
  test(`${name} that is interrupted says what is admitted and who is late, and ends by the signal`, async () => {
    const url = `sqlite:${join(folder, `${stages.length}.db`)}`;
    const store = await open(url);
    const telling = setInterval(() => void store.reports.put(late('edge-1')).catch(() => {}), 300);
    await store.reports.put(late('edge-1'));
    const command = publish(url, ...stages);
    await until(async () => (await store.log.head()).version === 1, 'the version');
    command.child.kill('SIGINT');
    assert.equal(await command.exit(), { code: null, signal: 'SIGINT' });
    clearInterval(telling);
    const document = documentOf(command);
    assert.equal([document.ok, document.version], [true, 1]);
    if (stages.length > 0) assert.is(document.rollout.outcome, 'running');
    else assert.equal([document.receipt.converged, document.receipt.acceptors[0].standing], [false, 'late']);
    assert.match(command.output, stages.length === 0 ? /interrupted: the version stays admitted/ : /promote and abort/);
  });
}

test.run();
