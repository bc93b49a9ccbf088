import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readSettings } from './settings.ts';

const test = suite('config service settings');

test('without variables every setting has its default', () => {
  assert.equal(readSettings({}), {
    ok: true,
    value: {
      ...{ store: 'redis://127.0.0.1:6379', logLevel: 'info', faultAt: '' },
      ...{ signingKey: '', trustedKeys: '', publisherKeys: '' },
      ...{ retainVersions: 1_000, checkpointEvery: 100, replayEntries: 200 },
    },
  });
});

test('a start reads twice what lies between two checkpoints, unless told otherwise, and never less', () => {
  const read = (every: string, replay?: string) =>
    readSettings({
      SLUICE_CHECKPOINT_EVERY: every,
      ...(replay === undefined ? {} : { SLUICE_REPLAY_ENTRIES: replay }),
    });
  const entriesOf = (result: ReturnType<typeof readSettings>) => result.ok && result.value.replayEntries;
  assert.equal([entriesOf(read('7')), entriesOf(read('7', '7'))], [14, 7]);
  const less = read('7', '6');
  assert.ok(!less.ok && /SLUICE_REPLAY_ENTRIES, 6, .* 7$/.test(less.complaints[0]!));
});

test('every wrong variable is complained of at once', () => {
  const variables = {
    LOG_LEVEL: 'loud',
    SLUICE_RETAIN_VERSIONS: '0',
    SLUICE_CHECKPOINT_EVERY: 'x',
    SLUICE_FAULT_AT: 'noon',
  };
  const read = readSettings(variables);
  assert.not(read.ok);
  assert.is(!read.ok && read.complaints.length, 4);
});

test.run();
