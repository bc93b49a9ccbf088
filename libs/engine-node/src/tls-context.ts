// Terms of TLS made into a context of Node's. What cannot be read, or does not fit, is found here and nowhere later.
import { constants, createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsContext, TlsTerms } from '@sluice/engine';

export interface NodeTlsContext extends TlsContext {
  readonly terms: TlsTerms;
  readonly secure: SecureContext;
}

/** Those of TLS 1.3, and of TLS 1.2 with forward secrecy and authenticated encryption. */
const defaultSuites = ['ECDSA', 'RSA'].flatMap((key) =>
  ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'].map((cipher) => `ECDHE-${key}-${cipher}`),
);
const suitesOf13 = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

/** Throws an Error that says what is wrong, without a word of what is secret. */
export function tlsContext(terms: TlsTerms): NodeTlsContext {
  if (terms.certificates.length === 0) throw new Error('no certificate');
  for (const pair of terms.certificates) checkPair(pair);
  const asksClients = terms.clients !== 'none';
  const secure = named('TLS settings cannot be used', () =>
    createSecureContext({
      cert: terms.certificates.map(({ certificate }) => certificate),
      key: terms.certificates.map(({ privateKey }) => privateKey),
      // Without a list of our own Node would trust every public authority.
      ca: asksClients ? [...authorities(terms.clientAuthorities)] : undefined,
      crl: terms.revocations === '' ? undefined : terms.revocations,
      minVersion: terms.minVersion,
      maxVersion: terms.maxVersion,
      ciphers: ciphersOf(terms),
      // A session is continued under the same terms only: each context has ticket keys of its own, and sessions of one
      // that asks for certificates are not continued at all, so that no ticket can stand for one (CVE-2025-23419).
      sessionIdContext: createHash('sha256').update(JSON.stringify(terms)).digest('hex').slice(0, 32),
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (asksClients ? constants.SSL_OP_NO_TICKET : 0),
    }),
  );
  return { engine: 'node', terms, secure };
}

function checkPair({ certificate, privateKey }: TlsTerms['certificates'][number]): void {
  const first = named('a certificate cannot be read', () => new X509Certificate(certificate));
  const key = named('a private key cannot be read', () => createPrivateKey(privateKey));
  if (!first.checkPrivateKey(key)) throw new Error(`the private key does not fit the certificate of ${first.subject}`);
}

const pemCertificate = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** One by one: Node reads the first of each text. */
function authorities(pem: string): readonly string[] {
  const all = pem.match(pemCertificate) ?? [];
  if (all.length === 0 && pem !== '') throw new Error('no certificate in the client CA');
  for (const one of all) named('a client CA cannot be read', () => new X509Certificate(one));
  return all;
}

/** Versions below 1.2 sign with SHA-1, which OpenSSL allows at level 0 only. */
function ciphersOf({ cipherSuites, minVersion, maxVersion }: TlsTerms): string {
  const suites = cipherSuites.length > 0 ? cipherSuites : defaultSuites;
  const level = minVersion === 'TLSv1' || minVersion === 'TLSv1.1' ? ['@SECLEVEL=0'] : [];
  return [...(maxVersion === 'TLSv1.3' ? suitesOf13 : []), ...suites, ...level].join(':');
}

function named<T>(what: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new Error(`${what}: ${(cause as Error).message}`);
  }
}
