// The last committed state on disk: an acceptor starts from it when the store is away. Written aside, synced, renamed, so
// that a crash leaves the old file or the new one; read back only where its digest is that of its content.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Holding, holdingsOf, type State, stateFrom } from '@sluice/version';

const format = 1;
const fileName = 'last-committed.json';

type Kept = Omit<Holding, 'key' | 'digest'>;

interface Stored {
  readonly format: number;
  readonly version: number;
  readonly digest: string;
  readonly last: State['last'];
  readonly submissions: State['submissions'];
  readonly holdings: readonly Kept[];
}

export type Loaded =
  | { readonly kind: 'state'; readonly state: State }
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly reason: string };

export async function loadLastGood(folder: string): Promise<Loaded> {
  let text: string;
  try {
    text = await readFile(join(folder, fileName), 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { kind: 'none' } : { kind: 'damaged', reason: message };
  }
  try {
    const stored = JSON.parse(text) as Stored;
    if (stored.format !== format) return { kind: 'damaged', reason: `format ${stored.format} is not known` };
    const { version, last, submissions } = stored;
    const state = stateFrom(stored.holdings, { version, last, submissions });
    if (state.digest === stored.digest) return { kind: 'state', state };
    return { kind: 'damaged', reason: `digest ${state.digest} instead of ${stored.digest}` };
  } catch (cause) {
    return { kind: 'damaged', reason: (cause as Error).message };
  }
}

/** Rejects where the folder cannot be written; the file that was there stays. */
export async function saveLastGood(folder: string, state: State): Promise<void> {
  await mkdir(folder, { recursive: true });
  const aside = join(folder, `${fileName}.${process.pid}.tmp`);
  const { version, digest, last, submissions } = state;
  const holdings: Kept[] = [];
  for (const { key: _key, digest: _digest, ...kept } of holdingsOf(state)) holdings.push(kept);
  const stored: Stored = { format, version, digest, last, submissions, holdings };
  const file = await open(aside, 'w');
  try {
    await file.writeFile(JSON.stringify(stored));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await rename(aside, join(folder, fileName));
  } catch (cause) {
    await rm(aside, { force: true });
    throw cause;
  }
}
