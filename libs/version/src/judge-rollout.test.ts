import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { VersionFigures } from './acceptor-report.ts';
import { judgeRollout, MIN_CONNECTIONS, type Observation, SETTLE_MS, type Watched } from './judge-rollout.ts';
import { LOST_AFTER_MS } from './receipt.ts';
import type { Rollout } from './rollout.ts';
import { EMPTY_STATE } from './state.ts';
import { NO_CONNECTIONS } from './tally.ts';

const test = suite('judge rollout');

const HEAD = 7;

function rollout(more: Partial<Rollout> = {}): Rollout {
  return {
    ...{ of: HEAD, stages: [{ acceptors: 1 }, { percent: 100 }], bakeMs: 10_000, stage: 0, chosen: ['new'] },
    abortOn: [
      { figure: 'connect-failure-rate', above: 1 },
      { figure: 'no-route', above: 0 },
    ],
    ...{ reference: null, sinceMs: 0, before: EMPTY_STATE, ...more },
  };
}

function report(
  id: string,
  version: number,
  figures: Partial<VersionFigures> = {},
  more: Partial<Watched> = {},
): Watched {
  return {
    ...{ id, version, digest: '', inForceMs: 10_000, state: 'serving', workers: [{ id: 0, version, sessions: 0 }] },
    ...{ labels: {}, engine: 'node', error: null, refused: null, quarantined: [], listeners: [], idle: [] },
    figures: [{ version, open: 0, connections: 100, connectFailures: 0, noRoute: 0, earlyResets: 0, ...figures }],
    ...{ commitMs: [], startedMs: 0, timeMs: 1_000_000, ageMs: 0, ...more },
  };
}

function seen(reports: readonly Watched[], more: Partial<Observation> = {}): Observation {
  return { reports, head: HEAD, digest: '', watchedMs: 20_000, baseline: new Map(), missing: [], ...more };
}

const old = report('old', 6);

test('a stage that held is promoted, with what the others counted meanwhile', () => {
  const baseline = new Map([['old', { ...NO_CONNECTIONS, connections: 40 }]]);
  const decision = judgeRollout(rollout(), seen([report('new', HEAD), old], { baseline }));
  assert.is(decision.type, 'promote');
  if (decision.type === 'promote') assert.equal([decision.stage, decision.reference?.connections], [1, 60]);
});

test('it waits for the commit in every worker, and for the whole bake time', () => {
  const half = report('new', HEAD, {}, { workers: [{ id: 0, version: 6, sessions: 0 }] });
  for (const late of [report('new', 6), half, report('new', HEAD, {}, { inForceMs: 9_999 })]) {
    assert.is(judgeRollout(rollout(), seen([late, old])).type, 'wait');
    const decision = judgeRollout(rollout(), seen([late, old], { watchedMs: 10_001 + SETTLE_MS }));
    assert.equal([decision.type, decision.type === 'abort' && decision.breach.figure], ['abort', 'late']);
  }
});

test('one that serves a version of another past is waited for, and its figures are not those of this one', () => {
  for (const foreign of [
    report('new', HEAD + 9, { connectFailures: 50 }),
    report('new', HEAD, {}, { digest: 'other' }),
  ]) {
    const decision = judgeRollout(rollout(), seen([foreign, old]));
    assert.is(decision.type, 'wait');
    assert.match(decision.type === 'wait' ? decision.reason : '', /not one of this store/);
  }
});

test('a figure beyond its limit takes it back and is named with its acceptor', () => {
  const decision = judgeRollout(rollout(), seen([report('new', HEAD, { connectFailures: 50 }, { inForceMs: 1 }), old]));
  assert.is(decision.type, 'abort');
  if (decision.type !== 'abort') return;
  const { acceptor, figure, value, limit, message } = decision.breach;
  assert.equal([acceptor, figure, value, limit], ['new', 'connect-failure-rate', 50, 1]);
  assert.is(message, 'new: connect-failure-rate 50% of 100 connections, beyond connect-failure-rate>1%');
  const counted = judgeRollout(rollout(), seen([report('new', HEAD, { noRoute: 1 }), old]));
  assert.is(counted.type === 'abort' && counted.breach.figure, 'no-route');
});

