// The admin command as people run it: words in, exit status and one JSON document out, over a real store and config service.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openStore, type Store } from '@sluice/store';
import { endAll, freePort, RealProcess, run, skip, startRedis, until } from '@sluice/testkit';
import type { AcceptorReport } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('admin');
const main = join(import.meta.dirname, 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'sluice-admin-'));
const redis = await startRedis();
let store: Store | null = null;

if (redis !== null) {
  const args = [join(import.meta.dirname, '../../config-service/src/main.ts')];
  const service = new RealProcess('config-service', process.execPath, { args, env: { SLUICE_STORE: redis.url } });
  await service.event('serving');
  const opened = await openStore(redis.url, { role: 'acceptor' });
  if (opened.ok) store = opened.value;
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: a document of any form, looked at field by field
  readonly json: any;
}

async function admin(words: string, env: Record<string, string> = {}): Promise<Ran> {
  const args = [main, ...words.split(' ')];
  const where: Record<string, string> = redis === null ? {} : { SLUICE_STORE: redis.url };
  const ran = await run(process.execPath, { args, cwd: folder, env: { ...where, SLUICE_AUTHOR: 'ann', ...env } });
  let json: unknown;
  try {
    json = JSON.parse(ran.stdout);
  } catch {
    json = undefined;
  }
  return { ...ran, json };
}

function workload(name: string, address: string): string {
  return `apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata:\n  name: ${name}\nspec:\n  address: ${address}\n---\n`;
}

function write(name: string, content: string): string {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), content);
  return name;
}

function report(id: string, version: number, more: Partial<AcceptorReport> = {}): AcceptorReport {
  return {
    ...{ id, version, digest: 'd', state: 'serving', labels: { istio: 'ingressgateway' }, engine: 'node', error: null },
    ...{
      inForceMs: 1,
      refused: null,
      quarantined: [],
      listeners: [],
      idle: [],
      figures: [],
      commitMs: [4, 6],
      startedMs: 1,
      timeMs: 2,
    },
    workers: [{ id: 1, version, sessions: 3 }],
    ...more,
  };
}

function withRedis(name: string, work: () => Promise<void>): void {
  if (redis === null) skip(test, name, 'no redis-server on PATH');
  else test(name, work);
}

test.after(async () => {
  await store?.close();
  await redis?.remove();
  await endAll();
  rmSync(folder, { recursive: true, force: true });
});

test('wrong usage is status 2, help is status 0', async () => {
  for (const words of ['nonsense', 'publish', 'publish no/such/file.yaml', 'rollback x', 'status --nonsense']) {
    const { code, stdout, stderr } = await admin(words);
    assert.equal([words, code, stdout], [words, 2, '']);
    assert.not.equal(stderr, '');
  }
  assert.is((await admin('--help')).code, 0);
  assert.is((await admin(`publish ${write('a.yaml', workload('a', '10.0.0.1'))} --prune`)).code, 2);
});

test('a store that is away is status 3, with its address and no password', async () => {
  const port = await freePort();
  const { code, json, stderr } = await admin(`status --json --store redis://me:secret@127.0.0.1:${port}`);
  assert.equal([code, json.ok, json.reason], [3, false, 'away']);
  assert.match(stderr, `127.0.0.1:${port}`);
  assert.not.match(stderr, 'secret');
  assert.is((await admin('status --store ftp://x')).code, 2);
});

test('validate needs no store, and says where what is wrong', async () => {
  const good = write('good/a.yaml', workload('a', '10.0.0.1'));
  assert.is((await admin(`validate ${good}`, { SLUICE_STORE: 'redis://127.0.0.1:1' })).code, 0);
  write('bad/b.yml', `${workload('b', '10.0.0.1')}${workload('c', '10.0.0.1').replace('address', 'adress')}`);
  const { code, stdout } = await admin('validate bad');
  assert.is(code, 1);
  assert.match(stdout, /^bad\/b\.yml:13:3: error SLU1012 .*adress.* \(spec\.adress\)$/m);
  const { json } = await admin('validate bad --json');
  const { level, line, file } = json.issues.find((issue: { code: string }) => issue.code === 'SLU1012');
  assert.equal([json.ok, level, line, file], [false, 'error', 13, 'bad/b.yml']);
});

