// What is shown of how TLS is ended: settings, and certificates by what anybody sees of them. Never a key.
import { X509Certificate } from 'node:crypto';
import { readTlsList, type TlsList } from './tls-list.ts';

export function viewTls(list: TlsList): readonly object[] {
  return readTlsList(list).map(({ name, refusal, terms }) => {
    if (terms === null) return { name, refusal };
    const { clients, verifiesClients, clientNames, minVersion, maxVersion, cipherSuites } = terms;
    const certificates = terms.certificates.map(({ certificate }) => viewCertificate(certificate));
    return { name, clients, verifiesClients, clientNames, minVersion, maxVersion, cipherSuites, certificates };
  });
}

/** Of one that is in force, so it can be read. */
function viewCertificate(pem: string): object {
  const { subject, issuer, subjectAltName = '', validFrom, validTo, fingerprint256 } = new X509Certificate(pem);
  return { subject, issuer, subjectAltName, validFrom, validTo, fingerprint256 };
}