test('few connections are not judged by a rate until the bake time is over, and then they are', () => {
  const few = (inForceMs: number) =>
    report('new', HEAD, { connections: MIN_CONNECTIONS - 1, connectFailures: 1 }, { inForceMs });
  assert.is(judgeRollout(rollout(), seen([few(5_000), old])).type, 'wait');
  assert.is(judgeRollout(rollout(), seen([few(10_000), old])).type, 'abort');
});

test('what goes wrong on the version before as well is not the fault of this one', () => {
  const failing = report('new', HEAD, { connectFailures: 5 });
  assert.is(judgeRollout(rollout(), seen([failing, report('old', 6, { connectFailures: 5 })])).type, 'promote');
  assert.is(judgeRollout(rollout(), seen([failing, report('old', 6, { connectFailures: 3 })])).type, 'abort');
  const before = { ...NO_CONNECTIONS, connections: 100, connectFailures: 5 };
  const last = rollout({ stage: 1, chosen: 'all', reference: before });
  assert.is(judgeRollout(last, seen([failing, report('old', HEAD, { connectFailures: 5 })])).type, 'promote');
  // One that was started again counts from nothing.
  const restarted = new Map([['old', { ...NO_CONNECTIONS, connections: 1_000, connectFailures: 0 }]]);
  const again = report('old', 6, { connectFailures: 5 });
  assert.is(judgeRollout(rollout(), seen([failing, again], { baseline: restarted })).type, 'promote');
  // Long ago is not meanwhile.
  const baseline = new Map([['old', { ...NO_CONNECTIONS, connections: 50, connectFailures: 5 }]]);
  const long = report('old', 6, { connectFailures: 5 });
  assert.is(judgeRollout(rollout(), seen([failing, long], { baseline })).type, 'abort');
});

test('a NACK, a quarantine and a lost acceptor take it back; of older versions they say nothing', () => {
  const bad: [string, Partial<Watched>][] = [
    ['refused', { refused: HEAD, error: 'port 80 is in use', version: 6 }],
    ['quarantined', { refused: HEAD, error: 'quarantined', quarantined: [3, HEAD], version: 6 }],
    ['lost', { ageMs: LOST_AFTER_MS + 1 }],
  ];
  for (const [figure, more] of bad) {
    const decision = judgeRollout(rollout(), seen([report('new', HEAD, {}, more), old]));
    assert.is(decision.type === 'abort' && decision.breach.figure, figure);
  }
  const earlier = report('new', HEAD, {}, { refused: HEAD - 1, quarantined: [HEAD - 1] });
  assert.is(judgeRollout(rollout(), seen([earlier, old])).type, 'promote');
  assert.is(judgeRollout(rollout(), seen([old])).type, 'abort', 'no report of it at all');
});

test('nobody counts as lost for a store that was away', () => {
  const silent = report('new', HEAD, {}, { ageMs: 60_000, inForceMs: 1 });
  assert.is(judgeRollout(rollout(), seen([silent, old], { watchedMs: 100 })).type, 'wait');
  assert.is(judgeRollout(rollout(), seen([old], { watchedMs: 100 })).type, 'wait');
  const stale = report('new', HEAD, {}, { ageMs: 60_000 });
  assert.is(
    judgeRollout(rollout(), seen([stale, old], { watchedMs: 100 })).type,
    'wait',
    'nor is it promoted by old reports',
  );
});

test('who left in good order is not waited for, but somebody must be left', () => {
  const chosen = ['new', 'leaving'];
  const leaving = report('leaving', 6, {}, { state: 'stopped', ageMs: 60_000 });
  assert.is(judgeRollout(rollout({ chosen }), seen([report('new', HEAD), leaving])).type, 'promote');
  assert.is(judgeRollout(rollout({ chosen: ['leaving'] }), seen([leaving, old])).type, 'wait');
});

