import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readKeys } from './keys.ts';
import type { Settings } from './settings.ts';

const test = suite('keys of a config service');

test('all that is wrong with them is told at once, each by its variable', () => {
  const keys = { signingKey: '/nowhere/key', trustedKeys: 'nonsense', publisherKeys: 'ed25519:short' };
  const read = readKeys(keys as unknown as Settings);
  assert.not(read.ok);
  const variables = read.ok ? [] : read.complaints.map((complaint) => complaint.split(':')[0]);
  assert.equal(variables, ['SLUICE_SIGNING_KEY', 'SLUICE_TRUSTED_KEYS', 'SLUICE_PUBLISHER_KEYS']);
});

test.run();
