// What of ending TLS is compared between two plans: each server's settings, and its certificates by what any client sees
// of them. No private key goes in, nor anything made of one.
import { createHash, X509Certificate } from 'node:crypto';
import { canonicalJson } from '@sluice/resource';
import type { Pem, TlsPlan } from './tls-plan.ts';

/** Names for people, each with the content that tells whether it changed. */
export function tlsContents(plans: readonly TlsPlan[]): Map<string, string> {
  const contents = new Map<string, string>();
  for (const { name, certificates, clientAuthorities, revocations, ...settings } of plans) {
    contents.set(name, canonicalJson(settings));
    const add = (what: string, pem: Pem | null) => {
      if (pem !== null) contents.set(`${name} ${what} ${told(pem)}`, hashOf(pem));
    };
    for (const { certificate } of certificates) add('certificate', certificate);
    add('client CA', clientAuthorities);
    add('revocation list', revocations);
  }
  return contents;
}

/** The first certificate, which is the server's own; of what is none, and of files, as much as can be told here. */
function told(pem: Pem): string {
  if ('file' in pem) return `file ${pem.file}`;
  try {
    const { subject, validToDate, fingerprint256 } = new X509Certificate(pem.text);
    return `${subject.replaceAll('\n', ', ')} until ${validToDate.toISOString()}, SHA-256 ${fingerprint256}`;
  } catch {
    return `SHA-256 ${hashOf(pem)}`;
  }
}

/** Of the whole text: a chain may change behind the same certificate. */
function hashOf(pem: Pem): string {
  return 'file' in pem ? '' : createHash('sha256').update(pem.text).digest('hex');
}