test('where everybody is meant, the dead of yesterday and the newly started do not hold it up', () => {
  const all = rollout({ stage: 1, chosen: 'all' });
  const dead = report('dead', 6, {}, { ageMs: 3_600_000 });
  const young = report('young', HEAD, {}, { inForceMs: 10, timeMs: 5_000, startedMs: 4_000 });
  assert.is(judgeRollout(all, seen([report('new', HEAD), dead, young])).type, 'promote');
  assert.is(judgeRollout(all, seen([dead, young])).type, 'wait');
  const baseline = new Map([['dead', NO_CONNECTIONS]]);
  assert.is(judgeRollout(all, seen([report('new', HEAD), dead], { baseline })).type, 'abort', 'it died in this stage');
});

const anyReport = fc.record({
  version: fc.constantFrom(6, HEAD),
  connections: fc.integer({ min: 0, max: 60 }),
  failing: fc.integer({ min: 0, max: 100 }),
  noRoute: fc.constantFrom(0, 0, 0, 1),
  inForceMs: fc.constantFrom(0, 5_000, 10_000),
  ageMs: fc.constantFrom(0, 0, 0, LOST_AFTER_MS + 1),
  refused: fc.constantFrom(null, null, null, 5, HEAD),
  state: fc.constantFrom('serving', 'serving', 'draining', 'stopped'),
});

function fleetOf(rows: readonly (typeof anyReport extends fc.Arbitrary<infer T> ? T : never)[]): Watched[] {
  return rows.map(({ version, connections, failing, noRoute, inForceMs, ageMs, refused, state }, index) =>
    report(
      `edge-${index}`,
      version,
      { connections, connectFailures: Math.floor((connections * failing) / 100), noRoute },
      { inForceMs, ageMs, refused, error: refused === null ? null : 'no', state: state as Watched['state'] },
    ),
  );
}

test('whatever is reported: the order does not matter, and what is promoted has nobody who refused, is lost or is behind', () => {
  const chosen = fc.constantFrom<Rollout['chosen'][]>(['edge-0'], ['edge-0', 'edge-1'], 'all');
  fc.assert(
    fc.property(
      fc.array(anyReport, { minLength: 1, maxLength: 6 }),
      chosen,
      fc.integer({ max: 90_000, min: 0 }),
      (rows, who, watchedMs) => {
        const reports = fleetOf(rows);
        const each = rollout({ chosen: who });
        const decision = judgeRollout(each, seen(reports, { watchedMs }));
        const reversed = judgeRollout(each, seen([...reports].reverse(), { watchedMs }));
        assert.is(reversed.type, decision.type);
        if (decision.type !== 'promote') return;
        const members = reports.filter(({ id, ageMs }) => (who === 'all' ? ageMs === 0 : who.includes(id)));
        for (const member of members) {
          assert.not.equal(member.refused, HEAD);
          const [figures] = member.figures;
          if (member.version === HEAD) assert.is(figures?.noRoute, 0);
          if (member.state !== 'serving') continue;
          assert.equal([member.version, member.inForceMs, member.ageMs], [HEAD, 10_000, member.ageMs]);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('one failure more never turns an abort into anything else, and more time never a promotion into waiting', () => {
  fc.assert(
    fc.property(
      fc.array(anyReport, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 90_000 }),
      (rows, watchedMs) => {
        const each = rollout({ chosen: ['edge-0'] });
        const decide = (more: typeof rows, ms = watchedMs) =>
          judgeRollout(each, seen(fleetOf(more), { watchedMs: ms })).type;
        const worse = rows.map((row, index) => (index === 0 ? { ...row, failing: 100, noRoute: 1 as const } : row));
        if (decide(rows) === 'abort') assert.is(decide(worse), 'abort');
        if (decide(rows) === 'promote') assert.is(decide(rows, watchedMs + 1_000), 'promote');
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a stage of everybody waits for one whose report the store lost', () => {
  const everybody = rollout({ stage: 1, chosen: 'all' });
  const there = [report('new', HEAD)];
  assert.is(judgeRollout(everybody, seen(there)).type, 'promote');
  assert.is(judgeRollout(everybody, seen(there, { missing: ['old'], watchedMs: 1_000 })).type, 'wait');
  const decision = judgeRollout(everybody, seen(there, { missing: ['old'] }));
  assert.equal([decision.type, decision.type === 'abort' && decision.breach.figure], ['abort', 'lost']);
});

test.run();
