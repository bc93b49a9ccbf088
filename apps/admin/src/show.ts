// `admin show N`: one version, or the whole state at it.
import { masked } from '@sluice/resource';
import type { Store } from '@sluice/store';
import { entryHead, holdingsOf } from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { timeText, versionJson } from './history.ts';
import { print, printJson } from './output.ts';
import { tableText } from './table.ts';
import { versionMissing } from './version-missing.ts';
import { type StoreOptions, withStore } from './with-store.ts';

export function show(version: number, options: StoreOptions & { readonly state?: boolean }): Promise<ExitStatus> {
  return withStore(options, (store) => {
    const json = options.json === true;
    return options.state === true ? showState(store, version, json) : showEntry(store, version, json);
  });
}

async function showEntry(store: Store, version: number, json: boolean): Promise<ExitStatus> {
  const [entry] = version === 0 ? [] : await store.log.entries(version - 1, 1);
  if (entry?.version !== version) return versionMissing(store, version, json);
  const head = entryHead(entry);
  if (json) {
    printJson({ ...versionJson(head), change: { ...entry.change, put: entry.change.put.map(masked) } });
    return EXIT.done;
  }
  const { kind, restores, set, author, message, timeMs, digest, put } = head;
  print(
    `version ${version}: ${kind}${restores === undefined ? '' : ` to ${restores}`}${set === '' ? '' : ` of set ${set}`}`,
  );
  print(`author  ${author}\ntime    ${timeText(timeMs)}\ndigest  ${digest}`);
  if (message !== '') print(`message ${message}`);
  if (head.publisher !== undefined) print(`signed  by publisher with key ${head.publisher.key}`);
  if (head.attestation !== undefined) print(`signed  by config service with key ${head.attestation.key}`);
  for (const key of put) print(`  put    ${key}`);
  for (const key of head.delete) print(`  delete ${key}`);
  return EXIT.done;
}

async function showState(store: Store, version: number, json: boolean): Promise<ExitStatus> {
  const state = await store.log.stateAt(version);
  if (state === null) return versionMissing(store, version, json);
  const holdings = [...holdingsOf(state)].sort((a, b) => (a.key < b.key ? -1 : 1));
  if (json) {
    const resources = holdings.map(({ resource, creation, touched, author, set }) => ({
      creation,
      touched,
      author,
      set,
      resource: masked(resource),
    }));
    printJson({ version, digest: state.digest, resources });
    return EXIT.done;
  }
  print(`version ${version}: ${state.size} resources, digest ${state.digest}`);
  if (holdings.length > 0) {
    const rows = holdings.map(({ key, creation, touched, author, set }) => [key, creation, touched, author, set]);
    print(tableText(['RESOURCE', 'SINCE', 'TOUCHED', 'BY', 'SET'], rows));
  }
  return EXIT.done;
}
