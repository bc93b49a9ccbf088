// Certificates for tests, made at run time in a folder of the test's: an authority, and what it signs. Nothing is kept.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** A new authority; `name` tells several in one folder apart. */
export function makeAuthority(folder: string, name: string): Pair {
  const pair = pairIn(folder, name);
  const subject = ['-subj', `/CN=${name}`, '-days', '2', '-addext', 'basicConstraints=critical,CA:TRUE'];
  openssl(['req', '-x509', ...newKey(pair), ...subject, '-out', pair.cert]);
  return pair;
}

/** A certificate of an authority, for names such as `DNS:localhost` and `IP:127.0.0.1`. */
export function makeCertificate(folder: string, name: string, authority: Pair, names: readonly string[]): Pair {
  const pair = pairIn(folder, name);
  const subject = ['-subj', `/CN=${name}`, '-days', '1', '-addext', `subjectAltName=${names.join(',')}`];
  const signer = ['-CA', authority.cert, '-CAkey', authority.key];
  openssl(['req', '-x509', ...newKey(pair), ...subject, ...signer, '-out', pair.cert]);
  return pair;
}

/** A list of the authority that revokes a certificate of it; gives its path. */
export function makeRevocationList(folder: string, authority: Pair, revoked: Pair): string {
  const [settings, list] = [join(folder, 'revoking.cnf'), join(folder, 'revoked.crl')];
  const lines = [`database=${join(folder, 'revoked.txt')}`, `crlnumber=${join(folder, 'revoked.number')}`];
  writeFileSync(join(folder, 'revoked.txt'), '');
  writeFileSync(join(folder, 'revoked.number'), '01\n');
  writeFileSync(
    settings,
    ['[ca]', 'default_ca=own', '[own]', ...lines, 'default_md=sha256', 'default_crl_days=2'].join('\n'),
  );
  const ca = ['ca', '-config', settings, '-cert', authority.cert, '-keyfile', authority.key];
  openssl([...ca, '-revoke', revoked.cert]);
  openssl([...ca, '-gencrl', '-out', list]);
  return list;
}

function pairIn(folder: string, name: string): Pair {
  return { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

function newKey({ key }: Pair): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
