// `admin keygen FILE`: a key pair for signing; never writes over a file.
import { generateKeyPairSync } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { formatPublicKey, keyId } from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { fail } from './failure.ts';
import { print, printJson } from './output.ts';

export async function keygen(file: string, options: { readonly json?: boolean }): Promise<ExitStatus> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const text = formatPublicKey(publicKey);
  // Both or none; the private one last, so that none is left lying about.
  try {
    writeFileSync(`${file}.pub`, `${text}\n`, { flag: 'wx' });
  } catch (error) {
    return fail(EXIT.failed, 'file', reasonOf(error), options.json);
  }
  try {
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    rmSync(`${file}.pub`);
    return fail(EXIT.failed, 'file', reasonOf(error), options.json);
  }
  const id = keyId(publicKey);
  if (options.json === true) printJson({ id, privateKey: file, publicKey: text });
  else print(`key ${id}\nprivate ${file} (keep it secret)\npublic  ${text} (${file}.pub)`);
  return EXIT.done;
}

function reasonOf(error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException;
  return code === 'EEXIST' ? `${path} is there already, and no key is written over: name another file` : message;
}
