// Fields of a server's TLS settings that its mode, or where its certificates come from, leaves without effect: each is
// answered with a notice. What is wrong with them is server-tls-rules.ts's.
import type { FieldPath } from './field-path.ts';
import type { ServerTls } from './gateway.ts';
import type { Report } from './issue.ts';

const OF_CLIENTS = [
  'subjectAltNames',
  'verifyCertificateSpki',
  'verifyCertificateHash',
  'caCertCredentialName',
  'insecureSkipVerify',
] as const;
const OF_HANDSHAKES = ['minProtocolVersion', 'maxProtocolVersion', 'cipherSuites'] as const;

export function reportUnusedTls(tls: ServerTls, at: FieldPath, report: Report): void {
  const mode = tls.mode ?? 'PASSTHROUGH';
  const unused = (fields: readonly (keyof ServerTls)[], why: string) => {
    for (const field of fields)
      if (isWritten(tls[field]))
        report('SLU1021', `${at}.${field}`, `${at}.${field} is accepted and not applied: ${why}`);
  };
  if (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') {
    unused([...OF_CLIENTS, ...OF_HANDSHAKES], `mode ${mode} ends no TLS`);
    return;
  }
  if (mode === 'SIMPLE') unused([...OF_CLIENTS, 'caCertificates'], 'mode SIMPLE asks clients for no certificate');
  else if (tls.credentialName || tls.credentialNames?.length)
    unused(['caCertificates', 'caCrl'], 'the Secret has it, as ca.crt and ca.crl');
  for (const [i, { caCertificates }] of (tls.tlsCertificates ?? []).entries()) {
    const path = `${at}.tlsCertificates[${i}].caCertificates`;
    if (caCertificates) report('SLU1021', path, `${path} is accepted and not applied: write it beside tlsCertificates`);
  }
}

function isWritten(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
