// `admin diff A B`.
import { labelSetsOf } from '@sluice/version';
import { differenceJson, differenceText, stateDifference } from './difference.ts';
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
    const difference = stateDifference(before, after, labelSetsOf(await store.reports.list()));
    if (options.json === true) printJson({ before: from, after: to, ...differenceJson(difference) });
    else print(differenceText(difference));
    return EXIT.done;
  });
}
