import { type ReceivedReport, type Store, storeFault } from '@sluice/store';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { receiptJson, receiptText, waitForReceipt } from './receipt.ts';

const test = suite('the wait for a receipt');

function report(version: number): ReceivedReport {
  const lists = { quarantined: [], listeners: [], idle: [], figures: [], commitMs: [] };
  const none = { error: null, refused: null, labels: {}, inForceMs: 0, startedMs: 1, timeMs: 1, engine: 'node' };
  const workers = [{ id: 1, version, sessions: 0 }];
  return { ...lists, ...none, id: 'edge-1', version, digest: 'd', state: 'serving', workers, ageMs: 0 };
}

/** A store of which only the reports are asked; each answer in turn, the last again and again. */
function store(...answers: (() => readonly ReceivedReport[])[]): Store {
  const list = async () => (answers.length > 1 ? answers.shift()! : answers[0]!)();
  const head = async () => ({ version: 7, digest: 'd' });
  return { reports: { list }, log: { head } } as unknown as Store;
}

const away = () => {
  throw storeFault('away', 'redis://localhost:1: connect ECONNREFUSED');
};

test('outlasts an outage of the store', async () => {
  const there = store(
    () => [report(0)],
    away,
    away,
    () => [report(7)],
  );
  const receipt = await waitForReceipt(there, 7, 60_000);
  assert.ok(receipt.everywhere);
  assert.is(receipt.storeAway, null);
});

test('a store that is away to the end is told, and nothing is said of acceptors nobody could ask', async () => {
  const receipt = await waitForReceipt(
    store(() => [report(0)], away),
    7,
    60,
  );
  assert.not(receipt.everywhere);
  assert.match(receiptText(receipt), /version 7 is in force cannot be asked .* ECONNREFUSED/);
  assert.match(JSON.stringify(receiptJson(receipt)), /"converged":false.*"storeAway":"redis/);
});

test('what is wrong with the store otherwise ends the wait', async () => {
  const denied = store(() => {
    throw storeFault('denied', 'user "x" may not');
  });
  await waitForReceipt(denied, 7, 60_000).then(
    () => assert.unreachable(),
    (error) => assert.is(error.code, 'denied'),
  );
});

test.run();
