// Lists of what versions end TLS with, while the files they name change.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsPlan } from '@sluice/route';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TlsLists } from './tls-list.ts';

const test = suite('lists of TLS');
const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-list-'));

test.after(() => rmSync(folder, { recursive: true }));

function planOf(file: string): TlsPlan[] {
  const pem = { file: join(folder, file) };
  const certificates = [{ certificate: pem, privateKey: { text: 'key' } }];
  return [{ name: 'one', refusal: '', certificates, clientAuthorities: null, revocations: null } as unknown as TlsPlan];
}

const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

test('a renewed file of the version in force is seen, also after another version was refused', () => {
  const lists = new TlsLists();
  write('a', '1');
  lists.make(planOf('a'));
  lists.committed();
  assert.is(lists.changed(), null);
  lists.make([]);
  assert.is(lists.changed(), null);
  write('a', '2');
  assert.is(lists.changed(), 'in-force');
  lists.make(planOf('a'));
  lists.committed();
  assert.is(lists.changed(), null);
});

test('a version that was refused for its file is tried again when the file is another one, or there at last', () => {
  const lists = new TlsLists();
  write('b', 'does not fit');
  lists.make(planOf('b'));
  assert.is(lists.changed(), null);
  write('b', 'fits');
  assert.is(lists.changed(), 'refused');
  assert.throws(() => lists.make(planOf('missing')), /cannot be read: ENOENT/);
  assert.is(lists.changed(), null);
  write('missing', 'there');
  assert.is(lists.changed(), 'refused');
});

test.run();
