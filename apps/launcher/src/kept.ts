// What acceptors of an earlier run kept, for a store that has no version: that one was lost, and no samples belong there.
import { join } from 'node:path';
import { readKeptState, STATE_FILE_NAME } from '@sluice/store';

/** The newest state in the acceptors' folders; null where none holds a version. */
export async function newestKept(folders: readonly string[]) {
  let newest: { readonly version: number; readonly folder: string } | null = null;
  for (const folder of folders) {
    const read = await readKeptState(join(folder, STATE_FILE_NAME));
    if (read.ok && read.state.version > (newest?.version ?? 0)) newest = { version: read.state.version, folder };
  }
  return newest;
}
