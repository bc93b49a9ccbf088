// `admin blame`: which version and author last touched a resource, or all of them.
import { type Holding, holdingsOf } from '@sluice/version';
import { EXIT, type ExitStatus } from './exit.ts';
import { print, printJson, tell } from './output.ts';
import { resourceKey } from './resource-key.ts';
import { tableText } from './table.ts';
import { type StoreOptions, withStore } from './with-store.ts';

export function blame(kind: string | undefined, name: string | undefined, options: StoreOptions): Promise<ExitStatus> {
  return withStore(options, async (store) => {
    const wanted = kind === undefined || name === undefined ? undefined : resourceKey(kind, name);
    const prefix = kind === undefined ? '' : `${resourceKey(kind, 'x').split('/')[0]}/`;
    const state = await store.log.catchUp(null);
    const found = [...holdingsOf(state)]
      .filter(({ key }) => (wanted === undefined ? key.startsWith(prefix) : key === wanted))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    if (options.json === true) printJson({ version: state.version, resources: found.map(blameJson) });
    else if (found.length > 0) {
      const rows = found.map(({ key, touched, author, creation, set }) => [key, touched, author, creation, set]);
      print(tableText(['RESOURCE', 'TOUCHED', 'BY', 'SINCE', 'SET'], rows));
    }
    if (found.length > 0 || wanted === undefined) return EXIT.done;
    tell(`${wanted} is not there at version ${state.version}`);
    return EXIT.failed;
  });
}

function blameJson({ key, touched, author, creation, set }: Holding): object {
  return { resource: key, touched, author, creation, set };
}
