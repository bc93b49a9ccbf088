// `admin blame`: which version and author last touched a resource, or all of them; of one that is gone, who deleted it.
import type { Kind, ResourceKey } from '@sluice/resource';
import type { Store } from '@sluice/store';
import { type EntryHead, type Holding, holdingsOf } from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { timeText } from './history.ts';
import { print, printJson, tell } from './output.ts';
import { resourceKey } from './resource-key.ts';
import { tableText } from './table.ts';
import { type StoreOptions, withStore } from './with-store.ts';

/** Entries of the history that are read at once. */
const BATCH_ENTRIES = 100;

export function blame(kind: Kind | undefined, name: string | undefined, options: StoreOptions): Promise<ExitStatus> {
  return withStore(options, async (store) => {
    const state = await store.log.catchUp(null);
    const wanted = kind === undefined || name === undefined ? undefined : resourceKey(kind, name);
    const prefix = kind === undefined ? '' : `${kind}/`;
    const found = [...holdingsOf(state)]
      .filter(({ key }) => (wanted === undefined ? key.startsWith(prefix) : key === wanted))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    if (wanted !== undefined && found.length === 0) return blameDeleted(store, wanted, state.version, options);
    if (options.json === true) printJson({ version: state.version, resources: found.map(blameJson) });
    else if (found.length === 0) print(`no ${kind ?? 'resource'} at version ${state.version}`);
    else {
      const rows = found.map(({ key, touched, author, creation, set }) => [key, touched, author, creation, set]);
      print(tableText(['RESOURCE', 'TOUCHED', 'BY', 'SINCE', 'SET'], rows));
    }
    return EXIT.done;
  });
}

async function blameDeleted(store: Store, key: ResourceKey, head: number, options: StoreOptions): Promise<ExitStatus> {
  const entry = await lastDeletion(store, key, head);
  if (options.json === true) {
    const deleted =
      entry === undefined ? null : { version: entry.version, author: entry.author, message: entry.message };
    printJson({ version: head, resources: [], deleted });
  }
  if (entry === undefined) {
    tell(`${key} is not there at version ${head}, and no version that is kept deleted it`);
    return EXIT.failed;
  }
  if (options.json !== true) {
    const { version, author, message, timeMs } = entry;
    print(
      `${key} was deleted in version ${version} by ${author}, ${timeText(timeMs)}${message === '' ? '' : `: ${message}`}`,
    );
  }
  return EXIT.done;
}

async function lastDeletion(store: Store, key: ResourceKey, head: number): Promise<EntryHead | undefined> {
  for (let before = head + 1; ; ) {
    const entries = await store.log.history(before, BATCH_ENTRIES);
    const found = entries.find((entry) => entry.delete.includes(key));
    if (found !== undefined || entries.length === 0) return found;
    before = entries.at(-1)!.version;
  }
}

function blameJson({ key, touched, author, creation, set }: Holding): object {
  return { resource: key, touched, author, creation, set };
}
