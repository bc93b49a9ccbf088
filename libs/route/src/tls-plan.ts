// What a server ends TLS with: its settings, and certificates out of Secrets or files of the acceptor's machine. Texts are
// taken as they are: whether they can be read, and fit each other, is for those to find who build a context of them.
import { type Secret, usableCipherSuites } from '@sluice/resource';
import { authoritiesOf, type Credential, type Server, type TlsServer } from './model.ts';

/** PEM, or the path of a file with PEM on the acceptor's machine. */
export type Pem = { readonly text: string } | { readonly file: string };

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface TlsPlan {
  /** RoutePlan.tls of the routes before which it is used. */
  readonly name: string;
  /** Why there is nothing to end TLS with, so that every handshake is refused; '' = there is. */
  readonly refusal: string;
  /** At most one for each kind of key. */
  readonly certificates: readonly { readonly certificate: Pem; readonly privateKey: Pem }[];
  /** Whether clients are asked for a certificate, and must have one. */
  readonly clients: 'none' | 'optional' | 'required';
  /** False: a client's certificate is taken whoever signed it. */
  readonly verifiesClients: boolean;
  readonly clientAuthorities: Pem | null;
  /** With one, every authority of a client's certificate needs its list. */
  readonly revocations: Pem | null;
  /** A client's certificate has one of these as a subject alternative name; empty: any. */
  readonly clientNames: readonly string[];
  /** It has one of these keys (base64 of SHA-256 of the SPKI) or is one of these (SHA-256 in hex); both empty: any. */
  readonly clientKeys: readonly string[];
  readonly clientCertificates: readonly string[];
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** OpenSSL's names for TLS 1.2 and below; empty = the engine's own. */
  readonly cipherSuites: readonly string[];
}

/** A Secret by its name, of the acceptor's namespace if none is given. */
export type FindSecret = (name: string, namespace?: string) => Secret | undefined;

/** Unique over all servers but those of one listener at several addresses, and the same from version to version. */
export function tlsNameOf({ gateway, path }: Pick<Server, 'gateway' | 'path'>): string {
  return `${gateway.key} ${path}`;
}

export function planTls(server: TlsServer, find: FindSecret): TlsPlan {
  const { tls, credentials } = server;
  const asksClients = tls.mode !== 'SIMPLE';
  const missing: string[] = [];
  const certificates =
    credentials === undefined ? certificatesOf(tls, find, missing) : presentedBy(credentials, find, missing);
  const verifiesClients = asksClients && tls.insecureSkipVerify !== true;
  const authority = asksClients ? authorityOf(tls, credentials, find) : undefined;
  if (verifiesClients && authority?.certificates === undefined) missing.push(authority?.missing ?? 'no client CA');
  return {
    name: tlsNameOf(server),
    refusal: missing.join(', '),
    certificates,
    clients: !asksClients ? 'none' : tls.mode === 'OPTIONAL_MUTUAL' ? 'optional' : 'required',
    verifiesClients,
    clientAuthorities: authority?.certificates ?? null,
    revocations: authority?.revocations ?? null,
    clientNames: asksClients ? (tls.subjectAltNames ?? []) : [],
    clientKeys: asksClients ? (tls.verifyCertificateSpki ?? []) : [],
    clientCertificates: asksClients ? (tls.verifyCertificateHash ?? []) : [],
    minVersion: VERSIONS[tls.minProtocolVersion ?? 'TLS_AUTO'] ?? 'TLSv1.2',
    maxVersion: VERSIONS[tls.maxProtocolVersion ?? 'TLS_AUTO'] ?? 'TLSv1.3',
    cipherSuites: usableCipherSuites(tls.cipherSuites ?? []),
  };
}

const VERSIONS: Readonly<Record<string, TlsVersion | undefined>> = {
  TLSV1_0: 'TLSv1',
  TLSV1_1: 'TLSv1.1',
  TLSV1_2: 'TLSv1.2',
  TLSV1_3: 'TLSv1.3',
};

