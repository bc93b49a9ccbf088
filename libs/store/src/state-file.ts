// The last committed state on disk, for a start while the store is away: written aside, synced, renamed; never half.
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { State } from '@sluice/version';
import { packState, unpackState } from './packed-state.ts';

/** What an acceptor calls it in its SLUICE_STATE_DIR. */
export const STATE_FILE_NAME = 'last-committed';

/** none: there is no file; damaged: there is one, and it is not what its digest says. */
export type ReadStateFile =
  | { readonly ok: true; readonly state: State }
  | { readonly ok: false; readonly reason: 'none' | 'damaged'; readonly message: string };

/** Replaces the file at `path` as a whole. Rejects with the system's error (no space, no permission). */
export async function writeStateFile(path: string, state: State): Promise<void> {
  const packed = await packState(state);
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.new`;
  const file = await open(aside, 'w', 0o600);
  try {
    await file.writeFile(packed);
    await file.sync();
    await file.close();
    await rename(aside, path);
  } catch (cause) {
    // Of no use to anybody, and on a disk that is full in the way of the next try.
    await file.close().catch(() => {});
    await rm(aside, { force: true }).catch(() => {});
    throw cause;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export async function readStateFile(path: string): Promise<ReadStateFile> {
  let packed: Buffer;
  try {
    packed = await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ok: false, reason: code === 'ENOENT' ? 'none' : 'damaged', message };
  }
  const read = await unpackState(packed);
  return read.ok ? read : { ok: false, reason: 'damaged', message: `${path}: ${read.message}` };
}
