// What every store must do for roll-outs: hold where one stands, however the log is read, and let any number of drivers move it.
import { type AcceptorReport, type Candidate, EMPTY_STATE, type State, stateFor, type Wish } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decide } from '../desk.ts';
import { RolloutDriver } from '../rollout-driver.ts';
import type { Store } from '../store.ts';
import { appendMany, faultOf, Listener, proposal, QUICK, type StoreRig, workload } from './rig.ts';

const FLEET: readonly Candidate[] = ['a', 'b'].map((id) => ({ id, labels: {} }));

function report(id: string, { version, digest }: State): AcceptorReport {
  return {
    ...{ id, version, digest, inForceMs: 60_000, state: 'serving', labels: {}, engine: 'node', error: null },
    ...{
      refused: null,
      quarantined: [],
      listeners: [],
      idle: [],
      figures: [],
      commitMs: [],
      startedMs: 0,
      timeMs: 1e6,
    },
    workers: [{ id: 0, version, sessions: 0 }],
  };
}

async function reportAll(store: Store, state: State): Promise<void> {
  for (const { id } of FLEET) await store.reports.put(report(id, stateFor(id, state)));
}

function deskOf(store: Store) {
  return async (each: ReturnType<typeof proposal>) => {
    const { admission } = await decide(
      {
        current: () => store.log.catchUp(null),
        append: async (entry) => (await store.log.append(entry)).ok,
        stateAt: (version) => store.log.stateAt(version),
        reports: () => store.reports.list(),
        judge: () => () => [],
        now: () => 1_000,
      },
      each,
    );
    return admission;
  };
}

function driverOn(store: Store, clock = () => 0): RolloutDriver {
  const current = () => store.log.catchUp(null);
  const { reports } = store;
  return new RolloutDriver({ current, reports, propose: deskOf(store), author: 'x', now: () => 1_000, clock });
}

/** One version for all, and a second one that only one acceptor is to take. */
async function begin(store: Store): Promise<State> {
  const one = await appendMany(store, EMPTY_STATE, 1);
  await reportAll(store, one);
  const rollout = { stages: [{ acceptors: 1 }, { percent: 100 }], bakeMs: 10_000, abortOn: [] };
  const wish: Wish = { type: 'change', put: [workload('new')], delete: [], set: '', prune: false, rollout };
  const admission = await deskOf(store)({ ...proposal([]), wish });
  assert.ok(admission.ok, JSON.stringify(admission));
  return store.log.catchUp(one);
}

const served = (state: State | null | undefined) =>
  FLEET.map(({ id }) => (state ? stateFor(id, state).version : -1)).sort();

export function rolloutConformance(name: string, rig: StoreRig): void {
  const test = suite(`${name}: roll-outs`);
  test.before.each(() => rig.wipe());
  test.after.each(() => rig.closeAll());

  test('who serves what is the same however the log is read, with a checkpoint in the middle or without', async () => {
    const store = await rig.open('config-service', { retainVersions: 1 });
    const begun = await begin(store);
    assert.equal(served(begun), [1, 2]);
    assert.equal(served(await store.log.stateAt('head')), [1, 2]);
    await store.log.writeCheckpoint(begun);
    assert.equal(served(await store.log.catchUp(null)), [1, 2]);
    const listener = new Listener(await rig.open('acceptor', { follow: QUICK }), null);
    await listener.until(() => listener.state !== undefined);
    assert.equal(served(listener.state), [1, 2]);
    const wish: Wish = { type: 'abort', of: 2, breach: null };
    assert.ok((await deskOf(store)({ ...proposal([]), wish })).ok);
    await listener.until(() => listener.state?.version === 3);
    assert.equal(served(listener.state), [3, 3]);
    assert.is(listener.state?.digest, begun.rollout?.before.digest);
    await listener.end();
  });

  test('a lost log is made anew in the middle of a roll-out', async () => {
    const store = await rig.open('config-service');
    const begun = await begin(store);
    await rig.wipe();
    assert.ok(await store.log.restore(begun));
    assert.equal(served(await store.log.catchUp(null)), [1, 2]);
  });

  test('of many drivers each stage is reached once, and none moves it before the acceptors have', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => rig.open('config-service')));
    const store = stores[0] as Store;
    let state = await begin(store);
    await Promise.all(stores.map((each) => driverOn(each).turn()));
    assert.is((await store.log.head()).version, 2, 'nobody has reported the commit yet');
    for (const version of [3, 4]) {
      await reportAll(store, state);
      await Promise.all(stores.map((each) => driverOn(each).turn()));
      state = await store.log.catchUp(null);
      assert.is(state.version, version);
    }
    assert.equal([state.rollout, served(state)], [null, [4, 4]]);
    assert.is(await driverOn(store).turn(), null);
  });

  test('acceptors whose reports the store lost are given the time to report again', async () => {
    const store = await rig.open('config-service');
    const begun = await begin(store);
    let nowMs = 0;
    const driver = driverOn(store, () => nowMs);
    const decided = async () => (await driver.turn())?.decision.type;
    assert.is(await decided(), 'wait');
    nowMs += 20_000;
    assert.is(await decided(), 'wait', 'the version is not committed yet');
    await rig.wipe();
    assert.ok(await store.log.restore(begun));
    assert.is(await decided(), 'wait');
    await reportAll(store, begun);
    nowMs += 1_000;
    assert.is(await decided(), 'promote');
    const everybody = await store.log.catchUp(null);
    await reportAll(store, everybody);
    await store.reports.remove('b');
    assert.is(await decided(), 'wait', 'one of them is missing');
    nowMs += 6_000;
    assert.is(await decided(), 'abort');
  });

  test('a driver whose store is closed says so', async () => {
    const store = await rig.open('config-service');
    const driver = driverOn(store);
    await store.close();
    assert.is(await faultOf(() => driver.turn()), 'closed');
  });

  test.run();
}
