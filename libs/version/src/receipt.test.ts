import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AcceptorReport } from './acceptor-report.ts';
import { LOST_AFTER_MS, receiptOf } from './receipt.ts';

const test = suite('receipt');

function report(
  id: string,
  more: Partial<AcceptorReport & { ageMs: number }> = {},
): AcceptorReport & { ageMs: number } {
  const version = more.version ?? 2;
  return {
    ...{ id, version, digest: '', state: 'serving', labels: {}, engine: 'node', error: null, refused: null },
    ...{ quarantined: [], listeners: [], idle: [], figures: [], commitMs: [], startedMs: 0, timeMs: 0, ageMs: 0 },
    workers: [
      { id: 1, version, sessions: 0 },
      { id: 2, version, sessions: 0 },
    ],
    ...more,
  } as AcceptorReport & { ageMs: number };
}

test('committed in every worker of every acceptor is everywhere', () => {
  const receipt = receiptOf(2, [report('a'), report('b', { version: 3 })]);
  assert.ok(receipt.everywhere && receipt.settled);
});

test('one worker behind is not everywhere', () => {
  const workers = [
    { id: 1, version: 2, sessions: 0 },
    { id: 2, version: 1, sessions: 0 },
  ];
  const receipt = receiptOf(2, [report('a'), report('b', { workers })]);
  assert.not(receipt.everywhere);
  assert.not(receipt.settled);
  assert.equal([receipt.acceptors[1]?.standing, receipt.acceptors[1]?.workersThere], ['late', 1]);
});

test('fewer acceptors than expected are not everywhere, and more are to be expected', () => {
  const one = receiptOf(2, [report('a'), report('b', { ageMs: LOST_AFTER_MS + 1 })], 2);
  assert.equal([one.everywhere, one.settled], [false, false]);
  const two = receiptOf(2, [report('a'), report('b')], 2);
  assert.equal([two.everywhere, two.settled], [true, true]);
});

test('no acceptor at all is nowhere', () => {
  assert.not(receiptOf(1, []).everywhere);
  assert.not(receiptOf(1, [report('a', { ageMs: LOST_AFTER_MS + 1 })]).everywhere);
});

test('a lost or leaving acceptor is named and not waited for', () => {
  const receipt = receiptOf(2, [
    report('a'),
    report('b', { version: 1, ageMs: LOST_AFTER_MS + 1 }),
    report('c', { version: 1, state: 'draining' }),
  ]);
  assert.ok(receipt.everywhere);
  assert.equal(
    receipt.acceptors.map(({ standing }) => standing),
    ['committed', 'lost', 'leaving'],
  );
});

test('a refusal settles, with what the acceptor says', () => {
  const receipt = receiptOf(2, [report('a'), report('b', { version: 1, refused: 2, error: 'port 443 is in use' })]);
  assert.not(receipt.everywhere);
  assert.ok(receipt.settled);
  assert.is(receipt.acceptors[1]?.reason, 'port 443 is in use');
});

test('an old refusal says nothing of a newer version', () => {
  const receipt = receiptOf(3, [report('a', { version: 1, refused: 2, error: 'x' })]);
  assert.not(receipt.settled);
  assert.is(receipt.acceptors[0]?.standing, 'late');
});

test.run();
