// What every log must do: order, optimistic concurrency, checkpoints, retention, and refusing what was altered.
import { generateKeyPairSync } from 'node:crypto';
import { EMPTY_STATE, renew, signingKey, trustedKeys } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { appendMany, entryOn, faultOf, Listener, proposal, QUICK, type StoreRig, workload } from './rig.ts';

type KeyPair = ReturnType<typeof newKey>;

function newKey() {
  return generateKeyPairSync('ed25519');
}

export function logConformance(name: string, rig: StoreRig): void {
  const test = suite(`${name}: log`);
  test.before.each(() => rig.wipe());
  test.after.each(() => rig.closeAll());

  test('an empty log has version 0 and the empty state', async () => {
    const { log } = await rig.open('publisher');
    assert.equal(await log.head(), { version: 0, digest: EMPTY_STATE.digest });
    assert.equal(await log.entries(0, 10), []);
    assert.equal(await log.history(1, 10), []);
    assert.is((await log.stateAt('head'))?.size, 0);
    assert.is(await log.newestCheckpoint(), 0);
  });

  test('entries come back as they were, ascending, and the history descending', async () => {
    const store = await rig.open('config-service');
    const next = entryOn(EMPTY_STATE, proposal([workload('a', '10.1.2.3')], { message: 'ä € 🚦', author: 'Ö' }));
    await store.log.append(next.entry);
    await appendMany(store, next.state, 4);
    assert.equal((await store.log.entries(0, 1))[0], next.entry);
    assert.equal(
      (await store.log.entries(1, 3)).map(({ version }) => version),
      [2, 3, 4],
    );
    const history = await store.log.history(6, 2);
    assert.equal(
      history.map(({ version }) => version),
      [5, 4],
    );
    assert.equal(history[0]?.put, ['WorkloadEntry/default/w5']);
  });

  test('of two entries made on one head the second is refused with the head', async () => {
    const store = await rig.open('config-service');
    const one = entryOn(EMPTY_STATE, proposal([workload('a')]));
    const two = entryOn(EMPTY_STATE, proposal([workload('b')]));
    assert.equal(await store.log.append(one.entry), { ok: true });
    const { version, digest } = one.state;
    assert.equal(await store.log.append(two.entry), { ok: false, head: { version, digest } });
    assert.equal(await store.log.append(one.entry), { ok: false, head: { version, digest } });
    const skipping = { ...entryOn(one.state, proposal([workload('c')])).entry, version: 3 };
    assert.not((await store.log.append(skipping)).ok);
    assert.is((await store.log.entries(0, 10)).length, 1);
  });

  test('of racing writers each version has one, and nothing is lost', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => rig.open('config-service')));
    let won = 0;
    await Promise.all(
      stores.map(async (store, writer) => {
        for (let mine = 0; mine < 5; ) {
          const state = await store.log.catchUp(null);
          const next = entryOn(state, proposal([workload(`writer-${writer}-${mine}`)]));
          if (!(await store.log.append(next.entry)).ok) continue;
          mine++;
          won++;
        }
      }),
    );
    const state = await stores[0]!.log.stateAt('head');
    assert.equal([won, state?.version, state?.size], [25, 25, 25]);
  });

  test('any kept version can be put together again', async () => {
    const store = await rig.open('config-service');
    const three = await appendMany(store, EMPTY_STATE, 3);
    await store.log.writeCheckpoint(three);
    const six = await appendMany(store, three, 3);
    assert.is(await store.log.newestCheckpoint(), 3);
    for (const version of [0, 1, 3, 5]) assert.is((await store.log.stateAt(version))?.version, version);
    assert.is((await store.log.stateAt(6))?.digest, six.digest);
    assert.is(await store.log.stateAt(7), null);
  });

  test('a known state is brought up to the head, one of another past is replaced', async () => {
    const store = await rig.open('config-service');
    const two = await appendMany(store, EMPTY_STATE, 2);
    const five = await appendMany(store, two, 3);
    assert.is((await store.log.catchUp(two)).digest, five.digest);
    assert.is((await store.log.catchUp(five)).digest, five.digest);
    const other = entryOn(two, proposal([workload('other')])).state;
    assert.is((await store.log.catchUp(other)).digest, five.digest);
  });

  test('retention keeps the versions asked for, and a start from the checkpoint before them', async () => {
    const store = await rig.open('config-service', { retainVersions: 5 });
    let state = EMPTY_STATE;
    for (let round = 0; round < 6; round++) {
      state = await appendMany(store, state, 3);
      await store.log.writeCheckpoint(state);
    }
    for (let version = 13; version <= 18; version++) assert.is((await store.log.stateAt(version))?.version, version);
    assert.is(await store.log.stateAt(8), null);
    assert.is((await store.log.history(19, 100)).at(-1)?.version, 13);
    assert.is((await store.log.catchUp(null)).digest, state.digest);
  });

  test('there are never more entries after the newest checkpoint than a start may read', async () => {
    const store = await rig.open('config-service', { replayEntries: 3 });
    const distance = async () => (await store.log.head()).version - (await store.log.newestCheckpoint());
    let state = EMPTY_STATE;
    for (let version = 1; version <= 11; version++) {
      const next = entryOn(state, proposal([workload(`w${version}`)]));
      // Who does not know the state before leaves it to the log to put it together.
      const appended = await store.log.append(next.entry, version % 2 === 0 ? state : undefined);
      assert.equal([appended, (await distance()) <= 3], [{ ok: true }, true]);
      state = next.state;
    }
    assert.is(await store.log.newestCheckpoint(), 9);
    assert.is((await store.log.stateAt('head'))?.digest, state.digest);
  });

  test('a checkpoint that is being written is waited for, and does', async () => {
    const store = await rig.open('config-service', { replayEntries: 3 });
    const three = await appendMany(store, EMPTY_STATE, 3);
    const written = store.log.writeCheckpoint(three);
    const four = await appendMany(store, three, 1);
    await written;
    assert.equal([await store.log.newestCheckpoint(), four.version], [3, 4]);
  });

  test('a checkpoint of a past that was lost counts for nothing', async () => {
    const store = await rig.open('config-service', { replayEntries: 3 });
    const two = await appendMany(store, EMPTY_STATE, 2);
    const five = await appendMany(store, two, 3);
    await store.log.writeCheckpoint(five);
    for (let version = 5; version > 2; version--)
      await rig.lose(version, (await store.log.stateAt(version - 1)) ?? EMPTY_STATE);
    const other = entryOn(two, proposal([workload('other')]));
    assert.equal(await store.log.append(other.entry, two), { ok: true });
    assert.ok((await store.log.newestCheckpoint()) <= 3);
    const more = await appendMany(store, other.state, 4);
    assert.ok(more.version - (await store.log.newestCheckpoint()) <= 3);
    assert.is((await store.log.catchUp(null)).digest, more.digest);
  });

  test('an altered entry is not taken for the truth', async () => {
    const store = await rig.open('config-service');
    const two = await appendMany(store, EMPTY_STATE, 2);
    await appendMany(store, two, 2);
    await rig.damage('entry', 3);
    assert.is(await faultOf(() => store.log.catchUp(two)), 'damaged');
    assert.is((await store.log.stateAt(2))?.digest, two.digest);
  });

  test('a damaged checkpoint is passed over where the entries lead there too', async () => {
    const store = await rig.open('config-service');
    const two = await appendMany(store, EMPTY_STATE, 2);
    await store.log.writeCheckpoint(two);
    const three = await appendMany(store, two, 1);
    await rig.damage('checkpoint', 2);
    assert.is((await store.log.catchUp(null)).digest, three.digest);
  });

  test('an entry put above the head past every check is thrown out by the next one', async () => {
    const store = await rig.open('config-service');
    const two = await appendMany(store, EMPTY_STATE, 2);
    const { entry } = entryOn(two, proposal([workload('smuggled')]));
    await rig.smuggle({ ...entry, digest: two.digest });
    assert.is((await store.log.catchUp(null)).digest, two.digest);
    const three = await appendMany(store, two, 1);
    assert.is((await store.log.catchUp(null)).digest, three.digest);
  });

  test('a lost log is made anew from a state, and only a lost one', async () => {
    const store = await rig.open('config-service');
    const three = await appendMany(store, EMPTY_STATE, 3);
    assert.not(await store.log.restore(three));
    await rig.wipe();
    assert.ok(await store.log.restore(three));
    assert.is((await store.log.catchUp(null)).digest, three.digest);
    const four = await appendMany(store, three, 1);
    assert.is((await store.log.stateAt('head'))?.digest, four.digest);
  });

  test('with trusted keys nothing is taken that none of them signed', async () => {
    const [ours, other] = [newKey(), newKey()];
    const trusting = (key: KeyPair) => rig.open('acceptor', { trusted: trustedKeys([key.publicKey]), follow: QUICK });
    const store = await rig.open('config-service');
    const bare = await appendMany(store, EMPTY_STATE, 1);
    assert.is(await faultOf(async () => (await trusting(ours)).log.catchUp(null)), 'untrusted');
    const next = renew(bare, signingKey(ours.privateKey)!, 1_000);
    assert.ok((await store.log.append(next.entry)).ok);
    assert.is((await (await trusting(ours)).log.catchUp(null)).version, 2);
    assert.is(await faultOf(async () => (await trusting(other)).log.catchUp(null)), 'untrusted');
    const listener = new Listener(await trusting(ours), null);
    await listener.until(() => listener.state?.version === 2);
    await appendMany(store, next.state, 1);
    await listener.until(() => listener.types().includes('away'));
    const away = listener.events.find((event) => event.type === 'away');
    assert.is(away?.type === 'away' && away.fault.code, 'untrusted');
    assert.is(listener.state?.version, 2);
    await listener.end();
  });

  test('a closed store says so', async () => {
    const store = await rig.open('config-service');
    await store.log.head();
    await store.close();
    await store.close();
    assert.is(await faultOf(() => store.log.head()), 'closed');
  });

  test.run();
}
