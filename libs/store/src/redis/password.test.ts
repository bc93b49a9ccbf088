// The password of a store is in no line that any process writes, whatever goes well or wrong: real processes, every log level.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll, RealProcess, run, skip, startRedis, until } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('redis: password');
const ROOT = join(import.meta.dirname, '../../../..');
const SERVICE = join(ROOT, 'apps/config-service/src/main.ts');
const ACCEPTOR = join(ROOT, 'apps/acceptor/src/main.ts');
const ADMIN = join(ROOT, 'apps/admin/src/main.ts');
const SAMPLE = join(ROOT, 'deploy/samples/tcp-echo');

const SECRET = 'pa55w/rd@of:all';
const WRONG = 'wr0ng/0ne';
const PARTS = /pa55w|rd@of|rd%40of|wr0ng|0ne/;

const redis = await startRedis(() => ({ requirepass: SECRET }));
const folder = mkdtempSync(join(tmpdir(), 'sluice-password-'));

function url(password: string, port = redis!.port): string {
  return `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`;
}

function start(name: string, main: string, store: string): RealProcess {
  const env = { SLUICE_STORE: store, LOG_LEVEL: 'trace', SLUICE_ADMIN: '127.0.0.1:0', SLUICE_BIND: '127.0.0.1' };
  const more = { SLUICE_ENGINE: 'node', SLUICE_WORKERS: '1', SLUICE_STATE_DIR: join(folder, name) };
  return new RealProcess(name, process.execPath, { args: [main], env: { ...env, ...more } });
}

async function admin(store: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, { args: [ADMIN, ...args], env: { SLUICE_STORE: store } });
  return stdout + stderr;
}

test.after(async () => {
  await endAll();
  await redis?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const name = 'neither a right nor a wrong password is in any output of any process';
if (redis === null) skip(test, name, 'no redis-server on PATH');
else {
  test(name, async () => {
    const outputs: string[] = [];
    const right = url(SECRET);
    const service = start('config-service', SERVICE, right);
    const acceptor = start('acceptor', ACCEPTOR, right);
    await service.event('serving');
    outputs.push(await admin(right, 'publish', SAMPLE, '--message', 'm', '--wait=10'), await admin(right, 'status'));
    assert.match(outputs.join(), /version 1/);
    const refused = start('refused', SERVICE, url(WRONG));
    const strange = start('strange', ACCEPTOR, url(WRONG));
    for (const each of [url(WRONG), url(SECRET, 1), `redis://:${SECRET}@127.0.0.1`, `rediss://:${WRONG}@h?ca=/x`])
      outputs.push(await admin(each, 'status', '--json'), await admin(each, 'publish', SAMPLE));
    assert.is((await refused.exit()).code, 1);
    await strange.event('store-away', ({ code }) => code === 'denied');
    await redis.stop('SIGKILL');
    await until(() => service.events().some(({ event }) => event === 'store-away'), 'an outage told by the service');
    await acceptor.event('store-away');
    await redis.start();
    await acceptor.event('store-back');
    for (const each of [service, acceptor, refused, strange]) {
      await each.end();
      outputs.push(each.output);
    }
    for (const output of outputs) assert.is(PARTS.exec(output), null, output);
  });
}

test.run();
