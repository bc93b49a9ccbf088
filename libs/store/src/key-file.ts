// Keys from files and from the environment.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parsePublicKey, type SigningKey, signingKey, type TrustedKeys, trustedKeys } from '@sluice/version';

export type ReadKey<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** A private Ed25519 key in PEM (PKCS #8), as `admin keygen` and `openssl genpkey -algorithm ed25519` write it. */
export function readSigningKey(path: string): ReadKey<SigningKey> {
  try {
    const key = signingKey(createPrivateKey(readFileSync(path)));
    return key === undefined ? { ok: false, message: `${path} holds no Ed25519 key` } : { ok: true, value: key };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // What the cryptographic library says of a file that is no key helps nobody.
    const why = code?.startsWith('ERR_OSSL') ? 'it holds no private key in PEM; admin keygen makes one' : message;
    return { ok: false, message: `${path}: ${why}` };
  }
}

/** Public keys separated by commas, each `ed25519:...` or the path of a file with one a line (# begins a comment). */
export function readTrustedKeys(text: string): ReadKey<TrustedKeys> {
  const keys: KeyObject[] = [];
  for (const item of text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)) {
    const found = item.startsWith('ed25519:') ? [item] : linesOf(item);
    if (typeof found === 'string') return { ok: false, message: found };
    for (const line of found) {
      const key = parsePublicKey(line);
      if (key === undefined) return { ok: false, message: `"${line}" is no public key (ed25519: and 43 characters)` };
      keys.push(key);
    }
  }
  return keys.length === 0 ? { ok: false, message: 'no key is given' } : { ok: true, value: trustedKeys(keys) };
}

/** A text says why there are none. */
function linesOf(path: string): string[] | string {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.map((line) => line.replace(/#.*/, '').trim()).filter(Boolean);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? `"${path}" is neither a public key (ed25519:...) nor a file of them` : message;
  }
}
