// `admin status --watch` over an outage of the store, and its end.
import { join } from 'node:path';
import { endAll, RealProcess, skip, startRedis, until } from '@sluice/testkit';
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
}

test.run();
