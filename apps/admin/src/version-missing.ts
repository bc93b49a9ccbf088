// What is said of a version that the log has not, or no longer.
import type { Store } from '@sluice/store';
import { EXIT, type ExitStatus } from './exit.ts';
import { printJson, tell } from './output.ts';

export async function versionMissing(store: Store, version: number, json: boolean): Promise<ExitStatus> {
  const head = await store.log.head();
  const message =
    version > head.version
      ? `there is no version ${version} yet, the newest is ${head.version}`
      : `version ${version} is no longer kept`;
  if (json) printJson({ ok: false, reason: 'unknown-version', message });
  tell(message);
  return EXIT.failed;
}
