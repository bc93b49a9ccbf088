// What publish does where nothing is given, what it deletes, and whom it waits for; on a store of one file.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '@sluice/store';
import { run } from '@sluice/testkit';
import type { AcceptorReport } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('publish');
const folder = mkdtempSync(join(tmpdir(), 'sluice-publish-'));
const url = `sqlite:${join(folder, 'store.db')}`;
let store: Store;
let telling: NodeJS.Timeout | undefined;

async function admin(words: string, more: Record<string, string> = {}) {
  const args = [join(import.meta.dirname, 'main.ts'), ...words.split(' ')];
  const ran = await run(process.execPath, {
    args,
    cwd: folder,
    env: { SLUICE_STORE: url, SLUICE_AUTHOR: 'ann', ...more },
  });
  // biome-ignore lint/suspicious/noExplicitAny: a document of any form, looked at field by field
  const json: any = ran.stdout.startsWith('{') ? JSON.parse(ran.stdout) : undefined;
  return { ...ran, json };
}

function write(name: string, text: string): string {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
  return name;
}

function workload(name: string): string {
  return `apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: ${name} }\nspec: { address: 10.0.0.1 }\n---\n`;
}

function report(id: string, version: number, labels: Record<string, string>): AcceptorReport {
  return {
    ...{ id, version, digest: 'd', inForceMs: 1, state: 'serving', labels, engine: 'node', error: null, refused: null },
    ...{ quarantined: [], listeners: [], idle: [], figures: [], commitMs: [], startedMs: 1, timeMs: 2 },
    workers: [{ id: 1, version, sessions: 0 }],
  };
}

/** From now on these acceptors say this, of the versions as they are in the log now, again and again, as acceptors do. */
async function reporting(...reports: AcceptorReport[]): Promise<void> {
  clearInterval(telling);
  const head = await store.log.head();
  const said = reports.map((each) => (each.version === head.version ? { ...each, digest: head.digest } : each));
  const tell = () => Promise.all(said.map((each) => store.reports.put(each)));
  telling = setInterval(() => void tell().catch(() => {}), 500);
  await tell();
}

test.before(async () => {
  const opened = await openStore(url, { role: 'acceptor' });
  if (!opened.ok) throw opened.fault;
  store = opened.value;
});

test.after(async () => {
  clearInterval(telling);
  await store.close();
  rmSync(folder, { recursive: true });
});

test('a folder without a resource is refused, whether it holds no file or only comments', async () => {
  mkdirSync(join(folder, 'empty'));
  write('comments/a.yaml', '# nothing yet\n');
  for (const words of ['publish empty', 'publish comments', 'apply -f comments --set git']) {
    const { code, stdout, stderr } = await admin(words);
    assert.equal([words, code, stdout], [words, 2, '']);
    assert.match(stderr, /^no(thing to publish: no resource in comments| \*\.yaml, .* in empty)/);
  }
  assert.is((await store.log.head()).version, 0);
});

test('with --prune and --set it deletes all of the set, and says how many', async () => {
  write('edge/a.yaml', workload('a') + workload('b'));
  write('other/a.yaml', workload('c'));
  for (const words of ['publish edge --set edge', 'publish other']) assert.is((await admin(words)).code, 0);
  const dry = await admin('publish comments --set edge --prune --dry-run');
  assert.match(dry.stdout, /^- WorkloadEntry\/default\/a\n- WorkloadEntry\/default\/b\n/);
  const told = await admin('publish comments --set edge --prune');
  assert.is(told.stdout, 'version 3 admitted: nothing was given, all of set "edge" is deleted, 2 resources\n');
  assert.is((await store.log.stateAt('head'))?.size, 1);
  assert.is((await admin('publish edge --set edge')).code, 0);
  const { code, json } = await admin('publish empty --set edge --prune --json');
  assert.equal([code, json.outcome, json.version, json.deleted], [0, 'admitted', 5, 2]);
  const again = await admin('publish empty --set edge --prune --json');
  assert.equal([again.code, again.json.outcome, again.json.deleted], [0, 'unchanged', undefined]);
});

