// `admin diff A B`.
import { differenceOf } from '@sluice/version';
import { differenceJson, differenceText } from './difference.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { print, printJson } from './output.ts';
import { versionMissing } from './version-missing.ts';
import { type StoreOptions, withStore } from './with-store.ts';

export function diff(from: number, to: number, options: StoreOptions): Promise<ExitStatus> {
  return withStore(options, async (store) => {
    const before = await store.log.stateAt(from);
    const after = await store.log.stateAt(to);
    if (before === null) return versionMissing(store, from, options.json === true);
    if (after === null) return versionMissing(store, to, options.json === true);
    const difference = differenceOf(before, after);
    if (options.json === true) printJson({ before: from, after: to, ...differenceJson(before, after, difference) });
    else print(differenceText(before, after, difference));
    return EXIT.done;
  });
}
