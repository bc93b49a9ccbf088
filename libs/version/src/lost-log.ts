// An empty log under acceptors that serve versions is no beginning: its store lost it. What is published there would be the
// whole state to them, and take every other route away.
import { reject } from './plan-change.ts';
import type { Proposal, Rejection } from './proposal.ts';
import type { State } from './state.ts';

/** The version that an acceptor which lives has in force. */
export interface Serving {
  readonly id: string;
  readonly version: number;
}

/** Whether it has to be known who serves what: whoever says that the head is expected to be 0 knows that the log is empty. */
export function mayBeLost({ version }: Pick<State, 'version'>, { expectVersion }: Proposal): boolean {
  return version === 0 && expectVersion === null;
}

/** Undefined where the log was not lost, or is meant to begin anew. */
export function lossOf(state: State, proposal: Proposal, serving: readonly Serving[]): Rejection | undefined {
  if (!mayBeLost(state, proposal)) return undefined;
  const newest = serving.reduce((most, each) => (each.version > most.version ? each : most), { id: '', version: 0 });
  if (newest.version === 0) return undefined;
  const others = serving.filter(({ id, version }) => version > 0 && id !== newest.id).length;
  const and = others === 0 ? '' : ` (and ${others} more)`;
  return reject(
    'lost',
    `the store has no version, but acceptor ${newest.id} serves version ${newest.version}${and}: the store lost its log. Put it back from that acceptor's SLUICE_STATE_DIR (admin restore), or say that this is to be all there is (--expect-version 0)`,
  );
}
