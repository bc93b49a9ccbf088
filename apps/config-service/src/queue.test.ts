// The queue's thread while the main thread decides for longer than a silent config service would be waited for.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isStoreFault, openStore } from '@sluice/store';
import { endAll, run, skip, startRedis } from '@sluice/testkit';
import type { Admission } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveQueue } from './queue.ts';

const test = suite('the queue of proposals');
const redis = await startRedis();
const folder = mkdtempSync(join(tmpdir(), 'sluice-queue-'));
const admin = join(import.meta.dirname, '../../admin/src/main.ts');

/** Longer than a config service may be silent (desk-word.ts), and than a job's lock lasts (serve.ts). */
const blockedMs = 5_000;

const rejection: Admission = {
  ok: false,
  rejection: { reason: 'invalid', message: 'told by the desk of the test', complaints: [] },
};

test.after(async () => {
  await endAll();
  rmSync(folder, { recursive: true, force: true });
});

const name = 'a publisher waits for a decision that takes long, and it is made once';
if (redis === null) skip(test, name, 'no redis-server on PATH');
else
  test(name, async () => {
    const file = join(folder, 'one.yaml');
    writeFileSync(
      file,
      `apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: one }
spec: { address: 10.0.0.1 }
`,
    );
    let decisions = 0;
    const serving = await serveQueue(
      { store: redis.url, logLevel: 'info' },
      async () => {
        decisions++;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockedMs);
        return rejection;
      },
      new AbortController().signal,
      (error) => assert.unreachable(error.message),
    );
    const published = await run(process.execPath, { args: [admin, 'publish', file, '--store', redis.url] });
    await serving?.close();
    assert.match(published.stdout + published.stderr, /told by the desk of the test/);
    assert.is(published.code, 1);
    assert.is(decisions, 1);
    const opened = await openStore(redis.url, { role: 'publisher' });
    assert.ok(opened.ok);
    assert.is((await opened.value.log.head()).version, 0);
    await opened.value.close();
  });

test('what is wrong with the store is told with its code, though the thread finds it', async () => {
  const serving = serveQueue(
    { store: 'mongodb://127.0.0.1', logLevel: 'silent' },
    async () => rejection,
    new AbortController().signal,
    (error) => assert.unreachable(error.message),
  );
  const fault = await serving.catch((error) => error);
  assert.ok(isStoreFault(fault));
  assert.equal([fault.code, fault.message], ['bad-url', '"mongodb://" is not a kind of store']);
});

test('a signal ends the wait for a store that is away', async () => {
  const ending = new AbortController();
  const task = { store: 'redis://127.0.0.1:1', logLevel: 'silent' };
  const serving = serveQueue(
    task,
    async () => rejection,
    ending.signal,
    (error) => assert.unreachable(error.message),
  );
  ending.abort();
  assert.is(await serving, null);
});

test.run();
