// Which states crashed this acceptor's workers, kept on disk: a restart must not serve them again. Written aside, synced, renamed.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Told apart by digest: a promotion or a roll-back brings the same state under another version. */
export interface Quarantined {
  readonly version: number;
  readonly digest: string;
}

/** The newest ones; so many bad versions on one acceptor are another kind of problem. */
const KEPT = 100;

/** None where there is no file; rejects with what is wrong with one that cannot be read. */
export async function readQuarantine(path: string): Promise<Quarantined[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const json = JSON.parse(text) as unknown;
  if (!Array.isArray(json) || !json.every(isQuarantined)) throw new Error('it is not a list of versions with digests');
  return json;
}

export async function writeQuarantine(path: string, quarantined: readonly Quarantined[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.new`;
  const file = await open(aside, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(quarantined.slice(-KEPT))}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
}

function isQuarantined(json: unknown): json is Quarantined {
  const { version, digest } = (json ?? {}) as Partial<Quarantined>;
  return Number.isSafeInteger(version) && typeof digest === 'string';
}
