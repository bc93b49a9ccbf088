// `admin promote` and `admin abort`: moves the roll-out that runs by hand.
import type { Store } from '@sluice/store';
import type { Rejection, Rollout, Wish } from '@sluice/version';
import type { ExitStatus } from './exit.ts';
import { type ChangeOptions, submit } from './submit.ts';

export function promote(options: ChangeOptions & { readonly all?: boolean }): Promise<ExitStatus> {
  return submit(
    onRunning(({ of, stage, stages }) => {
      return { type: 'promote', of, stage: options.all === true ? stages.length : stage + 1, reference: null };
    }),
    options,
  );
}

export function abort(options: ChangeOptions): Promise<ExitStatus> {
  return submit(
    onRunning(({ of }) => ({ type: 'abort', of, breach: null })),
    options,
  );
}

function onRunning(wish: (rollout: Rollout) => Wish) {
  return async (store: Store): Promise<Wish | Rejection> => {
    const { rollout } = await store.log.catchUp(null);
    return rollout === null ? { reason: 'rollout', message: 'no roll-out runs', complaints: [] } : wish(rollout);
  };
}
