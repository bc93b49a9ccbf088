// What to serve where a version is quarantined and this process has none to go back to: the log knows what came before.
import type { VersionLog } from '@sluice/store';
import { type State, stateFor } from '@sluice/version';

/** Entries of the history read at once, and in all: so many versions with quarantined states only are another kind of problem. */
const BATCH_ENTRIES = 50;
const MAX_ENTRIES = 500;

/** The newest state before a version that this acceptor was to serve and may; null where none is kept. Rejects while the store is away. */
export async function stateBefore(
  log: Pick<VersionLog, 'history' | 'stateAt'>,
  version: number,
  acceptorId: string,
  mayBeServed: (state: Pick<State, 'digest'>) => boolean,
): Promise<State | null> {
  for (let [before, left] = [version, MAX_ENTRIES]; left > 0; left -= BATCH_ENTRIES) {
    const entries = await log.history(before, BATCH_ENTRIES);
    for (const entry of entries) {
      if (!mayBeServed(entry)) continue;
      const state = await log.stateAt(entry.version);
      const own = state === null ? null : stateFor(acceptorId, state);
      if (own !== null && mayBeServed(own)) return own;
    }
    if (entries.length === 0) return null;
    before = entries.at(-1)!.version;
  }
  return null;
}
