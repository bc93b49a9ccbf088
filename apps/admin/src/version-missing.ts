// What is said of a version that the log has not, or no longer.
import type { Store } from '@sluice/store';
import { EXIT, type ExitStatus } from './exit.ts';
import { fail } from './failure.ts';

export async function versionMissing(store: Store, version: number, json: boolean): Promise<ExitStatus> {
  const head = await store.log.head();
  const message =
    version > head.version
      ? `there is no version ${version} yet, the newest is ${head.version}`
      : version === 0
        ? 'version 0 is before the first: nobody made it'
        : `version ${version} is no longer kept (SLUICE_RETAIN_VERSIONS)`;
  return fail(EXIT.failed, 'unknown-version', message, json);
}