test('what is kept of the log is a setting here too, where the publisher admits itself', async () => {
  const kept = `sqlite:${join(folder, 'kept.db')}`;
  const env = { SLUICE_RETAIN_VERSIONS: '2', SLUICE_CHECKPOINT_EVERY: '2', SLUICE_REPLAY_ENTRIES: '2' };
  for (const name of ['k1', 'k2', 'k3', 'k4', 'k5', 'k6']) {
    const { code, stdout } = await admin(`publish ${write(`${name}.yaml`, workload(name))} --store ${kept}`, env);
    assert.is(code, 0, stdout);
  }
  const { json } = await admin(`history --json --store ${kept}`);
  assert.equal(
    json.versions.map(({ version }: { version: number }) => version),
    [6, 5],
  );
  const wrong = await admin(`publish k1.yaml --store ${kept} --json`, { SLUICE_RETAIN_VERSIONS: 'all' });
  assert.equal([wrong.code, wrong.json.reason], [2, 'usage']);
});

test('a roll-back to before the first version wants to be confirmed', async () => {
  const head = await store.log.head();
  const refused = await admin('rollback 0 --json');
  assert.equal([refused.code, refused.json.reason], [2, 'usage']);
  assert.match(refused.json.message, 'deletes every resource');
  assert.equal(await store.log.head(), head);
  assert.is((await admin('rollback 0 --yes --json')).json.version, head.version + 1);
  assert.is((await store.log.stateAt('head'))?.size, 0);
  assert.is((await admin('rollback 1 --json')).code, 0);
});

test('a --wait that is neither a number nor a path is told as such', async () => {
  const file = write('waited.yaml', workload('waited'));
  for (const words of [
    `publish ${file} --wait=abc`,
    `publish ${file} --wait=-1`,
    'publish --wait gone.yaml',
    `apply -f ${file} --wait=abc`,
  ]) {
    const { code, json } = await admin(`${words} --dry-run --json`);
    assert.equal([words, code, json.reason], [words, 2, 'usage']);
    assert.match(
      json.message,
      /^--wait takes a number of seconds; "(abc|-1|gone\.yaml)" is none, and no file or folder either$/,
    );
  }
  assert.is((await admin(`publish --wait ${file} --dry-run`)).code, 0);
});

test('--acceptors waits for those with the labels, --at-least for so many', async () => {
  const { version } = await store.log.head();
  await reporting(report('near', version, { zone: 'a', tier: 'edge' }), report('far', 0, { zone: 'b' }));
  const same = 'publish edge/a.yaml';
  const all = await admin(`${same} --wait=0.2 --json`);
  assert.equal([all.code, all.json.receipt.acceptors.length], [4, 2]);
  const near = await admin(`${same} --wait=20 --acceptors zone=a,tier=edge`);
  assert.is(near.code, 0);
  assert.match(near.stdout, /is in force in 1 worker of 1 acceptor with zone=a,tier=edge, after \d+ ms$/m);
  const two = await admin(`${same} --wait=0.2 --acceptors zone=a --at-least 2`);
  assert.is(two.code, 4);
  assert.match(two.stdout, 'only 1 acceptor with zone=a of at least 2 there');
  const nobody = await admin(`${same} --wait=0.2 --acceptors zone=c`);
  assert.is(nobody.code, 4);
  assert.match(nobody.stdout, 'in force nowhere: no acceptor with zone=c reports');
});

test('--wait goes on until an acceptor that starts late is there too', async () => {
  const { version } = await store.log.head();
  await reporting(report('near', version, {}), report('far', version, {}));
  const waiting = admin('publish edge/a.yaml --wait=20 --at-least 3 --json');
  await reporting(report('near', version, {}), report('far', version, {}), report('late', version, {}));
  const { code, json } = await waiting;
  assert.equal([code, json.receipt.converged, json.receipt.acceptors.length], [0, true, 3]);
});

