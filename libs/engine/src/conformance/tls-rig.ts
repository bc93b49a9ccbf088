// What the cases about TLS share: certificates made once, a client that speaks TLS to an end, and the end with TLS ended.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { makeAuthority, makeCertificate, makeRevocationList, type Pair } from '@sluice/testkit';
import type { End, Listening, RelayLimits, Result } from '../seam.ts';
import type { Secured, TlsTerms } from '../tls.ts';
import { movedTo } from '../tls-move.ts';
import type { Peer, Rig } from './rig.ts';

export interface Pem {
  readonly cert: string;
  readonly key: string;
}

interface Certificates {
  readonly authority: string;
  readonly server: Pem;
  readonly other: Pem;
  /** `DNS:client.example`, `URI:spiffe://cluster.local/ns/a/sa/b`. */
  readonly client: Pem;
  readonly stranger: Pem;
  /** A client of the authority that its list revokes. */
  readonly revoked: Pem;
  readonly revocations: string;
}

let made: Certificates | undefined;

/** One authority with two servers and a client, and a client of an authority that nobody trusts. */
export function certificates(): Certificates {
  made ??= make();
  return made;
}

function make(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-certificates-'));
  const read = ({ cert, key }: Pair): Pem => ({ cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') });
  try {
    const authority = makeAuthority(folder, 'authority');
    const stranger = makeAuthority(folder, 'strangers');
    const revoked = makeCertificate(folder, 'revoked', authority, ['DNS:revoked.example']);
    const names = ['DNS:client.example', 'URI:spiffe://cluster.local/ns/a/sa/b'];
    return {
      authority: read(authority).cert,
      server: read(makeCertificate(folder, 'server', authority, ['DNS:one.example', 'DNS:localhost'])),
      other: read(makeCertificate(folder, 'other', authority, ['DNS:two.example'])),
      client: read(makeCertificate(folder, 'client', authority, names)),
      stranger: read(makeCertificate(folder, 'stranger', stranger, names)),
      revoked: read(revoked),
      revocations: readFileSync(makeRevocationList(folder, authority, revoked), 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** SIMPLE TLS with the server's certificate. */
export function terms(more: Partial<TlsTerms> = {}): TlsTerms {
  const { server } = certificates();
  return {
    certificates: [{ certificate: server.cert, privateKey: server.key }],
    clients: 'none',
    verifiesClients: true,
    clientAuthorities: '',
    revocations: '',
    clientNames: [],
    clientKeys: [],
    clientCertificates: [],
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: [],
    ...more,
  };
}

export function mutual(more: Partial<TlsTerms> = {}): TlsTerms {
  return terms({ clients: 'required', clientAuthorities: certificates().authority, ...more });
}

/** A TLS client; it has begun its handshake, and nobody has answered yet. */
export function tlsClient(
  rig: Rig,
  at: Listening,
  options: ConnectionOptions = {},
): Peer & { readonly socket: TLSSocket } {
  const { authority } = certificates();
  const socket = connect({ host: at.address, port: at.port, ca: authority, servername: 'localhost', ...options });
  return rig.peer(socket) as Peer & { readonly socket: TLSSocket };
}

export function secure(rig: Rig, end: End, of: TlsTerms, deadlineMs = 60_000): Promise<Result<Secured>> {
  return new Promise((resolve) => rig.tls.secure(end, rig.context(of), deadlineMs, resolve));
}

/** The next connection's end, moved to the engine that ends TLS. */
export async function nextEnd(rig: Rig): Promise<End> {
  return movedTo(rig.tls, rig.worker, (await rig.taken()).end);
}

/** A client with TLS ended, joined to an endpoint by a relay. */
export async function joinedByTls(
  rig: Rig,
  {
    of = terms(),
    limits = {},
    client: options = {},
  }: {
    readonly of?: TlsTerms;
    readonly limits?: Partial<RelayLimits>;
    readonly client?: ConnectionOptions;
  } = {},
) {
  const at = await rig.listen();
  const endpoint = await rig.endpoint();
  const client = tlsClient(rig, at, options);
  const end = await nextEnd(rig);
  const secured = await secure(rig, end, of);
  if (!secured.ok) throw new Error(secured.error.message);
  return { client, ...(await rig.joinTo(rig.tls, end, endpoint, limits)), secured: secured.value };
}
