import { until } from '@sluice/testkit';
import { Registry } from 'prom-client';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LoopLag } from './loop-lag.ts';
import { collectProcessMetrics } from './process-metrics.ts';

const test = suite('lag of the event loop');

async function lagOf(registry: Registry): Promise<Map<string, number>> {
  const told = await registry.getMetricsAsJSON();
  const lags = told.filter(({ name }) => /eventloop_lag_[a-z0-9]+_seconds$/.test(name));
  return new Map(lags.map(({ name, values }) => [name.split('_').at(-2)!, values[0]!.value]));
}

const hold = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test('a held up loop is told with how late it was, not with the time between two looks, and once', async () => {
  const lag = new LoopLag();
  const registry = new Registry();
  collectProcessMetrics(registry, lag);
  lag.lookClosely();
  await until(() => lag.take(({ count }) => count) > 0, 'a look');
  hold(200);
  await until(async () => (await lagOf(registry)).get('max')! > 0.18, 'the pause');
  const names = [...(await lagOf(registry)).keys()];
  assert.equal(names, ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99']);
  // On a machine that does other things too, a look or two may be late; each of them by a whole interval, never.
  await until(async () => {
    const now = await lagOf(registry);
    return now.get('max')! < 0.18 && now.get('p50')! < 0.009;
  }, 'looks in time');
  lag.stop();
});

test('it is looked at seldom, and closely only while a version is taken', async () => {
  const lag = new LoopLag();
  const looks = async (ms: number) => {
    lag.take(() => null);
    await new Promise((resolve) => setTimeout(resolve, ms));
    return lag.take(({ count }) => count);
  };
  // No more than there is time for: a loaded machine makes fewer.
  assert.ok((await looks(500)) <= 6);
  lag.lookClosely();
  await until(async () => (await looks(100)) >= 2, 'closer looks');
  lag.stop();
});

test.run();
