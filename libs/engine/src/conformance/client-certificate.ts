// Conformance: certificates of clients, and terms that cannot be used.
import { createHash, X509Certificate } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import * as assert from 'uvu/assert';
import type { TlsTerms } from '../tls.ts';
import type { Case } from './index.ts';
import { type Rig, until } from './rig.ts';
import { certificates, mutual, nextEnd, secure, terms, tlsClient } from './tls-rig.ts';

/** `secured`, or why not. */
async function shake(rig: Rig, of: TlsTerms, options: ConnectionOptions = {}): Promise<string> {
  const at = await rig.listen();
  const client = tlsClient(rig, at, options);
  const end = await nextEnd(rig);
  const result = await secure(rig, end, of);
  if (result.ok) rig.tls.close(end);
  await client.until((peer) => peer.ended || peer.closed);
  await until(() => rig.tls.held() + rig.worker.held() === 0);
  await at.close();
  return result.ok ? 'secured' : `${result.error.code}: ${result.error.message}`;
}

export const clientCertificateCases: readonly Case[] = [
  {
    name: 'a required certificate must be there, and of the right authority',
    async run(rig) {
      const { client, stranger } = certificates();
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        assert.is(await shake(rig, mutual(), { ...client, maxVersion }), 'secured');
        assert.match(await shake(rig, mutual(), { maxVersion }), /^tls: .*certificate/);
        assert.match(await shake(rig, mutual(), { ...stranger, maxVersion }), /^tls: .*certificate/);
      }
      assert.is(
        await shake(rig, mutual({ verifiesClients: false, clientAuthorities: '' }), { ...stranger }),
        'secured',
      );
    },
  },
  {
    name: 'an optional certificate may be missing, and is refused where it is of the wrong authority',
    async run(rig) {
      const { client, stranger } = certificates();
      const optional = mutual({ clients: 'optional' });
      assert.is(await shake(rig, optional), 'secured');
      assert.is(await shake(rig, optional, { ...client }), 'secured');
      assert.match(await shake(rig, optional, { ...stranger }), /^tls: /);
    },
  },
  {
    name: 'a revoked certificate is refused, and others of its authority are not',
    async run(rig) {
      const { client, revoked, revocations } = certificates();
      assert.is(await shake(rig, mutual(), { ...revoked }), 'secured');
      assert.is(await shake(rig, mutual({ revocations }), { ...client }), 'secured');
      assert.match(await shake(rig, mutual({ revocations }), { ...revoked }), /^tls: .*REVOKED/);
    },
  },
  {
    name: 'a certificate needs one of the names, keys or hashes that are asked for',
    async run(rig) {
      const { client } = certificates();
      const own = new X509Certificate(client.cert);
      const key = createHash('sha256')
        .update(own.publicKey.export({ type: 'spki', format: 'der' }))
        .digest('base64');
      const asked: readonly (readonly [Partial<TlsTerms>, boolean])[] = [
        [{ clientNames: ['client.example'] }, true],
        [{ clientNames: ['other.example', 'spiffe://cluster.local/ns/a/sa/b'] }, true],
        [{ clientNames: ['example'] }, false],
        [{ clientKeys: [key] }, true],
        [{ clientKeys: ['AAAA'] }, false],
        [{ clientCertificates: [own.fingerprint256] }, true],
        [{ clientKeys: ['AAAA'], clientCertificates: [own.fingerprint256.replaceAll(':', '').toLowerCase()] }, true],
        [{ clientCertificates: ['00'] }, false],
      ];
      for (const [more, isTaken] of asked) {
        const found = await shake(rig, mutual(more), { ...client });
        assert.is(found === 'secured', isTaken, `${JSON.stringify(more)}: ${found}`);
      }
    },
  },
  {
    name: 'terms that cannot be used are told when a context is made, without what is secret',
    async run(rig) {
      const { server, other } = certificates();
      const secret = server.key.split('\n')[1]!;
      const broken: readonly (readonly [Partial<TlsTerms>, RegExp])[] = [
        [{ certificates: [] }, /no certificate/],
        [{ certificates: [{ certificate: 'none', privateKey: server.key }] }, /certificate cannot be read/],
        [{ certificates: [{ certificate: server.cert, privateKey: secret }] }, /private key cannot be read/],
        [{ certificates: [{ certificate: other.cert, privateKey: server.key }] }, /does not fit.*other/],
        [{ clients: 'required', clientAuthorities: 'none' }, /client CA/],
        [{ clients: 'required', revocations: 'none' }, /cannot be used/],
        [{ cipherSuites: ['none'] }, /cannot be used/],
      ];
      for (const [more, complaint] of broken) {
        assert.throws(
          () => rig.context(terms(more)),
          (error: Error) => complaint.test(error.message) && !error.message.includes(secret),
          JSON.stringify(Object.keys(more)),
        );
      }
    },
  },
];
