// Whether a client's certificate is one of those asked for. Pure.
import { createHash, type X509Certificate } from 'node:crypto';
import type { TlsTerms } from '@sluice/engine';

/** Why it is refused, or undefined. What signed it was verified before. */
export function refusalOf(certificate: X509Certificate, terms: TlsTerms): string | undefined {
  const { clientNames, clientKeys, clientCertificates } = terms;
  if (clientNames.length > 0) {
    const names = alternativeNames(certificate.subjectAltName ?? '');
    if (!clientNames.some((name) => names.includes(name)))
      return `the certificate of the client has none of the subjectAltNames asked for, but: ${names.join(', ') || 'none'}`;
  }
  if (clientKeys.length + clientCertificates.length === 0) return undefined;
  const spki = createHash('sha256').update(certificate.publicKey.export({ type: 'spki', format: 'der' }));
  if (clientKeys.includes(spki.digest('base64'))) return undefined;
  const own = plainHash(certificate.fingerprint256);
  return clientCertificates.some((hash) => plainHash(hash) === own)
    ? undefined
    : 'neither key nor hash of the certificate of the client are among those asked for';
}

const plainHash = (hash: string) => hash.replaceAll(':', '').toLowerCase();

/** Values of Node's `subjectAltName`, such as `DNS:a.com, URI:spiffe://x, IP Address:10.0.0.1`, odd ones in JSON's quotes. */
export function alternativeNames(text: string): readonly string[] {
  const names: string[] = [];
  for (const [, quoted, plain] of text.matchAll(/(?:^|, )[A-Za-z ]+:(?:("(?:[^"\\]|\\.)*")|([^,"]*))/g))
    names.push(quoted === undefined ? plain! : (JSON.parse(quoted) as string));
  return names;
}
