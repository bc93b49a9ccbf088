// What every store must do with the acceptors' reports.
import type { AcceptorReport } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StoreRig } from './rig.ts';

function report(id: string, version: number): AcceptorReport {
  return {
    ...{ id, version, digest: 'd', state: 'serving', labels: { istio: 'ingressgateway' }, engine: 'node' },
    ...{
      error: null,
      refused: null,
      quarantined: [],
      idle: [],
      figures: [],
      commitMs: [3],
      inForceMs: 5,
      startedMs: 1,
      timeMs: 2,
    },
    workers: [{ id: 1, version, sessions: 4 }],
    listeners: [{ name: '0.0.0.0_31400', address: '0.0.0.0:31400' }],
  };
}

export function reportConformance(name: string, rig: StoreRig): void {
  const test = suite(`${name}: reports`);
  test.before.each(() => rig.wipe());
  test.after.each(() => rig.closeAll());

  test('the last report of each acceptor is listed by id, with its age', async () => {
    const { reports } = await rig.open('acceptor');
    assert.equal(await reports.list(), []);
    await reports.put(report('b', 1));
    await reports.put(report('a', 1));
    await reports.put(report('b', 2));
    const listed = await (await rig.open('publisher')).reports.list();
    assert.equal(
      listed.map(({ ageMs: _ageMs, ...rest }) => rest),
      [report('a', 1), report('b', 2)],
    );
    assert.ok(listed.every(({ ageMs }) => ageMs >= 0 && ageMs < 60_000));
  });

  test('what an acceptor of another release says otherwise, or not at all, keeps nobody from reading the rest', async () => {
    const { reports } = await rig.open('acceptor');
    const others: readonly unknown[] = [
      { id: 'bare', version: 4, workers: [{ id: 0, version: 4 }, null] },
      {
        ...report('nulls', 4),
        labels: null,
        quarantined: null,
        figures: [null],
        idle: {},
        commitMs: ['x'],
        state: 'x',
      },
      { ...report('absurd', 4), version: 1e300 },
      { ...report('later', 4), more: { than: 'known' }, timeMs: -1, refused: 'v4' },
    ];
    for (const each of others) await reports.put(each as AcceptorReport);
    const [bare, later, nulls, ...more] = await reports.list();
    const worker = { id: 0, version: 4, sessions: 0 };
    assert.equal([bare?.id, bare?.workers], ['bare', [worker, { id: 1, version: 0, sessions: 0 }]]);
    assert.equal([bare?.state, bare?.labels, bare?.figures, bare?.error], ['starting', {}, [], null]);
    assert.equal([later?.id, later?.state, later?.timeMs, later?.refused], ['later', 'serving', 0, null]);
    assert.equal([nulls?.labels, nulls?.figures, nulls?.idle, nulls?.commitMs], [{}, [], [], []]);
    assert.equal(more, [], 'a version that is none cannot be counted with');
  });

  test('one that is silent since the clock was set back is as old as one that is silent since it was set forward', async () => {
    const { reports } = await rig.open('acceptor');
    for (const id of ['back', 'forward', 'now']) await reports.put(report(id, 1));
    await rig.age('back', -3_600_000);
    await rig.age('forward', 3_600_000);
    const lost = (await reports.list()).filter(({ ageMs }) => ageMs > 3_500_000);
    assert.equal(
      lost.map(({ id }) => id),
      ['back', 'forward'],
    );
  });

  test('a report can be taken away', async () => {
    const { reports } = await rig.open('acceptor');
    await reports.put(report('a', 1));
    await reports.remove('a');
    assert.equal(await reports.list(), []);
  });

  test.run();
}
