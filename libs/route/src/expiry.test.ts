import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseResources } from '@sluice/resource';
import { makeAuthority, makeCertificate } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { complainOfExpiry } from './index.ts';

const test = suite('expiry of certificates');
const folder = mkdtempSync(join(tmpdir(), 'sluice-expiry-'));
test.after(() => rmSync(folder, { recursive: true }));

const authority = makeAuthority(folder, 'authority');
const leaf = readFileSync(makeCertificate(folder, 'leaf', authority, ['DNS:leaf']).cert, 'utf8');
const ca = readFileSync(authority.cert, 'utf8');
const DAY_MS = 86_400_000;
const endMs = new X509Certificate(leaf).validToDate.getTime();

function said(stringData: Record<string, string>, timeMs: number): string[] {
  const manifest = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, stringData };
  const { resources } = parseResources([{ path: 'x', text: JSON.stringify(manifest) }]);
  return complainOfExpiry(resources, timeMs).map(
    ({ code, level, resource, path, message }) => `${code} ${level} ${resource} ${path} ${message}`,
  );
}

const at = 'SLU2094 warning Secret/default/a spec.data';
const end = new Date(endMs).toISOString();

test('one with more than 30 days left is not spoken of, one with less is, with how much', () => {
  const secret = { 'tls.crt': leaf, 'tls.key': 'k' };
  assert.equal(said(secret, endMs - 30.1 * DAY_MS), []);
  const saying = (rest: string) => [`${at}["tls.crt"] certificate CN=leaf ${rest}`];
  assert.equal(said(secret, endMs - 29.5 * DAY_MS), saying(`expires at ${end}, in 29 days`));
  assert.equal(said(secret, endMs - 1.5 * DAY_MS), saying(`expires at ${end}, in a day`));
  assert.equal(said(secret, endMs - 1), saying(`expires at ${end}, in less than a day`));
  assert.equal(said(secret, endMs), saying(`expired at ${end}`));
});

test('of a chain the first to expire counts, under every key that holds certificates', () => {
  assert.equal(said({ cert: `${ca}\n${leaf}`, key: 'k' }, endMs), [`${at}.cert certificate CN=leaf expired at ${end}`]);
  for (const key of ['cacert', 'ca.crt']) assert.is(said({ [key]: leaf }, endMs).length, 1, key);
  assert.equal(said({ other: leaf }, endMs), []);
});

test('what cannot be read is left to the analyzers', () => {
  const broken = leaf.replace('MII', 'AAA');
  assert.equal(said({ 'tls.crt': broken, 'tls.key': 'k' }, endMs), []);
  assert.equal(said({ 'tls.crt': 'no PEM', 'tls.key': 'k' }, endMs), []);
  assert.is(said({ 'tls.crt': broken + leaf, 'tls.key': 'k' }, endMs).length, 1);
});

test.run();
