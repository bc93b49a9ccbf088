// A burst of publishes, with config services killed in it: what an acceptor has to read at its start stays bounded throughout.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openStore, type Store } from '@sluice/store';
import { endAll, RealProcess, skip, startRedis, type TestRedis, until } from '@sluice/testkit';
import type { Proposal } from '@sluice/version';
import { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

/** With the two equal each checkpoint is one that an admission waits for, unless the one in the background was faster. */
const CHECKPOINT_EVERY = 5;
const REPLAY_ENTRIES = 5;
const PUBLISHES = 80;
const KILLED_AT = [15, 45];
const LOOK_PAUSE_MS = 2;

const test = suite('a burst of publishes');
const redis = await startRedis();
if (redis === null) skip(test, 'in a burst', 'no redis-server on PATH');
else withRedis(redis);

async function serve({ url }: TestRedis): Promise<RealProcess> {
  const service = new RealProcess('config-service', process.execPath, {
    args: [join(import.meta.dirname, 'main.ts')],
    env: {
      SLUICE_STORE: url,
      SLUICE_CHECKPOINT_EVERY: String(CHECKPOINT_EVERY),
      SLUICE_REPLAY_ENTRIES: String(REPLAY_ENTRIES),
    },
  });
  await service.event('serving');
  return service;
}

function proposal(name: string): Proposal {
  const metadata = { name, namespace: 'default', labels: {}, annotations: {} };
  const resource = {
    ...{ apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry' as const },
    metadata,
    spec: { address: '10.0.0.1' },
  };
  const wish = { type: 'change', put: [resource], delete: [], set: '', prune: false } as const;
  return { submission: randomUUID(), wish, author: 'ann', message: '', expectVersion: null, timeMs: Date.now() };
}

/** How many entries lay after the newest checkpoint at most, looked at until told to stop. */
async function longestReplay(direct: Redis, signal: AbortSignal): Promise<{ looks: number; longest: number }> {
  let [looks, longest] = [0, 0];
  while (!signal.aborted) {
    const both = await direct.multi().get('{sluice}:head').zrange('{sluice}:checkpoints', '-1', '-1').exec();
    const [head, checkpoints] = both!.map(([, answer]) => answer) as [string | null, string[]];
    longest = Math.max(longest, Number.parseInt(head ?? '0', 10) - Number(checkpoints[0] ?? 0));
    looks++;
    await delay(LOOK_PAUSE_MS);
  }
  return { looks, longest };
}

function withRedis(server: TestRedis): void {
  const direct = new Redis(server.url);
  let store: Store | null = null;

  test.after(async () => {
    await store?.close();
    direct.disconnect();
    await server.remove();
    await endAll();
  });

  test('with config services killed in it, a start never has more entries to read than it may', async () => {
    let service = await serve(server);
    const opened = await openStore(server.url, { role: 'publisher' });
    if (!opened.ok) throw opened.fault;
    store = opened.value;
    const { log, admissions } = store;
    const ending = new AbortController();
    const watching = longestReplay(direct, ending.signal);
    const answers = Promise.all(
      Array.from({ length: PUBLISHES }, (_, i) => admissions.submit(proposal(`b${i}`), { timeoutMs: 60_000 })),
    );
    for (const admitted of KILLED_AT) {
      await until(async () => (await log.head()).version >= admitted, `${admitted} versions`);
      await service.end('SIGKILL');
      service = await serve(server);
    }
    assert.ok((await answers).every(({ ok }) => ok));
    ending.abort();
    const { looks, longest } = await watching;
    assert.is((await log.head()).version, PUBLISHES);
    assert.ok(looks > PUBLISHES / 4, `looked ${looks} times`);
    assert.ok(longest > 1 && longest <= REPLAY_ENTRIES, `${longest} entries after the newest checkpoint`);
  });
}

test.run();
