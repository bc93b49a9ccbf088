import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loopWorkedShare, SpareTime } from './spare-time.ts';

const test = suite('spare time');

/** What it says after each of these shares, looked at one window after the other. */
function told(shares: readonly number[]): boolean[] {
  let share = 0;
  const spareTime = new SpareTime(() => share);
  return shares.map((each, window) => {
    share = each;
    spareTime.look(window * 50);
    return spareTime.none;
  });
}

test('there is none while the thread works nearly all the time', () => {
  assert.equal(told([0, 0.6, 0.9, 0.95, 1]), [false, false, false, true, true]);
});

test('once there is none it takes a thread that waits half of its time for there to be some', () => {
  assert.equal(told([1, 0.7, 0.51, 0.5, 0.7, 0.9, 0.91]), [true, true, true, false, false, false, true]);
});

test('it is asked for once in a window, however many turns there are', () => {
  let asked = 0;
  const spareTime = new SpareTime(() => {
    asked++;
    return 0;
  });
  for (let nowMs = 1000; nowMs < 1100; nowMs++) spareTime.look(nowMs);
  assert.is(asked, 2);
});

test('a thread that only computes has worked all the time, one that only waits has not', async () => {
  // The share is known once the loop has come round.
  await new Promise((resolve) => setTimeout(resolve, 1));
  const share = loopWorkedShare();
  const untilMs = performance.now() + 20;
  while (performance.now() < untilMs);
  assert.ok(share() > 0.9);
  let waited = 1;
  for (let i = 0; i < 100 && waited > 0.5; i++) {
    share();
    await new Promise((resolve) => setTimeout(resolve, 20));
    waited = share();
  }
  assert.ok(waited <= 0.5, `${waited}`);
});

test.run();
