// `admin delete` and `admin rollback`.
import type { ExitStatus } from './exit.ts';
import { resourceKey } from './resource-key.ts';
import { type ChangeOptions, submit } from './submit.ts';

export function remove(kind: string, name: string, options: ChangeOptions): Promise<ExitStatus> {
  return submit({ type: 'change', put: [], delete: [resourceKey(kind, name)], set: '', prune: false }, options);
}

export function rollback(version: number, options: ChangeOptions): Promise<ExitStatus> {
  return submit({ type: 'rollback', to: version }, options);
}
