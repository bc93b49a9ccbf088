// Waits for the end of a roll-out. On a store of one file, where no config service need run, it is driven from here meanwhile.
import { setTimeout as delay } from 'node:timers/promises';
import { isStoreFault, RolloutDriver, type Store, storeFault } from '@sluice/store';
import { type Proposal, type RolloutPlan, SETTLE_MS, type State } from '@sluice/version';
import { interruption } from './interrupt.ts';
import { endProgress, progress } from './output.ts';
import { type Expected, type WaitedReceipt, waitForReceipt } from './receipt.ts';
import { type Standing, standingLine, standingOf } from './rollout-standing.ts';

const LOOK_MS = 200;

/** For all to commit the end of a roll-out, even where the time asked for is over. */
const LEAST_RECEIPT_MS = 2_000;

export interface WaitedRollout {
  /** As it was when the waiting ended. */
  readonly standing: Standing;
  /** Of the version that ended it; null while it runs. */
  readonly receipt: WaitedReceipt | null;
}

/** How long a roll-out takes at most, with some time for all to commit its end. */
export function longestMs({ stages, bakeMs }: RolloutPlan): number {
  return stages.length * (bakeMs + SETTLE_MS) + SETTLE_MS;
}

export async function waitForRollout(
  store: Store,
  rollout: RolloutPlan & { readonly of: number },
  { timeoutMs, expected }: { readonly timeoutMs: number; readonly expected: Expected },
  sign: (proposal: Proposal) => Proposal,
): Promise<WaitedRollout> {
  const startMs = performance.now();
  const driver = isLocal(store) && timeoutMs > 0 ? driverOn(store, sign) : null;
  for (;;) {
    const waitedMs = performance.now() - startMs;
    try {
      await driver?.turn();
      const { version: head } = await store.log.head();
      const standing = await endedOrRunning(store, rollout, head);
      if (standing.outcome !== 'running') {
        const leftMs = Math.max(LEAST_RECEIPT_MS, timeoutMs - waitedMs);
        const receipt = await waitForReceipt(store, standing.version, leftMs, expected);
        return { standing, receipt };
      }
      if (waitedMs >= timeoutMs || interruption.aborted) {
        endProgress();
        return { standing, receipt: null };
      }
      progress(`${standingLine(standing, await store.reports.list())}, ${(waitedMs / 1000).toFixed(0)} s`);
    } catch (error) {
      // A roll-out outlasts a failover of the store, and so does who waits for it.
      if (!isStoreFault(error) || error.code !== 'away' || waitedMs >= timeoutMs || interruption.aborted) throw error;
      progress(`the store is away, ${(waitedMs / 1000).toFixed(0)} s`);
    }
    await delay(LOOK_MS, undefined, { signal: interruption }).catch(() => {});
  }
}

/** Nothing of a store in a file leaves this machine, and a doubled driver does no harm. */
export function isLocal(store: Store): boolean {
  return store.name.startsWith('sqlite:');
}

function driverOn(store: Store, sign: (proposal: Proposal) => Proposal): RolloutDriver {
  let state: State | null = null;
  return new RolloutDriver({
    author: 'admin',
    current: async () => {
      state = await store.log.catchUp(state);
      return state;
    },
    reports: store.reports,
    propose: (proposal) => store.admissions.submit(sign(proposal), { timeoutMs: LOOK_MS }),
    now: Date.now,
    clock: () => performance.now(),
  });
}

/** Others may have published since it ended: then its end lies further back. */
async function endedOrRunning(
  store: Store,
  rollout: RolloutPlan & { readonly of: number },
  head: number,
): Promise<Standing> {
  for (let version = head; version >= rollout.of; version--) {
    const standing = await standingOf(store, version, rollout);
    if (standing?.of === rollout.of) return standing;
  }
  throw storeFault(
    'undecided',
    `how the roll-out of version ${rollout.of} ended is no longer kept (SLUICE_RETAIN_VERSIONS)`,
  );
}
