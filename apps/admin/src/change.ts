// `admin delete` and `admin rollback`.
import type { Kind } from '@sluice/resource';
import type { ExitStatus } from './exit.ts';
import { wrongUsage } from './failure.ts';
import { resourceKey } from './resource-key.ts';
import { type ChangeOptions, submit } from './submit.ts';

export function remove(kind: Kind, name: string, options: ChangeOptions): Promise<ExitStatus> {
  return submit({ type: 'change', put: [], delete: [resourceKey(kind, name)], set: '', prune: false }, options);
}

export async function rollback(
  version: number,
  options: ChangeOptions & { readonly yes?: boolean },
): Promise<ExitStatus> {
  if (version === 0 && options.yes !== true && options.dryRun !== true) {
    return wrongUsage(
      'version 0 is before the first: rollback 0 deletes every resource, and every listener with them; if so, say --yes',
      options,
    );
  }
  return submit({ type: 'rollback', to: version }, options);
}
