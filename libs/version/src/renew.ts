// The same state as a new version, only to be signed anew.
import type { Entry } from './entry.ts';
import { attestEntry, type SigningKey } from './signature.ts';
import { type State, type Step, stepState } from './state.ts';

/**
 * Whether the newest version is to be signed with our key now. A renewal by another is left, unless it was there when this
 * process first looked: who made it runs as well, with a key of its own, and each would answer the other without an end.
 */
export function isRenewalDue({ version, last, attestation }: State, { id }: SigningKey, isFirstLook: boolean): boolean {
  return version > 0 && attestation?.key !== id && (isFirstLook || last?.kind !== 'renewal');
}

/**
 * After a change of keys the newest version must have a signature that counts. Its submission is made of version and key, so
 * that of several config services that want the same only one makes it.
 */
export function renew(state: State, signer: SigningKey, timeMs: number): { entry: Entry; state: State } {
  const step: Step = {
    kind: 'renewal',
    version: state.version + 1,
    change: { put: [], delete: [] },
    author: 'config-service',
    message: `signed with key ${signer.id}`,
    timeMs,
    ...(state.last?.dropped === undefined ? {} : { dropped: state.last.dropped }),
    submission: `renewal-${state.version}-${signer.id}`,
    set: '',
  };
  const after = stepState(state, step);
  const entry = attestEntry({ ...step, digest: after.digest, previous: state.digest }, signer);
  return { entry, state: { ...after, attestation: entry.attestation ?? null } };
}
