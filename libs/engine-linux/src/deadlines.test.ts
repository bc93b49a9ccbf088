import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Deadlines } from './deadlines.ts';

const test = suite('deadlines');

const soon = () => performance.now() + 5;

function due(count: number): { deadlines: Deadlines; told: number[]; all: Promise<void> } {
  const told: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const deadlines = new Deadlines(64, (fd) => {
    told.push(fd);
    if (told.length === count) resolve();
  });
  return { deadlines, told, all: promise };
}

test('each is told once, never before its time, the earlier first', async () => {
  const { deadlines, told, all } = due(3);
  const at = performance.now() + 60;
  deadlines.set(1, at + 40);
  deadlines.set(2, at);
  deadlines.set(3, soon());
  await all;
  assert.equal(told, [3, 2, 1]);
  assert.ok(performance.now() >= at + 40);
});

test('one cleared is not told, one set again counts from there', async () => {
  const { deadlines, told, all } = due(2);
  deadlines.set(1, soon());
  deadlines.set(2, soon());
  deadlines.set(3, performance.now() + 60);
  deadlines.clear(1);
  deadlines.set(2, performance.now() + 40);
  await all;
  assert.equal(told, [2, 3]);
});

test('whoever is told may set and clear, itself included', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let rounds = 0;
  const deadlines = new Deadlines(64, (fd) => {
    if (fd !== 1) return;
    deadlines.clear(2);
    if (++rounds === 3) return resolve();
    deadlines.set(2, soon());
    deadlines.set(1, soon());
  });
  deadlines.set(1, soon());
  await promise;
  assert.is(rounds, 3);
});

test('one beyond a turn of the wheel waits, and does not keep others', async () => {
  const { deadlines, told, all } = due(1);
  deadlines.set(1, performance.now() + 3_600_000);
  deadlines.set(2, soon());
  await all;
  assert.equal(told, [2]);
  deadlines.stop();
});

test('infinity clears', async () => {
  const { deadlines, told, all } = due(1);
  deadlines.set(1, soon());
  deadlines.set(1, Number.POSITIVE_INFINITY);
  deadlines.set(2, performance.now() + 40);
  await all;
  assert.equal(told, [2]);
});

test.run();
