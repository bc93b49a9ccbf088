// A Redis whose memory is full: what is told of it, and that nobody is taken for lost who only cannot say that he is there.
import { until } from '@sluice/testkit';
import type { AcceptorReport, Wish } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deskOn, faultOf, proposal, workload } from '../conformance/rig.ts';
import { decide } from '../desk.ts';
import { RolloutDriver } from '../rollout-driver.ts';
import { withOwnRedis } from './own-redis.test-kit.ts';

const test = suite('redis: without memory');
const withRedis = await withOwnRedis(test, (direct) => direct.config('SET', 'maxmemory', '0'));

function report(id: string): AcceptorReport {
  const lists = { workers: [], quarantined: [], listeners: [], idle: [], figures: [], commitMs: [] };
  const none = { error: null, refused: null, labels: {}, inForceMs: 0, startedMs: 1, timeMs: 1, engine: 'node' };
  return { ...lists, ...none, id, version: 0, digest: 'd', state: 'serving' };
}

withRedis('an acceptor of a stage is not lost for as long as no report can be put', async ({ open, direct }) => {
  const store = await open({ role: 'config-service' });
  await store.reports.put(report('a'));
  const desk = async (each: ReturnType<typeof proposal>) => {
    const current = () => store.log.catchUp(null);
    const append = async (entry: Parameters<typeof store.log.append>[0]) => (await store.log.append(entry)).ok;
    const options = { current, append, stateAt: store.log.stateAt, judge: () => () => [], now: () => 1_000 };
    return (await decide({ ...options, reports: () => store.reports.list() }, each)).admission;
  };
  const rollout = { stages: [{ acceptors: 1 }, { percent: 100 }], bakeMs: 3_600_000, abortOn: [] };
  const wish: Wish = { type: 'change', put: [workload('new')], delete: [], set: '', prune: false, rollout };
  assert.ok((await desk({ ...proposal([]), wish })).ok);
  let nowMs = 0;
  const driver = new RolloutDriver({
    ...{ author: 'x', now: () => 1_000, clock: () => nowMs, propose: desk, reports: store.reports },
    current: () => store.log.catchUp(null),
  });
  assert.is((await driver.turn())?.decision.type, 'wait');
  const silent = Number((await direct.time())[0]) * 1_000 - 60_000;
  await direct.zadd('{sluice}:reported', silent, 'a');
  await direct.config('SET', 'maxmemory', '1mb');
  for (nowMs = 1_000; nowMs < 20_000; nowMs += 1_000) assert.is(await faultOf(() => driver.turn()), 'full');
  await direct.config('SET', 'maxmemory', '0');
  assert.is((await driver.turn())?.decision.type, 'wait', 'it has not had the time to say anything');
  assert.is((await store.log.head()).version, 1);
  nowMs += 6_000;
  assert.is((await driver.turn())?.decision.type, 'abort');
});

withRedis(
  'a publish that nobody can begin with is told of the memory, not of a config service',
  async ({ open, direct }) => {
    const serving = await open({ role: 'config-service' });
    const { close } = await serving.admissions.serve(deskOn(serving));
    const store = await open({ role: 'publisher' });
    await close();
    const submitted = faultOf(() => store.admissions.submit(proposal([workload('a')]), { timeoutMs: 20_000 }));
    await until(async () => (await direct.llen('{sluice}:admissions:wait')) > 0, 'the proposal in the queue');
    await direct.config('SET', 'maxmemory', '1mb');
    assert.is(await submitted, 'full');
    assert.is(await direct.llen('{sluice}:admissions:wait'), 0);
  },
);

test.run();
