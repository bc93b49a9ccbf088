// Whether what an acceptor serves is a version of this log at all. One that still serves what the store lost, or what another
// store gave it, has a number of its own: to compare numbers alone would take it for an acknowledgement.
import type { AcceptorReport } from './acceptor-report.ts';
import type { State } from './state.ts';

/** `head`: of the log, read after the report, so that nobody can be ahead of it who follows this log. */
export function isOfAnotherPast(
  { version, digest, state }: Pick<AcceptorReport, 'version' | 'digest' | 'state'>,
  head: Pick<State, 'version' | 'digest'>,
): boolean {
  if (version === head.version) return digest !== head.digest;
  // Below the head only the acceptor knows: it is stale for as long as the log does not lead to what it serves.
  return version > head.version || state === 'stale';
}