/** Key names in Istio's older naming and in Kubernetes'; the first whole pair counts (Istio: `extractKeyAndCert`). */
const PAIRS = [
  ['cert', 'key'],
  ['tls.crt', 'tls.key'],
] as const;
const AUTHORITIES = ['cacert', 'ca.crt'] as const;
const REVOCATIONS = ['crl', 'ca.crl'] as const;
function certificatesOf(tls: TlsServer['tls'], find: FindSecret, missing: string[]): TlsPlan['certificates'] {
  const names = credentialsOf(tls);
  if (names.length > 0) return names.flatMap((name) => pairOf(name, find, missing) ?? []);
  const files = tls.tlsCertificates?.length ? tls.tlsCertificates : [tls];
  return files.flatMap(({ serverCertificate, privateKey }) => {
    if (serverCertificate && privateKey)
      return [{ certificate: { file: serverCertificate }, privateKey: { file: privateKey } }];
    missing.push('no server certificate');
    return [];
  });
}

/** Of a listener of the Gateway API; each refused reference is told of, so that nothing else takes its place. */
function presentedBy(credentials: readonly Credential[], find: FindSecret, missing: string[]): TlsPlan['certificates'] {
  if (credentials.length === 0) missing.push('no certificateRefs');
  return credentials.flatMap(({ name, namespace, refused }) => {
    if (refused === '') return pairOf(name, (one) => find(one, namespace), missing) ?? [];
    missing.push(refused);
    return [];
  });
}

/** Names of Secrets; empty where certificates are files. */
export function credentialsOf(tls: TlsServer['tls']): readonly string[] {
  return tls.credentialName ? [tls.credentialName] : (tls.credentialNames ?? []);
}

function pairOf(name: string, find: FindSecret, missing: string[]): TlsPlan['certificates'][number] | undefined {
  const secret = find(name);
  for (const [certificate, key] of PAIRS) {
    const [own, ownKey] = [textOf(secret, [certificate]), textOf(secret, [key])];
    if (own !== undefined && ownKey !== undefined) return { certificate: own, privateKey: ownKey };
  }
  missing.push(secret === undefined ? `no Secret ${name}` : `no certificate and key in Secret ${name}`);
  return undefined;
}

interface Authority {
  readonly certificates: Pem | undefined;
  readonly revocations: Pem | undefined;
  readonly missing: string;
}

function authorityOf(
  tls: TlsServer['tls'],
  credentials: readonly Credential[] | undefined,
  findAny: FindSecret,
): Authority {
  const [first] = credentials ?? [];
  const name = first?.refused === '' ? first.name : credentialsOf(tls)[0];
  const find: FindSecret = (one) => findAny(one, first?.namespace);
  if (!tls.caCertCredentialName && name === undefined)
    return { certificates: fileOf(tls.caCertificates), revocations: fileOf(tls.caCrl), missing: 'no client CA' };
  if (first !== undefined && first.refusedAuthorities !== '')
    return { certificates: undefined, revocations: undefined, missing: first.refusedAuthorities };
  const from = tls.caCertCredentialName || name!;
  const secret = find(authoritiesOf(from)) ?? find(from);
  return {
    certificates: textOf(secret, AUTHORITIES),
    revocations: textOf(secret, REVOCATIONS),
    missing: secret === undefined ? `no Secret ${from}` : `no client CA in Secret ${secret.metadata.name}`,
  };
}

const fileOf = (path: string | undefined): Pem | undefined => (path ? { file: path } : undefined);

function textOf(secret: Secret | undefined, keys: readonly string[]): Pem | undefined {
  const { data = {} } = secret?.spec ?? {};
  const key = keys.find((one) => Object.hasOwn(data, one) && data[one] !== '');
  return key === undefined ? undefined : decoded(secret!, key, data[key]!);
}

/** By Secret and key: thousands of servers may present the same one. */
const texts = new WeakMap<Secret, Map<string, Pem>>();

function decoded(secret: Secret, key: string, data: string): Pem {
  let known = texts.get(secret);
  if (known === undefined) texts.set(secret, (known = new Map()));
  let pem = known.get(key);
  if (pem === undefined) known.set(key, (pem = { text: Buffer.from(data, 'base64').toString() }));
  return pem;
}
