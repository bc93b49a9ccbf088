import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Counters, counterIndex, outcomeIndex } from './counters.ts';
import { Figures, figureIndex } from './figures.ts';
import { Placement } from './placement.ts';
import { Quarantine } from './quarantine.ts';

const test = suite('accounting');

test('totals add all workers, and survive a worker with its open sessions counted as closed', () => {
  const counters = new Counters(2);
  counters.row(0)[counterIndex.opened] = 5;
  counters.row(0)[counterIndex.active] = 2;
  counters.row(0)[counterIndex.closed] = 3;
  counters.row(0)[outcomeIndex.closed] = 3;
  counters.row(0)[counterIndex.version] = 7;
  counters.row(1)[counterIndex.opened] = 1;
  counters.row(1)[counterIndex.active] = 1;
  counters.fold(0);
  assert.is(counters.total(counterIndex.opened), 6);
  assert.is(counters.total(counterIndex.closed), 5);
  assert.is(counters.total(counterIndex.active), 1);
  assert.is(counters.total(outcomeIndex.closed), 3);
  assert.is(counters.of(0, 'version'), 0);
  assert.is(counters.of(0, 'active'), 0);
});

test('figures are kept by version over all workers; old ones are told while sessions are open', () => {
  const figures = new Figures(2);
  figures.begin(1, 10);
  figures.add(0, 1, 10, figureIndex.connections, 3);
  figures.add(1, 1, 10, figureIndex.open, 1);
  for (const turn of [2, 3, 4]) figures.begin(turn, 10 + turn);
  figures.add(0, 4, 14, figureIndex.noRoute, 2);
  const told = figures.list(4);
  assert.equal(
    told.map(({ version }) => version),
    [14, 13, 10],
  );
  assert.is(told[0].noRoute, 2);
  assert.equal([told[2].connections, told[2].open], [3, 1]);
  figures.clearOpen(1);
  assert.equal(
    figures.list(4).map(({ version }) => version),
    [14, 13],
  );
});

test('a session older than the ring is not counted into the version that has its place', () => {
  const figures = new Figures(1);
  figures.begin(1, 1);
  figures.begin(65, 65);
  figures.add(0, 1, 1, figureIndex.open, -1);
  assert.is(figures.list(65)[0].open, 0);
});

test('connections on their way count, so that a burst is spread before any has arrived', () => {
  const counters = new Counters(2);
  const placement = new Placement(counters, 2);
  assert.equal(
    [1, 2, 3, 4].map(() => placement.place([0, 1])),
    [0, 1, 0, 1],
  );
  counters.row(0)[counterIndex.taken] = 2;
  counters.row(0)[counterIndex.active] = 2;
  counters.row(1)[counterIndex.taken] = 2;
  assert.is(placement.place([0, 1]), 1);
  assert.is(placement.place([]), -1);
});

test('what never arrives is not waited for for ever', () => {
  const counters = new Counters(2);
  const placement = new Placement(counters, 2);
  placement.place([0]);
  placement.settle();
  assert.is(placement.place([0, 1]), 1);
  counters.row(1)[counterIndex.taken] = 1;
  placement.settle();
  assert.is(placement.place([0, 1]), 0);
});

test('what never arrives is forgotten under constant load too, and what arrives late is not counted as less than none', () => {
  const counters = new Counters(2);
  const placement = new Placement(counters, 2);
  for (let second = 0; second < 3; second++) {
    placement.place([0]);
    placement.settle();
  }
  counters.row(0)[counterIndex.taken] = 0;
  placement.settle();
  assert.is(placement.place([0], 1), 0);
  counters.row(0)[counterIndex.taken] = 4;
  counters.row(0)[counterIndex.active] = 1;
  assert.is(placement.place([0, 1]), 1);
  assert.is(placement.place([0], 1), -1);
});

test('a burst does not go beyond the limit before any of it has arrived', () => {
  const placement = new Placement(new Counters(2), 2);
  assert.equal(
    Array.from({ length: 5 }, () => placement.place([0, 1], 3)),
    [0, 1, 0, -1, -1],
  );
});

test('a version is condemned by the second death within a minute of its commit, and by each death more', () => {
  let nowMs = 0;
  const quarantine = new Quarantine(() => nowMs);
  quarantine.committed(5);
  assert.not(quarantine.died(5));
  nowMs = 59_000;
  assert.ok(quarantine.died(5));
  assert.ok(quarantine.died(5));
  quarantine.committed(6);
  nowMs += 61_000;
  assert.not(quarantine.died(6));
  assert.not(quarantine.died(6));
  assert.not(quarantine.died(5));
});

test.run();
