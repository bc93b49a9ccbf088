// Looks at a store's health now and then for as long as a process runs, and logs what changes. Decides nothing.
import type { Logger } from '@sluice/observe';
import type { StoreHealth } from '../store.ts';

/** Memory fills in minutes, not seconds; and a look costs next to nothing. */
export const HEALTH_EVERY_MS = 15_000;

/** Asks at once and then every so often. An away store is not its business: whoever uses it says so. Returns its end. */
export function watchHealth(
  look: () => Promise<StoreHealth>,
  logger: Logger,
  store: string,
  everyMs = HEALTH_EVERY_MS,
): () => void {
  let told = '';
  const turn = async () => {
    const health = await look().catch(() => null);
    if (health === null) return;
    const { fault, warning, usedBytes, limitBytes } = health;
    // Figures grow with every look; a warning with other figures is no news.
    const state = fault?.message ?? warning?.replaceAll(/\d+/g, 'N') ?? '';
    if (state === told) return;
    told = state;
    const fields = { event: 'store-warning', store, usedBytes, limitBytes };
    if (fault !== null) logger.error({ ...fields, event: 'store-fault', code: fault.code }, fault.message);
    else if (warning !== null) logger.warn(fields, warning);
    else logger.info({ ...fields, event: 'store-well' }, 'nothing is wrong with the store any more');
  };
  void turn();
  const timer = setInterval(() => void turn(), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
