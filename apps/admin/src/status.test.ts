// `admin status` over an outage of the store, and over damage in it.
import { join } from 'node:path';
import { endAll, RealProcess, run, skip, startRedis, until } from '@sluice/testkit';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const test = suite('status --watch');
const name = 'a store that goes away is told and shown again when it is back; an interrupt ends it with status 0';
const redis = await startRedis();
if (redis === null) skip(test, name, 'no redis-server on PATH');
else {
  test.after(async () => {
    await redis.remove();
    await endAll();
  });

  test(name, async () => {
    const args = [join(import.meta.dirname, 'main.ts'), 'status', '--watch', '--json'];
    const watch = new RealProcess('status', process.execPath, { args, env: { SLUICE_STORE: redis.url } });
    const last = () => {
      const line = watch.output.trimEnd().split('\n').at(-1);
      return line === undefined || line === '' ? {} : (JSON.parse(line) as { head?: number; reason?: string });
    };
    await until(() => last().head === 0, 'the first look');
    await redis.stop('SIGKILL');
    await until(() => last().reason === 'away', 'the outage');
    await redis.start();
    await until(() => last().head === 0, 'the store again');
    assert.is(await watch.end('SIGINT'), 0);
  });

  test('acceptors are shown although the newest entry is damaged, and so it is said', async () => {
    const direct = new Redis(redis.url);
    await direct.xadd('{sluice}:log', '1-0', 'entry', 'spoilt');
    await direct.set('{sluice}:head', `1 ${'0'.repeat(64)}`);
    const report = { id: 'edge', version: 1, workers: [{ id: 0, version: 1, sessions: 0 }], state: 'serving' };
    await direct.hset('{sluice}:reports', 'edge', JSON.stringify(report));
    await direct.zadd('{sluice}:reported', Number((await direct.time())[0]) * 1_000, 'edge');
    direct.disconnect();
    const status = (...more: string[]) =>
      run(process.execPath, {
        args: [join(import.meta.dirname, 'main.ts'), 'status', ...more],
        env: { SLUICE_STORE: redis.url },
      });
    const shown = await status();
    assert.is(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /edge +serving +1 /);
    assert.match(shown.stdout, /the newest version is damaged in the store: an entry is not an object/);
    const { acceptors, damage } = JSON.parse((await status('--json')).stdout);
    assert.equal([acceptors.length, damage], [1, 'an entry is not an object']);
  });
}

test.run();
