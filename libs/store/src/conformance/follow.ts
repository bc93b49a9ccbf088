// What every follower must be told, and must not: every version once, in order, through every kind of loss.
import { EMPTY_STATE } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { appendMany, entryOn, Listener, proposal, QUICK, type StoreRig, workload } from './rig.ts';

export function followConformance(name: string, rig: StoreRig): void {
  const test = suite(`${name}: follow`);
  const listeners: Listener[] = [];
  test.before.each(() => rig.wipe());
  test.after.each(async () => {
    for (const listener of listeners.splice(0)) await listener.end();
    await rig.closeAll();
  });
  const writer = () => rig.open('config-service');
  const listen = async (...[from]: Parameters<typeof appendMany>[1][]) => {
    const store = await rig.open('acceptor', { follow: QUICK });
    const listener = new Listener(store, from ?? null);
    listeners.push(listener);
    return listener;
  };

  test('without a known state it begins with one, then every entry follows', async () => {
    const store = await writer();
    const two = await appendMany(store, EMPTY_STATE, 2);
    const listener = await listen();
    await listener.until(() => listener.state?.version === 2);
    await appendMany(store, two, 3);
    await listener.until(() => listener.state?.version === 5);
    assert.equal(listener.types(), ['state', 'entry', 'entry', 'entry']);
  });

  test('an empty log is an empty state for who knows nothing', async () => {
    const listener = await listen();
    await listener.until(() => listener.state?.version === 0);
    await appendMany(await writer(), EMPTY_STATE, 1);
    await listener.until(() => listener.state?.version === 1);
    assert.equal(listener.types(), ['state', 'entry']);
  });

  test('a known state is continued by the entries after it', async () => {
    const store = await writer();
    const two = await appendMany(store, EMPTY_STATE, 2);
    await appendMany(store, two, 2);
    const listener = await listen(two);
    await listener.until(() => listener.state?.version === 4);
    assert.equal(listener.types(), ['entry', 'entry']);
  });

  test('behind the kept log it starts again from a checkpoint', async () => {
    const store = await rig.open('config-service', { retainVersions: 1 });
    const two = await appendMany(store, EMPTY_STATE, 2);
    let state = two;
    for (let round = 0; round < 3; round++) {
      state = await appendMany(store, state, 2);
      await store.log.writeCheckpoint(state);
    }
    const listener = await listen(two);
    await listener.until(() => listener.state?.version === 8);
    const [first] = listener.events;
    assert.ok(first?.type === 'state' && first.reason === 'trimmed');
  });

  test('many followers are all told the same', async () => {
    const store = await writer();
    const followers = await Promise.all(Array.from({ length: 5 }, () => listen()));
    const state = await appendMany(store, EMPTY_STATE, 20);
    for (const follower of followers) {
      await follower.until(() => follower.state?.version === 20);
      assert.is(follower.state?.digest, state.digest);
      const versions = follower.events.flatMap((event) => (event.type === 'entry' ? [event.entry.version] : []));
      assert.equal(
        versions,
        versions.map((_, index) => versions[0]! + index),
      );
    }
  });

  test('an emptied store takes nothing away', async () => {
    const store = await writer();
    const three = await appendMany(store, EMPTY_STATE, 3);
    const listener = await listen();
    await listener.until(() => listener.state?.version === 3);
    await rig.wipe();
    await listener.until(() => listener.types().includes('away'));
    const away = listener.events.find((event) => event.type === 'away');
    assert.ok(away?.type === 'away' && away.fault.code === 'empty');
    assert.is(listener.state?.digest, three.digest);
    await store.log.restore(three);
    await listener.until(() => listener.types().at(-1) === 'back');
    await appendMany(store, three, 1);
    await listener.until(() => listener.state?.version === 4);
    assert.equal(listener.types(), ['state', 'away', 'back', 'entry']);
  });

  test('a lost newest version that is brought back in time is not noticed in what is in force', async () => {
    const store = await writer();
    const two = await appendMany(store, EMPTY_STATE, 2);
    const next = entryOn(two, proposal([workload('lost')]));
    await store.log.append(next.entry);
    const slow = await rig.open('acceptor', { follow: { ...QUICK, behindGraceMs: 60_000 } });
    const listener = new Listener(slow, null);
    listeners.push(listener);
    await listener.until(() => listener.state?.version === 3);
    await rig.lose(3, two);
    await listener.until(() => listener.types().includes('away'));
    await store.log.append(next.entry);
    await listener.until(() => listener.types().at(-1) === 'back');
    assert.equal(listener.types(), ['state', 'away', 'back']);
  });

  test('a lost newest version that nobody brings back is given up for what the store has', async () => {
    const store = await writer();
    const two = await appendMany(store, EMPTY_STATE, 2);
    await appendMany(store, two, 1);
    const listener = await listen();
    await listener.until(() => listener.state?.version === 3);
    await rig.lose(3, two);
    await listener.until(() => listener.state?.version === 2);
    const last = listener.events.findLast((event) => event.type === 'state');
    assert.ok(last?.type === 'state' && last.reason === 'rewritten');
    await appendMany(store, two, 1);
    await listener.until(() => listener.state?.version === 3);
  });

  test('a version that was replaced by another of the same number is replaced here too', async () => {
    const store = await writer();
    const two = await appendMany(store, EMPTY_STATE, 2);
    await appendMany(store, two, 1);
    const listener = await listen();
    await listener.until(() => listener.state?.version === 3);
    await rig.lose(3, two);
    const other = entryOn(two, proposal([workload('other')]));
    await store.log.append(other.entry);
    await listener.until(() => listener.state?.digest === other.state.digest);
  });

  test('an altered entry is refused, told once, and what came before stays', async () => {
    const store = await writer();
    const two = await appendMany(store, EMPTY_STATE, 2);
    const listener = await listen();
    await listener.until(() => listener.state?.version === 2);
    const { entry } = entryOn(two, proposal([workload('smuggled')]));
    await rig.smuggle({ ...entry, change: { put: [workload('smuggled', '6.6.6.6')], delete: [] } });
    await listener.until(() => listener.types().includes('away'));
    const away = listener.events.find((event) => event.type === 'away');
    assert.ok(away?.type === 'away' && away.fault.code === 'damaged');
    assert.is(listener.state?.digest, two.digest);
    const three = await appendMany(store, two, 1);
    await listener.until(() => listener.state?.digest === three.digest);
  });

  const { outage } = rig;
  if (outage !== undefined) {
    test('an outage is told once, and nothing is missed', async () => {
      const store = await writer();
      const two = await appendMany(store, EMPTY_STATE, 2);
      const listener = await listen();
      await listener.until(() => listener.state?.version === 2);
      await outage.stop();
      await listener.until(() => listener.types().includes('away'));
      await outage.start();
      await listener.until(() => listener.types().at(-1) === 'back');
      const again = await writer();
      await appendMany(again, two, 2);
      await listener.until(() => listener.state?.version === 4);
      assert.equal(
        listener.types().filter((type) => type !== 'away' && type !== 'back'),
        ['state', 'entry', 'entry'],
      );
    });

    test('started during an outage, it goes on from what it knows', async () => {
      const store = await writer();
      const two = await appendMany(store, EMPTY_STATE, 2);
      await outage.stop();
      const listener = await listen(two);
      await listener.until(() => listener.types().includes('away'));
      await outage.start();
      await listener.until(() => listener.types().includes('back'));
      assert.equal(listener.types(), ['away', 'back']);
    });
  }

  test.run();
}
