import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseResources } from '@sluice/resource';
import { makeAuthority, makeCertificate } from '@sluice/testkit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from './compile.ts';
import { effect } from './effect.ts';
import { DEFAULT_LABELS } from './options.ts';

const test = suite('effect on TLS');
const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-effect-'));
test.after(() => rmSync(folder, { recursive: true }));

const authority = makeAuthority(folder, 'authority');
const pem = (name: string) => {
  const { cert, key } = makeCertificate(folder, name, authority, ['DNS:edge']);
  return { 'tls.crt': readFileSync(cert, 'utf8'), 'tls.key': readFileSync(key, 'utf8') };
};
const [old, renewed] = [pem('old'), pem('renewed')];
const ca = readFileSync(authority.cert, 'utf8');

function compiled(secret: Record<string, string>, tls: object = { mode: 'SIMPLE' }) {
  const server = { port: { number: 443, name: 'tls', protocol: 'TLS' }, hosts: ['*'] };
  const manifests = [
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: 'edge' },
      spec: {
        selector: { istio: 'ingressgateway' },
        servers: [{ ...server, tls: { credentialName: 'edge', ...tls } }],
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'edge' },
      spec: {
        hosts: ['*'],
        gateways: ['edge'],
        tcp: [{ route: [{ destination: { host: 's', port: { number: 1 } } }] }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'edge', namespace: 'istio-system' },
      stringData: secret,
    },
  ];
  const set = parseResources([{ path: 'x', text: manifests.map((each) => JSON.stringify(each)).join('\n---\n') }]);
  assert.ok(set.ok, JSON.stringify(set.issues));
  return compile(set.resources, { labels: DEFAULT_LABELS });
}

const server = 'Gateway/default/edge spec.servers[0]';

function line(text: string, what = 'certificate'): string {
  const { subject, validToDate, fingerprint256 } = new X509Certificate(text);
  return `${server} ${what} ${subject} until ${validToDate.toISOString()}, SHA-256 ${fingerprint256}`;
}

test('another certificate is told as one that goes and one that comes, and nothing of a key', () => {
  const found = effect(compiled(old), compiled(renewed));
  assert.equal(found.tls, { added: [line(renewed['tls.crt'])], removed: [line(old['tls.crt'])], changed: [] });
  assert.is(found.none, false);
  assert.equal(found.listeners, { added: [], removed: [], changed: [] });
  assert.ok(effect(compiled(old), compiled(old)).none);
});

test('settings, a client CA and a chain are told apart from the certificate', () => {
  const mutual = effect(compiled({ ...old, 'ca.crt': ca }), compiled({ ...old, 'ca.crt': ca }, { mode: 'MUTUAL' }));
  assert.equal(mutual.tls, { added: [line(ca, 'client CA')], removed: [], changed: [server] });
  const chained = effect(compiled(old), compiled({ ...old, 'tls.crt': `${old['tls.crt']}${ca}` }));
  assert.equal(chained.tls, { added: [], removed: [], changed: [line(old['tls.crt'])] });
});

test('files are told by their paths', () => {
  const files = (name: string) =>
    compiled(old, { mode: 'SIMPLE', credentialName: '', serverCertificate: name, privateKey: 'edge.key' });
  assert.equal(effect(files('a.crt'), files('b.crt')).tls.added, [`${server} certificate file b.crt`]);
});

test.run();
