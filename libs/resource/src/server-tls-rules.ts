// Rules of the TLS settings of a server (istio/istio pkg/config/validation: validateTLSOptions).
import type { FieldPath } from './field-path.ts';
import type { ServerTls } from './gateway.ts';
import type { Report } from './issue.ts';

/** Those that Istio's code accepts; all for TLS 1.2 and below. */
const CIPHER_SUITES = new Set([
  ...['ECDHE-ECDSA', 'ECDHE-RSA'].flatMap((exchange) => [
    `${exchange}-AES128-GCM-SHA256`,
    `${exchange}-AES256-GCM-SHA384`,
    `${exchange}-CHACHA20-POLY1305`,
    `${exchange}-AES128-SHA`,
    `${exchange}-AES256-SHA`,
  ]),
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
]);

/** As Istio's CRD: a server has at most an RSA and an ECDSA certificate. */
const MAX_CERTIFICATES = 2;

/** Those that are used of the names written: known ones, each once; what begins with a sign is OpenSSL's own language. */
export function usableCipherSuites(suites: readonly string[]): readonly string[] {
  return [...new Set(suites)].filter((suite) => suite !== '' && !isInvalid(suite));
}

/** A leading sign is an operator of OpenSSL's cipher lists, which Istio hands on unread. */
function isInvalid(suite: string): boolean {
  return suite !== '' && suite !== 'ALL' && /^[\p{L}\p{N}]/u.test(suite) && !CIPHER_SUITES.has(suite);
}

export function checkServerTls(tls: ServerTls, at: FieldPath, report: Report): void {
  const mode = tls.mode ?? 'PASSTHROUGH';
  checkVersions(tls, at, report);
  checkCipherSuites(tls.cipherSuites ?? [], at, report);
  if (mode === 'ISTIO_MUTUAL') {
    checkIstioMutual(tls, at, report);
    return;
  }
  const passes = mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH';
  if (passes && hasCertificates(tls)) {
    report('SLU2024', at, `${mode} mode does not use certificates, they will be ignored`);
  }
  checkSources(tls, at, report);
  const names = tls.credentialNames?.length ?? 0;
  if (!passes && names > MAX_CERTIFICATES) {
    report('SLU2025', `${at}.credentialNames`, `${prefixOf(mode)} can support up to 2 server certificates`);
  }
  if (!passes && (tls.credentialName || names > 0)) return;
  if (!passes) checkFiles(tls, prefixOf(mode), at, report);
  if (!tls.caCrl) return;
  if (tls.credentialName) {
    const message = 'CRL is not supported with credentialName. CRL has to be specified in the credential';
    report('SLU2023', `${at}.caCrl`, message);
  }
  if (mode === 'SIMPLE') report('SLU2023', `${at}.caCrl`, 'CRL is not supported with SIMPLE TLS');
}

const prefixOf = (mode: string) => (mode === 'SIMPLE' ? 'SIMPLE TLS' : 'MUTUAL TLS');

function hasCertificates(tls: ServerTls): boolean {
  const { caCrl, serverCertificate, privateKey, caCertificates, credentialName } = tls;
  const one = caCrl || serverCertificate || privateKey || caCertificates || credentialName;
  return Boolean(one || tls.tlsCertificates?.length || tls.credentialNames?.length);
}

function checkVersions(tls: ServerTls, at: FieldPath, report: Report): void {
  const low = tls.minProtocolVersion === 'TLSV1_0' || tls.minProtocolVersion === 'TLSV1_1';
  if (low && !tls.cipherSuites?.length) {
    const message =
      'TLS version below TLSV1_2 require setting compatible ciphers as by default they no longer include compatible ciphers.';
    report('SLU2025', `${at}.minProtocolVersion`, message);
  }
}

function checkCipherSuites(suites: readonly string[], at: FieldPath, report: Report): void {
  const invalid = new Set<string>();
  const valid = new Set<string>();
  const duplicate = new Set<string>();
  for (const suite of suites) {
    if (isInvalid(suite)) invalid.add(suite);
    else if (valid.has(suite)) duplicate.add(suite);
    else valid.add(suite);
  }
  for (const [what, names] of [['invalid', invalid] as const, ['duplicate', duplicate] as const]) {
    if (names.size === 0) continue;
    report('SLU2025', `${at}.cipherSuites`, `ignoring ${what} cipher suites: [${[...names].sort().join(' ')}]`);
  }
}

function checkIstioMutual(tls: ServerTls, at: FieldPath, report: Report): void {
  const refuse = (field: keyof ServerTls, what: string) =>
    report('SLU2023', `${at}.${field}`, `ISTIO_MUTUAL TLS cannot have associated ${what}`);
  if (tls.serverCertificate) refuse('serverCertificate', 'server certificate');
  if (tls.privateKey) refuse('privateKey', 'private key');
  if (tls.caCertificates) refuse('caCertificates', 'CA bundle');
  if (tls.tlsCertificates?.length) refuse('tlsCertificates', 'tlsCertificates');
  if (tls.credentialName) refuse('credentialName', 'credentialName');
  if (tls.credentialNames?.length) refuse('credentialNames', 'credentialNames');
}

function checkSources(tls: ServerTls, at: FieldPath, report: Report): void {
  const sources = [
    tls.serverCertificate && tls.privateKey,
    tls.credentialName,
    tls.credentialNames?.length,
    tls.tlsCertificates?.length,
  ].filter(Boolean).length;
  if (sources > 1) {
    const names = 'credential_name, credential_names, server_certificate/private_key, tls_certificates';
    report('SLU2023', at, `only one of ${names} should be specified`);
  }
}

function checkFiles(tls: ServerTls, prefix: string, at: FieldPath, report: Report): void {
  if (prefix === 'MUTUAL TLS' && !tls.caCertificates) {
    report('SLU2023', at, `${prefix} requires a client CA bundle`);
  }
  const many = tls.tlsCertificates ?? [];
  if (many.length > MAX_CERTIFICATES) {
    report('SLU2025', `${at}.tlsCertificates`, `${prefix} can support up to 2 server certificates`);
  }
  const certificates = many.length > 0 ? many : [tls];
  for (const [i, { serverCertificate, privateKey }] of certificates.entries()) {
    const path = many.length > 0 ? `${at}.tlsCertificates[${i}]` : at;
    if (!serverCertificate) report('SLU2023', path, `${prefix} requires a server certificate`);
    if (!privateKey) report('SLU2023', path, `${prefix} requires a private key`);
  }
}
