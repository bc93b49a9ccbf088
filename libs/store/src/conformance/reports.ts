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

  test('a report can be taken away', async () => {
    const { reports } = await rig.open('acceptor');
    await reports.put(report('a', 1));
    await reports.remove('a');
    assert.equal(await reports.list(), []);
  });

  test.run();
}
