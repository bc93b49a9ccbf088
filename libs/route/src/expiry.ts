// Certificates in Secrets that are out of their time, or soon will be. It knows no clock, and says nothing of a certificate
// that cannot be read; where a server needs that, the analyzers do.
import { X509Certificate } from 'node:crypto';
import { type Complaint, complain, fieldAt, keyOf, type Resource, type Secret } from '@sluice/resource';

/** Let's Encrypt renews 30 days before the end: whoever has less left was not renewed when it was due. */
const WARNED_DAYS = 30;
const DAY_MS = 86_400_000;

/** Keys of a Secret that may hold certificates: what a server presents, with its chain, and who signs its clients'. */
const CERTIFICATES = ['cert', 'tls.crt', 'cacert', 'ca.crt'] as const;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** SLU2094 for each key whose first certificate to expire has expired by `timeMs` (since 1970) or will within 30 days. */
export function complainOfExpiry(resources: Iterable<Resource>, timeMs: number): readonly Complaint[] {
  const complaints: Complaint[] = [];
  for (const resource of resources) {
    if (resource.kind !== 'Secret') continue;
    const { data = {} } = (resource as Secret).spec;
    for (const key of CERTIFICATES) {
      const first = Object.hasOwn(data, key) ? firstToExpire(data[key]!) : undefined;
      const leftDays = first === undefined ? Infinity : (first.validToDate.getTime() - timeMs) / DAY_MS;
      if (first === undefined || leftDays > WARNED_DAYS) continue;
      const at = first.validToDate.toISOString();
      const when = leftDays <= 0 ? `expired at ${at}` : `expires at ${at}, in ${count(Math.floor(leftDays))}`;
      const subject = first.subject.replaceAll('\n', ', ');
      complaints.push(
        complain('SLU2094', keyOf(resource), fieldAt('spec.data', key), `certificate ${subject} ${when}`),
      );
    }
  }
  return complaints;
}

function firstToExpire(base64: string): X509Certificate | undefined {
  const certificates = Buffer.from(base64, 'base64').toString().match(PEM) ?? [];
  return certificates
    .flatMap(readable)
    .reduce<X509Certificate | undefined>(
      (first, one) => (first === undefined || one.validToDate < first.validToDate ? one : first),
      undefined,
    );
}

function readable(pem: string): X509Certificate[] {
  try {
    const certificate = new X509Certificate(pem);
    return Number.isNaN(certificate.validToDate.getTime()) ? [] : [certificate];
  } catch {
    return [];
  }
}

function count(days: number): string {
  return days === 0 ? 'less than a day' : days === 1 ? 'a day' : `${days} days`;
}
