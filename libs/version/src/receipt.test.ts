import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AcceptorReport } from './acceptor-report.ts';
import { LOST_AFTER_MS, receiptOf } from './receipt.ts';

const test = suite('receipt');

/** Newer than anything reported. */
const HEAD = { version: 9, digest: 'nine' };

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
  const receipt = receiptOf(2, [report('a'), report('b', { version: 3 })], HEAD);
  assert.ok(receipt.everywhere && receipt.settled);
});

test('one worker behind is not everywhere', () => {
  const workers = [
    { id: 1, version: 2, sessions: 0 },
    { id: 2, version: 1, sessions: 0 },
  ];
  const receipt = receiptOf(2, [report('a'), report('b', { workers })], HEAD);
  assert.not(receipt.everywhere);
  assert.not(receipt.settled);
  assert.equal([receipt.acceptors[1]?.standing, receipt.acceptors[1]?.workersThere], ['late', 1]);
});

test('fewer acceptors than expected are not everywhere, and more are to be expected', () => {
  const one = receiptOf(2, [report('a'), report('b', { ageMs: LOST_AFTER_MS + 1 })], HEAD, 2);
  assert.equal([one.everywhere, one.settled], [false, false]);
  const two = receiptOf(2, [report('a'), report('b')], HEAD, 2);
  assert.equal([two.everywhere, two.settled], [true, true]);
});

test('no acceptor at all is nowhere', () => {
  assert.not(receiptOf(1, [], HEAD).everywhere);
  assert.not(receiptOf(1, [report('a', { ageMs: LOST_AFTER_MS + 1 })], HEAD).everywhere);
});

test('a lost or leaving acceptor is named and not waited for', () => {
  const receipt = receiptOf(
    2,
    [
      report('a'),
      report('b', { version: 1, ageMs: LOST_AFTER_MS + 1 }),
      report('c', { version: 1, state: 'draining' }),
    ],
    HEAD,
  );
  assert.ok(receipt.everywhere);
  assert.equal(
    receipt.acceptors.map(({ standing }) => standing),
    ['committed', 'lost', 'leaving'],
  );
});

test('a refusal settles, with what the acceptor says', () => {
  const receipt = receiptOf(
    2,
    [report('a'), report('b', { version: 1, refused: 2, error: 'port 443 is in use' })],
    HEAD,
  );
  assert.not(receipt.everywhere);
  assert.ok(receipt.settled);
  assert.is(receipt.acceptors[1]?.reason, 'port 443 is in use');
});

test('a version that is not of this log is no commit, whatever its number', () => {
  const head = { version: 2, digest: 'd' };
  const foreign: Record<string, AcceptorReport & { ageMs: number }> = {
    'ahead of the head': report('a', { version: 22 }),
    'the same number of another past': report('a', { digest: 'other' }),
  };
  for (const [what, each] of Object.entries(foreign)) {
    const receipt = receiptOf(2, [each], head);
    assert.equal([receipt.everywhere, receipt.settled], [false, false], what);
    assert.equal([receipt.acceptors[0]?.standing, receipt.acceptors[0]?.workersThere], ['late', 0], what);
    assert.match(receipt.acceptors[0]?.reason ?? '', /not one of this store/, what);
  }
  assert.not(receiptOf(2, [report('a', { version: 3, state: 'stale' })], HEAD).everywhere, 'stale below the head');
  assert.ok(receiptOf(2, [report('a', { digest: 'd', state: 'stale' })], head).everywhere, 'the head itself');
});

test('an old refusal says nothing of a newer version', () => {
  const receipt = receiptOf(3, [report('a', { version: 1, refused: 2, error: 'x' })], HEAD);
  assert.not(receipt.settled);
  assert.is(receipt.acceptors[0]?.standing, 'late');
});

test.run();
