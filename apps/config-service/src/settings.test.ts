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
      ...{ retainVersions: 1_000, checkpointEvery: 100 },
    },
  });
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
