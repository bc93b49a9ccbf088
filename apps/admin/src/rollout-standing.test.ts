// Where a roll-out stands, when what began it is no longer kept.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@sluice/store';
import type { AcceptorReport, Wish } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { standingOf } from './rollout-standing.ts';

const test = suite('standing of a roll-out');
const folder = mkdtempSync(join(tmpdir(), 'sluice-standing-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function report(id: string): AcceptorReport {
  const lists = { workers: [], quarantined: [], listeners: [], idle: [], figures: [], commitMs: [] };
  const none = { error: null, refused: null, labels: {}, inForceMs: 0, startedMs: 1, timeMs: 1, engine: 'node' };
  return { ...lists, ...none, id, version: 0, digest: 'd', state: 'serving' };
}

test('its plan comes from the state while it runs, and then from who waits for it', async () => {
  const settings = { role: 'publisher', retainVersions: 1, checkpointEvery: 1, replayEntries: 1 } as const;
  const opened = await openStore(`sqlite:${join(folder, 'store')}`, settings);
  if (!opened.ok) throw opened.fault;
  const { admissions, log, reports } = opened.value;
  for (const id of ['a', 'b', 'c', 'd']) await reports.put(report(id));
  let count = 0;
  const submit = async (wish: Wish) => {
    const more = { author: 'ann', message: '', expectVersion: null, timeMs: 1 };
    const admission = await admissions.submit({ submission: `s${++count}`, wish, ...more }, { timeoutMs: 1_000 });
    assert.ok(admission.ok, JSON.stringify(admission));
    return (await log.head()).version;
  };
  const [apiVersion, kind] = ['networking.istio.io/v1', 'WorkloadEntry'];
  const metadata = { name: 'w', namespace: 'default', labels: {}, annotations: {} };
  const put = [{ apiVersion, kind, metadata, spec: { address: '10.0.0.1' } }];
  const plan = { stages: [1, 2, 3].map((acceptors) => ({ acceptors })), bakeMs: 1, abortOn: [] };
  const rollout = { ...plan, stages: [...plan.stages, { percent: 100 }] };
  const of = await submit({ type: 'change', put, delete: [], set: '', prune: false, rollout });
  let head = of;
  for (const stage of [1, 2, 3]) head = await submit({ type: 'promote', of, stage, reference: null });
  assert.is((await log.history(of + 1, 1)).length, 0, 'the beginning is not kept');
  const running = await standingOf(opened.value, head);
  assert.equal([running?.outcome, running?.of, running?.stage, running?.plan], ['running', of, 3, rollout]);
  const other = await openStore(`sqlite:${join(folder, 'put-back')}`, settings);
  assert.ok(other.ok && (await other.value.log.restore(await log.catchUp(null))));
  const putBack = await standingOf(other.value, head);
  assert.equal([putBack?.outcome, putBack?.of, putBack?.stage, putBack?.plan], ['running', of, 3, rollout]);
  await other.value.close();
  head = await submit({ type: 'promote', of, stage: 4, reference: null });
  assert.is(await standingOf(opened.value, head), null);
  assert.is((await standingOf(opened.value, head, rollout))?.outcome, 'completed');
  await opened.value.close();
});

test.run();
