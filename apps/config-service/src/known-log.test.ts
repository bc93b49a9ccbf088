// What several config services make of a store that has lost versions which all of them know.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createLogger } from '@sluice/observe';
import { openStore } from '@sluice/store';
import { admit } from '@sluice/version';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { KnownLog } from './known-log.ts';

const test = suite('known log');
const folder = mkdtempSync(join(tmpdir(), 'sluice-known-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const VERSIONS = 12;

test('two that bring the same versions back at once both still know all of them', async () => {
  const path = join(folder, 'store');
  const opened = await openStore(`sqlite:${path}`, { role: 'config-service' });
  if (!opened.ok) throw opened.fault;
  const { log } = opened.value;
  const logger = createLogger({ component: 'test', level: 'silent' });
  const said: string[] = [];
  logger.error = (about: unknown) => void said.push((about as { event: string }).event);
  const both = [new KnownLog(log, logger), new KnownLog(log, logger)] as const;
  const metadata = { namespace: 'default', labels: {}, annotations: {} };
  for (let version = 1; version <= VERSIONS; version++) {
    const put = [
      {
        ...{ apiVersion: 'networking.istio.io/v1', kind: 'WorkloadEntry' },
        ...{ metadata: { ...metadata, name: `w${version}` }, spec: { address: '10.0.0.1' } },
      },
    ];
    const wish = { type: 'change', put, delete: [], set: '', prune: false } as const;
    const more = { author: 'ann', message: '', expectVersion: null, timeMs: 1 };
    const state = await both[0].current();
    const context = { timeMs: 1, judge: () => [], target: null };
    const { next } = admit(state, { submission: `s${version}`, wish, ...more }, context);
    assert.ok(next !== null && (await both[0].append(next.entry, next.state)));
    await both[1].current();
  }
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec('DELETE FROM entries; DELETE FROM head');
  database.close();
  const states = await Promise.all(both.map((each) => each.current()));
  assert.equal(
    states.map(({ version }) => version),
    [VERSIONS, VERSIONS],
  );
  assert.equal(said, [], 'nobody takes the half of it for another past');
  await opened.value.close();
});

test.run();
