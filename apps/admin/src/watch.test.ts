// `publish --watch` beside a roll-out, over a real queue, which gives a submission its first answer again for an hour.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@sluice/store';
import { endAll, RealProcess, run, skip, startRedis, until } from '@sluice/testkit';
import type { AcceptorReport } from '@sluice/version';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('publish --watch');
/** Until a proposal is given up: the queue has it tried 20 times. */
const manyTriesMs = 120_000;

const name = 'a roll-out that is in the way is waited for, and then the folder is published';
const redis = await startRedis();

function workload(name: string): string {
  return `apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: { name: ${name} }\nspec: { address: 10.0.0.1 }\n`;
}

function report(id: string): AcceptorReport {
  const lists = { workers: [], quarantined: [], listeners: [], idle: [], figures: [], commitMs: [] };
  const none = { error: null, refused: null, labels: {}, inForceMs: 0, startedMs: 1, timeMs: 1, engine: 'node' };
  return { ...lists, ...none, id, version: 0, digest: 'd', state: 'serving' };
}

if (redis === null) skip(test, name, 'no redis-server on PATH');
else {
  const { url } = redis;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-watch-'));
  const main = join(import.meta.dirname, 'main.ts');
  const env = { SLUICE_STORE: url };
  let telling: NodeJS.Timeout | undefined;
  test.after(async () => {
    clearInterval(telling);
    await redis.remove();
    await endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  let service: RealProcess;
  const startService = async (settings: Readonly<Record<string, string>> = {}) => {
    const args = [join(import.meta.dirname, '../../config-service/src/main.ts')];
    service = new RealProcess('config-service', process.execPath, { args, env: { ...env, ...settings } });
    await service.event('serving');
  };

  test(name, async () => {
    await startService();
    const opened = await openStore(url, { role: 'acceptor' });
    if (!opened.ok) throw opened.fault;
    telling = setInterval(() => void opened.value.reports.put(report('edge-1')).catch(() => {}), 500);
    await opened.value.reports.put(report('edge-1'));
    writeFileSync(join(folder, 'staged.yaml'), workload('staged'));
    const staged = ['publish', join(folder, 'staged.yaml'), '--stages', '1,100%', '--bake', '1h'];
    assert.is((await run(process.execPath, { args: [main, ...staged], env })).code, 0);
    mkdirSync(join(folder, 'watched'));
    writeFileSync(join(folder, 'watched/a.yaml'), workload('a'));
    const watching = ['publish', '--watch', join(folder, 'watched'), '--set', 'git', '--json'];
    const watch = new RealProcess('watch', process.execPath, { args: [main, ...watching], env });
    const outcome = (which: string) => watch.output.split('\n').find((line) => line.includes(`"outcome":"${which}"`));
    await until(() => outcome('undecided'), 'to be told of the roll-out');
    assert.match(outcome('undecided') ?? '', /is being rolled out/);
    assert.is((await run(process.execPath, { args: [main, 'abort'], env })).code, 0);
    await until(
      () => outcome('admitted'),
      () => `the folder published: ${watch.output}`,
    );
    assert.is(await watch.end('SIGINT'), 0);
    await opened.value.close();
  });

  test('what nobody could decide is proposed anew once it can be decided', async () => {
    const direct = new Redis(url);
    const head = (await direct.get('{sluice}:head')) ?? '';
    await direct.set('{sluice}:head', 'damaged');
    writeFileSync(join(folder, 'watched/b.yaml'), workload('b'));
    const watching = ['publish', '--watch', join(folder, 'watched'), '--set', 'git', '--json'];
    const watch = new RealProcess('watch', process.execPath, { args: [main, ...watching], env });
    await until(
      () => watch.output.includes('could not decide'),
      () => `to be told that it cannot be decided: ${watch.output}`,
      manyTriesMs,
    );
    await direct.set('{sluice}:head', head);
    await until(
      () => watch.output.includes('"outcome":"admitted"'),
      () => `the folder published: ${watch.output}`,
    );
    assert.is(await watch.end('SIGINT'), 0);
    direct.disconnect();
  });

  test('what a config service does not trust is proposed anew, and published once it does', async () => {
    for (const key of ['known', 'new'])
      assert.is((await run(process.execPath, { args: [main, 'keygen', join(folder, key)], env })).code, 0);
    await service.end();
    await startService({ SLUICE_PUBLISHER_KEYS: join(folder, 'known.pub') });
    writeFileSync(join(folder, 'watched/c.yaml'), workload('c'));
    const watching = ['publish', '--watch', join(folder, 'watched'), '--set', 'git', '--key', join(folder, 'new')];
    const watch = new RealProcess('watch', process.execPath, { args: [main, ...watching, '--json'], env });
    const told = () => `what is told: ${watch.output}`;
    await until(() => watch.output.includes('not to be trusted'), told);
    await service.end();
    await startService({ SLUICE_PUBLISHER_KEYS: `${join(folder, 'known.pub')},${join(folder, 'new.pub')}` });
    await until(() => watch.output.includes('"outcome":"admitted"'), told);
    assert.is(await watch.end('SIGINT'), 0);
  });
}

test.run();