test('a dry run decides and shows for the acceptors there are, whatever their labels; so does diff', async () => {
  const { version } = await store.log.head();
  for (const { id } of await store.reports.list()) await store.reports.remove(id);
  await reporting(report('east', version, { istio: 'eastwest' }), report('edge', version, { istio: 'ingressgateway' }));
  write(
    'east.yaml',
    `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: east }
spec:
  selector: { istio: eastwest }
  servers: [{ port: { number: 31500, name: tcp, protocol: TCP }, hosts: ['*'] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: east }
spec: { hosts: ['*'], gateways: [east], tcp: [{ route: [{ destination: { host: a.test, port: { number: 9000 } } }] }] }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: a }
spec:
  hosts: [a.test]
  addresses: [10.9.9.9]
  resolution: STATIC
  ports: [{ number: 9000, name: tcp, protocol: TCP }]
  endpoints: [{ address: 127.0.0.9 }]
`,
  );
  const dry = await admin('publish east.yaml --dry-run');
  assert.is(dry.code, 0, dry.stdout);
  assert.match(dry.stdout, /^listeners: \+ 0\.0\.0\.0_31500 \(where istio=eastwest\)$/m);
  assert.not.match(dry.stdout, 'no effect');
  const staged = await admin('publish east.yaml --dry-run --stages 1,100%');
  assert.match(
    staged.stdout,
    new RegExp(`^would become version ${version + 1}, first on east; nothing was changed$`, 'm'),
  );
  assert.equal(await store.log.head().then((head) => head.version), version);
  assert.is((await admin('publish east.yaml')).code, 0);
  const { json } = await admin(`diff ${version} ${version + 1} --json`);
  assert.equal(json.effect.listeners.added, ['0.0.0.0_31500']);
  assert.equal(
    json.effects.map(({ labels, listeners }: { labels: object; listeners: { added: string[] } }) => [
      labels,
      listeners.added.length,
    ]),
    [
      [{ istio: 'eastwest' }, 1],
      [{ istio: 'ingressgateway' }, 0],
    ],
  );
});

test('delete and rollback show what they would do, and change nothing', async () => {
  const { version } = await store.log.head();
  const removal = await admin('delete virtualservice east --dry-run');
  assert.is(removal.code, 0, removal.stdout);
  assert.match(removal.stdout, /^- VirtualService\/default\/east$/m);
  assert.match(removal.stdout, /^listeners: - 0\.0\.0\.0_31500 \(where istio=eastwest\)$/m);
  const back = await admin(`rollback ${version - 1} --dry-run --json`);
  assert.equal([back.code, back.json.outcome, back.json.effect.listeners.removed.length], [0, 'would-admit', 1]);
  assert.is((await admin('rollback 999 --dry-run')).code, 1);
  assert.is((await admin('rollback 0 --dry-run')).code, 0);
  assert.is((await store.log.head()).version, version);
});

test('blame of what is gone names the version and author that deleted it', async () => {
  assert.is((await admin('delete virtualservice east --message over')).code, 0);
  const { version } = await store.log.head();
  const { code, stdout } = await admin('blame virtualservice east');
  assert.is(code, 0);
  assert.match(
    stdout,
    new RegExp(`^VirtualService/default/east was deleted in version ${version} by ann, .*: over$`, 'm'),
  );
  const { json } = await admin('blame virtualservice east --json');
  assert.equal(json.deleted, { version, author: 'ann', message: 'over' });
});

test('whom to wait for is refused where nobody is waited for, and where it says nothing', async () => {
  for (const words of ['--acceptors zone=a', '--at-least 2', '--wait --acceptors zone', '--wait --at-least many']) {
    const { code, stdout } = await admin(`publish edge ${words}`);
    assert.equal([words, code, stdout], [words, 2, '']);
  }
});

test.run();
