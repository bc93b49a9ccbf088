// Whether a Secret holds what a server presents: a certificate and a private key that can be read. As in Istio's analyzer
// they need not belong together; and it knows no time, so an expired certificate is a certificate.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Secret } from '@sluice/resource';

/** The names of certificate and key, in Kubernetes' and in Istio's older naming. */
const PAIRS = [
  ['tls.crt', 'tls.key'],
  ['cert', 'key'],
] as const;

/** False only for what claims to be a pair: a Secret of other things is not judged. */
export function isUsableCredential({ spec }: Secret): boolean {
  const { type = 'Opaque', data = {} } = spec;
  const names = PAIRS.find(([certificate, key]) => data[certificate] || data[key]);
  if (names === undefined) return type !== 'kubernetes.io/tls';
  const [certificate, key] = names.map((name) => Buffer.from(data[name] ?? '', 'base64'));
  try {
    new X509Certificate(certificate!);
    createPrivateKey(key!);
    return true;
  } catch {
    return false;
  }
}
