// Takes an entry of the log into a state, or says why not; the state itself is never changed.
import type { Entry } from './entry.ts';
import { type State, stepState } from './state.ts';

/** gap: not the next version; rewritten: made on another state than this; digest: the change does not give its digest. */
export type Applied =
  | { readonly ok: true; readonly state: State }
  | { readonly ok: false; readonly reason: 'gap' | 'rewritten' | 'digest'; readonly message: string };

export function applyEntry(state: State, entry: Entry): Applied {
  if (entry.version !== state.version + 1) {
    const message = `version ${entry.version} does not follow version ${state.version}`;
    return { ok: false, reason: 'gap', message };
  }
  if (entry.previous !== state.digest) {
    const message = `version ${entry.version} was made on ${short(entry.previous)}, not on ${short(state.digest)}`;
    return { ok: false, reason: 'rewritten', message };
  }
  const after = stepState(state, entry);
  if (after.digest !== entry.digest) {
    const message = `version ${entry.version} gives ${short(after.digest)}, not ${short(entry.digest)} as it says`;
    return { ok: false, reason: 'digest', message };
  }
  return { ok: true, state: after };
}

/** Enough digits to tell digests apart by eye. */
function short(digest: string): string {
  return digest.slice(0, 12);
}
