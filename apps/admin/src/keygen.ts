// `admin keygen FILE`: a key pair for signing; never writes over a file.
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { formatPublicKey, keyId } from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { print, printJson, tell } from './output.ts';

export async function keygen(file: string, options: { readonly json?: boolean }): Promise<ExitStatus> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const text = formatPublicKey(publicKey);
  try {
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
    writeFileSync(`${file}.pub`, `${text}\n`, { flag: 'wx' });
  } catch (error) {
    tell((error as Error).message);
    return EXIT.failed;
  }
  const id = keyId(publicKey);
  if (options.json === true) printJson({ id, privateKey: file, publicKey: text });
  else print(`key ${id}\nprivate ${file} (keep it secret)\npublic  ${text} (${file}.pub)`);
  return EXIT.done;
}
