import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isRolloutPlan, limitText, parseAbortOn, parseStages, stageText } from './rollout-plan.ts';

const test = suite('rollout plan');

test('stages are numbers of acceptors and percentages, and the last is everybody', () => {
  assert.equal(parseStages('1, 10%,100%'), {
    ok: true,
    value: [{ acceptors: 1 }, { percent: 10 }, { percent: 100 }],
  });
  assert.equal(parseStages('2'), { ok: true, value: [{ acceptors: 2 }, { percent: 100 }] });
  for (const wrong of ['', '0', '0%', '101%', '-1', '1.5', '1,,2', 'all', '1e3', Array(17).fill('1').join(',')]) {
    assert.not(parseStages(wrong).ok, wrong);
  }
});

test('a limit is a rate with percent or a count without', () => {
  assert.equal(parseAbortOn('connect-failure-rate>1%,no-route>0'), {
    ok: true,
    value: [
      { figure: 'connect-failure-rate', above: 1 },
      { figure: 'no-route', above: 0 },
    ],
  });
  assert.equal(parseAbortOn('none'), { ok: true, value: [] });
  const wrongs = [
    '',
    'no-route',
    'no-route>1%',
    'no-route-rate>1',
    'no-route>-1',
    'x>1',
    'toString>0',
    'no-route-rate>100%',
  ];
  for (const wrong of wrongs) assert.not(parseAbortOn(wrong).ok, wrong);
});

test('what is read is a plan, and is said as it was written', () => {
  const stage = fc.oneof(
    fc.integer({ min: 1, max: 1_000 }).map(String),
    fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`),
  );
  const figure = fc.constantFrom('connect-failure', 'no-route', 'early-reset');
  const limit = fc.oneof(
    fc.tuple(figure, fc.integer({ min: 0, max: 99 })).map(([name, above]) => `${name}-rate>${above}%`),
    fc.constantFrom('connect-failures>0', 'no-route>7', 'early-resets>1000'),
  );
  fc.assert(
    fc.property(
      fc.array(stage, { minLength: 1, maxLength: 8 }),
      fc.array(limit, { minLength: 1 }),
      (stages, limits) => {
        const [parsed, abortOn] = [parseStages(stages.join(',')), parseAbortOn(limits.join(','))];
        if (!parsed.ok || !abortOn.ok) return false;
        assert.equal(parsed.value.map(stageText).slice(0, stages.length), stages);
        assert.equal(abortOn.value.map(limitText), limits);
        return isRolloutPlan(JSON.parse(JSON.stringify({ stages: parsed.value, bakeMs: 1, abortOn: abortOn.value })));
      },
    ),
    { numRuns: 200 },
  );
});

test('anything else is no plan', () => {
  const plan = { stages: [{ percent: 100 }], bakeMs: 0, abortOn: [] };
  assert.ok(isRolloutPlan(plan));
  const wrongs = [
    ...[null, 7, [], {}, { ...plan, stages: [] }, { ...plan, stages: [{ acceptors: 1 }] }, { ...plan, bakeMs: -1 }],
    ...[
      { ...plan, bakeMs: 1e12 },
      { ...plan, abortOn: [{ figure: 'x', above: 0 }] },
      { ...plan, abortOn: null },
    ],
  ];
  for (const wrong of wrongs) assert.not(isRolloutPlan(wrong), JSON.stringify(wrong));
});

test.run();