test('standard input is read to its end, however slowly it comes', async () => {
  const child = spawn(process.execPath, [main, 'validate', '--each', '--json', '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const stdout = text(child.stdout);
  child.stdin.on('error', () => {});
  // More than a pipe holds, so that the reader finds it empty at times.
  const line = `# ${'x'.repeat(60_000)}\n`;
  for (let i = 0; i < 100; i++) await new Promise((resolve) => child.stdin.write(line, resolve));
  child.stdin.end(workload('a', 'nowhere at all'));
  const { file, ok, issues } = JSON.parse(await stdout);
  assert.equal([file, ok, issues[0].line], ['<stdin>', false, 106]);
});

test('validate --each takes every file by itself, one line each', async () => {
  const { code, stdout } = await admin('validate --each good bad');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.is(code, 1);
  assert.equal(
    lines.map(({ file, ok }) => [file, ok]),
    [
      ['good/a.yaml', true],
      ['bad/b.yml', false],
    ],
  );
  assert.equal(Object.keys(lines[1].issues[0]).sort(), ['code', 'level', 'line', 'message', 'path']);
});

test('a file longer than any text is an issue of that file, and the others are read', async () => {
  truncateSync(join(folder, write('long/a.yaml', '')), 700_000_000);
  write('long/b.yaml', workload('b', '10.0.0.1'));
  const { stdout } = await admin('validate --each long');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    lines.map(({ ok, issues }) => [ok, issues.map(({ code }: { code: string }) => code)]),
    [
      [false, ['SLU1004']],
      [true, []],
    ],
  );
});

test('explain answers from files without a store', async () => {
  write(
    'edge/gateway.yaml',
    `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 31400, name: tcp, protocol: TCP }, hosts: ['*'] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: echo }
spec:
  hosts: ['*']
  gateways: [edge]
  tcp: [{ route: [{ destination: { host: echo.test, port: { number: 9000 } } }] }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: echo }
spec:
  hosts: [echo.test]
  addresses: [10.9.9.9]
  resolution: STATIC
  ports: [{ number: 9000, name: tcp, protocol: TCP }]
  endpoints: [{ address: 127.0.0.9 }]
`,
  );
  const { code, json } = await admin('explain --port 31400 --source 192.0.2.1 --with edge --json');
  assert.is(code, 0);
  assert.equal(Object.keys(json), ['listener', 'route', 'cluster', 'subset', 'endpoints', 'why']);
  assert.equal([json.cluster, json.endpoints], ['outbound|9000||echo.test', ['127.0.0.9:9000']]);
  const nothing = await admin('explain --port 1 --with edge --json');
  assert.equal([nothing.code, nothing.json.listener], [0, null]);
  const other = await admin('explain --port 31400 --with edge --json --labels istio=other');
  assert.equal([other.code, other.json.listener], [0, null]);
  assert.equal(other.json.why, [
    'nothing listens on port 31400: the connection is refused',
    'gateway default/edge has port 31400 for acceptors with istio=ingressgateway, not for istio=other',
  ]);
  const named = await admin('explain --port 31400 --sni a.test --with edge --json');
  assert.ok(named.json.why.some((step: string) => step.startsWith('the first bytes are not looked at')));
});

test('explain refuses what is no connection, and says what is wrong with files that cannot be read', async () => {
  for (const words of [
    '--port 70000',
    '--port 1 --source web',
    '--port 1 --destination 10.0.0.0/8',
    '--port 1 --labels a',
    '--port 1 --at 3',
    '--port 1 --store sqlite:other.db',
  ]) {
    const { code, json } = await admin(`explain ${words} --with edge --json`);
    assert.equal([words, code, json.reason], [words, 2, 'usage']);
  }
  const { code, json } = await admin('explain --port 1 --with bad --json');
  assert.equal([code, json.ok, json.reason], [1, false, 'invalid']);
  assert.equal(
    json.issues.map(({ code, line }: { code: string; line: number }) => [code, line]),
    [['SLU1012', 13]],
  );
});

test('validate asks for acceptors with the labels that are named', async () => {
  assert.is((await admin('validate edge')).code, 0);
  const { code, json } = await admin('validate edge --labels istio=other,zone=a --json');
  assert.is(code, 1);
  assert.ok(
    json.issues.some(({ message }: { message: string }) => message.startsWith('Referenced selector not found')),
  );
});

test('on a store of one file racing publishers are admitted in their own processes, each with its own version', async () => {
  const url = `sqlite:${join(folder, 'race/store.db')}`;
  const files = Array.from({ length: 8 }, (_, index) =>
    write(`race/${index}.yaml`, workload(`r${index}`, `10.0.1.${index}`)),
  );
  const all = await Promise.all(files.map((file) => admin(`publish ${file} --store ${url} --json`)));
  const versions = all.map(({ code, json }) => [code, json.version]).sort(([, a], [, b]) => a - b);
  assert.equal(
    versions,
    files.map((_, index) => [0, index + 1]),
  );
  const { json } = await admin(`show 8 --state --store ${url} --json`);
  assert.is(json.resources.length, 8);
});

test('--watch keeps a folder published: over saves, mistakes, an empty folder, an outage and a restart', async () => {
  const url = `sqlite:${join(folder, 'watch/store.db')}`;
  const file = write('watched/a.yaml', workload('a', '10.0.0.1'));
  const args = [main, 'publish', '--watch', 'watched', '--set', 'git', '--store', url, '--json'];
  const start = () => new RealProcess('watch', process.execPath, { args, cwd: folder, env: { SLUICE_AUTHOR: 'git' } });
  const outcomes = (each: RealProcess) =>
    each.output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .map(({ outcome, version }) => [outcome, version]);
  const told = (each: RealProcess, count: number) =>
    until(() => {
      if (each.ended) throw new Error(each.output);
      return outcomes(each).length >= count;
    }, `${count} outcomes of the watch`);
  let watch = start();
  await told(watch, 1);
  write('watched/b.yaml', workload('b', '10.0.0.2'));
  await told(watch, 2);
  write('watched/b.yaml', 'apiVersion: networking.istio.io/v1\nkind: Nonsense\n');
  await told(watch, 3);
  rmSync(join(folder, 'watched/b.yaml'));
  await told(watch, 4);
  rmSync(join(folder, file));
  await told(watch, 5);
  write('watched/b.yaml', '# no resource yet\n');
  await told(watch, 6);
  rmSync(join(folder, 'watched/b.yaml'));
  assert.equal(outcomes(watch), [
    ['admitted', 1],
    ['admitted', 2],
    ['rejected', null],
    ['admitted', 3],
    ['skipped', null],
    ['skipped', null],
  ]);
  assert.is(await watch.end('SIGTERM'), 0);
  write(file, workload('a', '10.0.0.9'));
  watch = start();
  await told(watch, 1);
  assert.equal(outcomes(watch), [['admitted', 4]]);
  assert.is(await watch.end('SIGINT'), 0);
  const { json } = await admin(`show 4 --state --store ${url} --json`);
  assert.equal(
    json.resources.map(({ set }: { set: string }) => set),
    ['git'],
  );
  assert.is((await admin('publish --watch watched')).code, 2);
});

withRedis('publish makes a version once, and tells a conflict with who was faster', async () => {
  const file = write('one.yaml', workload('one', '10.0.0.1'));
  const first = await admin(`publish ${file} --message first --json`);
  assert.equal([first.code, first.json.outcome, first.json.version], [0, 'admitted', 1]);
  const again = await admin(`publish ${file} --json`);
  assert.equal([again.code, again.json.outcome, again.json.version], [0, 'unchanged', 1]);
  const late = await admin(`publish ${write('two.yaml', workload('two', '10.0.0.2'))} --expect-version 0 --json`);
  assert.equal(
    [late.code, late.json.reason, late.json.conflict.head, late.json.conflict.author],
    [1, 'conflict', 1, 'ann'],
  );
});

withRedis('a bad change is rejected with its complaints, and changes nothing', async () => {
  const before = await admin('status --json');
  const { code, json } = await admin('publish bad --json');
  assert.equal([code, json.ok, json.reason], [1, false, 'invalid']);
  const lonely = write(
    'lonely.yaml',
    'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: x}\nspec:\n  hosts: ["*"]\n  gateways: [none]\n  tcp: [{route: [{destination: {host: none.test}}]}]\n',
  );
  const across = await admin(`publish ${lonely}`);
  assert.is(across.code, 1);
  assert.match(across.stdout, /^lonely\.yaml:6:\d+: error SLU0101 /m);
  assert.is((await admin('status --json')).json.head, before.json.head);
});

withRedis('a dry run shows the effect and changes nothing', async () => {
  const { code, json } = await admin('publish edge --dry-run --json');
  assert.equal([code, json.outcome, json.version], [0, 'would-admit', 2]);
  assert.equal(json.effect.listeners.added, ['0.0.0.0_31400']);
  assert.is((await admin('status --json')).json.head, 1);
});

withRedis(
  'apply reads standard input, sets prune, delete deletes, rollback brings back, and history tells',
  async () => {
    write('set/a.yaml', workload('a', '10.0.0.1'));
    write('set/b.yaml', workload('b', '10.0.0.2'));
    assert.is((await admin('apply -f set --set edge --json')).json.version, 2);
    rmSync(join(folder, 'set/b.yaml'));
    assert.is((await admin('apply -f set --set edge --prune --json')).json.version, 3);
    const unknown = await admin('delete workloadentry default/b --json');
    assert.equal([unknown.code, unknown.json.reason], [1, 'unknown-resource']);
    assert.is((await admin('delete workloadentry one --json')).json.version, 4);
    assert.is((await admin('rollback 2 --message back --json')).json.version, 5);
    const { json } = await admin('history --json');
    assert.equal(
      json.versions.map(({ version, kind }: { version: number; kind: string }) => [version, kind]),
      [
        [5, 'rollback'],
        [4, 'publish'],
        [3, 'publish'],
        [2, 'publish'],
        [1, 'publish'],
      ],
    );
    const shown = await admin('show 5 --json');
    assert.equal([shown.json.restores, shown.json.message, shown.json.put.length], [2, 'back', 2]);
    assert.equal(shown.json.signed, { publisher: null, configService: null });
    const diff = await admin('diff 3 5 --json');
    assert.equal(diff.json.resources.added, ['WorkloadEntry/default/b']);
    const blame = await admin('blame workloadentry a --json');
    assert.equal(blame.json.resources, [
      { resource: 'WorkloadEntry/default/a', touched: 2, author: 'ann', creation: 2, set: 'edge' },
    ]);
    assert.is((await admin('show 99')).code, 1);
    assert.is((await admin('rollback 99 --json')).json.reason, 'unknown-version');
  },
);

/** Says it now and again and again, as an acceptor does: whoever falls silent counts as lost. */
let telling: NodeJS.Timeout | undefined;
const tell = async (each: AcceptorReport) => {
  const { version, digest } = await store!.log.head();
  const said = each.version === version ? { ...each, digest } : each;
  clearInterval(telling);
  telling = setInterval(() => void store!.reports.put(said).catch(() => {}), 500);
  await store!.reports.put(said);
};
test.after(() => clearInterval(telling));

withRedis('status tells what the acceptors report', async () => {
  await tell(report('edge-1', 5));
  const { json, code } = await admin('status --json');
  const [acceptor] = json.acceptors;
  assert.is(code, 0);
  assert.equal(
    [json.head, acceptor.id, acceptor.version, acceptor.state, acceptor.error],
    [5, 'edge-1', 5, 'serving', null],
  );
  assert.equal(acceptor.workers, [{ id: 1, version: 5, sessions: 3 }]);
  assert.match((await admin('status')).stdout, /edge-1\s+serving\s+5\s+1 of 1/);
});

withRedis('--wait ends with what every acceptor committed, or names who is behind', async () => {
  const file = write('three.yaml', workload('three', '10.0.0.3'));
  const behind = await admin(`publish ${file} --wait 0.3 --json`);
  assert.equal([behind.code, behind.json.ok, behind.json.receipt.converged], [4, true, false]);
  assert.equal(behind.json.receipt.acceptors[0].standing, 'late');
  await tell(report('edge-1', 6));
  const there = await admin(`publish --wait ${file} --json`);
  assert.equal([there.code, there.json.receipt.converged], [0, true]);
  await tell(report('edge-1', 5, { refused: 6, error: 'port 443 is in use' }));
  const refused = await admin(`publish ${file} --wait=20`);
  assert.is(refused.code, 4);
  assert.match(refused.stdout, 'edge-1: refused, at version 5, 0 of 1 worker there: port 443 is in use');
});

test.run();
