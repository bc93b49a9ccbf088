// Whether a roll-out goes on, waits or is taken back, by what the acceptors report. Pure: reports in, decision out; whoever
// asks again, or after a restart, comes to the same answer.
import type { AcceptorReport } from './acceptor-report.ts';
import { isOfAnotherPast } from './another-past.ts';
import { LOST_AFTER_MS } from './receipt.ts';
import { type Breach, isChosen, type Rollout, type Tally } from './rollout.ts';
import { isRate, type Limit, limitText } from './rollout-plan.ts';
import { figureValue, NO_CONNECTIONS, since, sum, tallyOf, valueText } from './tally.ts';

/**
 * Connections a rate is judged by before the bake time is over: with fewer a single failure would be more than 5 %, beyond
 * any usual limit. When the time is over, what there is must do.
 */
export const MIN_CONNECTIONS = 20;

/** For an acceptor to commit, beside the bake time: compiling the largest state takes some seconds. Then it counts as late. */
export const SETTLE_MS = 60_000;

export type Watched = AcceptorReport & {
  /** Milliseconds since the store got it. */
  readonly ageMs: number;
};

export interface Observation {
  readonly reports: readonly Watched[];
  /** The newest version, which the acceptors of the stage are to have. */
  readonly head: number;
  readonly digest: string;
  /** For how long this stage has been watched without a gap: nobody counts as lost or late for a store that was away. */
  readonly watchedMs: number;
  /** By id, what every acceptor that was there had counted when the stage was first watched. */
  readonly baseline: ReadonlyMap<string, Tally>;
  /** Who was there, and of whom there is no report any more: the store lost it. */
  readonly missing: readonly string[];
}

export type RolloutDecision =
  /** `reason`: for what. */
  | { readonly type: 'wait'; readonly reason: string }
  /** To the next stage, or to the end; `reference` for stages that leave nobody on the old version. */
  | { readonly type: 'promote'; readonly stage: number; readonly reference: Tally | null; readonly reason: string }
  | { readonly type: 'abort'; readonly breach: Breach };

export function judgeRollout(rollout: Rollout, observation: Observation): RolloutDecision {
  const old = oldTally(rollout, observation);
  const members = membersOf(rollout, observation);
  for (const member of members) {
    const breach =
      misdeed(rollout, member, observation) ?? beyond(rollout, member, old, MIN_CONNECTIONS, observation.head);
    if (breach !== null) return { type: 'abort', breach };
  }
  const missing = missingOf(rollout, observation);
  if (missing !== null && missing.breach !== null) return { type: 'abort', breach: missing.breach };
  const staying = members.filter(({ state }) => state !== 'draining' && state !== 'stopped');
  const waiting = missing ?? waitedFor(rollout, staying, observation);
  if (waiting !== null) {
    if (observation.watchedMs <= rollout.bakeMs + SETTLE_MS)
      return { type: 'wait', reason: `${waiting.id} ${waiting.message}` };
    return { type: 'abort', breach: misdeedOf(waiting.id, 'late', waiting.message) };
  }
  for (const member of staying) {
    const breach = beyond(rollout, member, old, 1, observation.head);
    if (breach !== null) return { type: 'abort', breach };
  }
  const tally = staying.map((member) => newTally(rollout, member, observation.head)).reduce(sum, NO_CONNECTIONS);
  const reason = `stage ${rollout.stage + 1} of ${rollout.stages.length} held for ${rollout.bakeMs / 1000} s on ${staying.length} acceptor${staying.length === 1 ? '' : 's'} with ${tally.connections} connection${tally.connections === 1 ? '' : 's'}`;
  const reference = old !== null && old.connections >= MIN_CONNECTIONS ? old : null;
  return { type: 'promote', stage: rollout.stage + 1, reference, reason };
}

/** Reports of those the version has been given to. Who was silent all along is no part of a stage that means everybody. */
function membersOf({ chosen, of }: Rollout, { reports, baseline }: Observation): Watched[] {
  return reports.filter(({ id, ageMs, version }) => {
    if (!isChosen(chosen, id)) return false;
    return chosen !== 'all' || ageMs <= LOST_AFTER_MS || version >= of || baseline.has(id);
  });
}

function misdeed({ of }: Rollout, member: Watched, { watchedMs }: Observation): Breach | null {
  const { id, quarantined, refused, error, ageMs, state } = member;
  const taken = quarantined.find((version) => version >= of);
  if (taken !== undefined)
    return misdeedOf(id, 'quarantined', `quarantined version ${taken}, which crashed its workers`);
  if (refused !== null && refused >= of) return misdeedOf(id, 'refused', `refused version ${refused}: ${error}`);
  const isGone = ageMs > LOST_AFTER_MS && state !== 'draining' && state !== 'stopped';
  if (!isGone || watchedMs <= LOST_AFTER_MS) return null;
  return misdeedOf(id, 'lost', `is lost: silent for ${Math.round(ageMs / 1000)} s`);
}

function misdeedOf(acceptor: string, figure: Exclude<Breach['figure'], Limit['figure']>, what: string): Breach {
  const MAX_LENGTH = 1_000;
  return { acceptor, figure, value: null, limit: null, message: `${acceptor} ${what}`.slice(0, MAX_LENGTH) };
}

/** The first limit that a member is beyond, by figures of at least so many connections for a rate. */
function beyond(
  rollout: Rollout,
  member: Watched,
  old: Tally | null,
  leastConnections: number,
  head: number,
): Breach | null {
  const now = newTally(rollout, member, head);
  const reference = old !== null && old.connections >= MIN_CONNECTIONS ? old : rollout.reference;
  for (const limit of rollout.abortOn) {
    const { figure, above } = limit;
    if (isRate(figure) && now.connections < leastConnections) continue;
    const value = figureValue(figure, now);
    // What goes wrong on the version before as well is not this version's fault; a count is meant as it is.
    const compared = isRate(figure) && reference !== null ? figureValue(figure, reference) : 0;
    if (value - compared <= above) continue;
    const shown = `${valueText(figure, value)} of ${now.connections} connections`;
    const against = compared > 0 ? `, ${valueText(figure, compared)} on the version before` : '';
    const message = `${member.id}: ${isRate(figure) ? `${figure} ${shown}` : `${figure} ${value}`}${against}, beyond ${limitText(limit)}`;
    return { acceptor: member.id, figure, value, limit: above, message };
  }
  return null;
}

/** What was counted under a version above the head is of another past. */
function newTally({ of }: Rollout, { figures }: Watched, head: number): Tally {
  return tallyOf(figures, (version) => version >= of && version <= head);
}

/** What those on the version before counted in the time of this stage; null where there are none. */
function oldTally({ chosen, of }: Rollout, { reports, baseline }: Observation): Tally | null {
  const others = reports.filter(
    ({ id, version, ageMs }) => !isChosen(chosen, id) && version < of && version > 0 && ageMs <= LOST_AFTER_MS,
  );
  if (others.length === 0) return null;
  return others
    .map(({ id, version, figures }) =>
      since(
        tallyOf(figures, (each) => each === version),
        baseline.get(id) ?? NO_CONNECTIONS,
      ),
    )
    .reduce(sum, NO_CONNECTIONS);
}

/** One that was chosen and of whom there is no report at all: its report was taken away, or lost with the store's newest writes. */
function missingOf({ chosen }: Rollout, { reports, watchedMs, missing }: Observation) {
  const id = chosen === 'all' ? missing[0] : chosen.find((each) => !reports.some((report) => report.id === each));
  if (id === undefined) return null;
  const breach = watchedMs > LOST_AFTER_MS ? misdeedOf(id, 'lost', 'is lost: there is no report of it') : null;
  return { id, message: 'has no report', breach };
}

/** Who is not there yet, or has not been for long enough. */
function waitedFor({ bakeMs, chosen }: Rollout, staying: readonly Watched[], { head, digest }: Observation) {
  if (staying.length === 0) {
    return {
      id: chosen === 'all' ? 'every acceptor' : chosen.join(', '),
      message: 'left, and nobody of the stage is there',
    };
  }
  // After a store was away: what was said before may be worth nothing now.
  const silent = staying.find(({ ageMs }) => ageMs > LOST_AFTER_MS);
  if (silent !== undefined) return { id: silent.id, message: 'has said nothing for some seconds' };
  const behind = staying.find(({ version, workers }) => version < head || workers.some((each) => each.version < head));
  if (behind !== undefined) return { id: behind.id, message: `has not committed version ${head}` };
  const elsewhere = staying.find((member) => isOfAnotherPast(member, { version: head, digest }));
  if (elsewhere !== undefined) {
    const message = `has not committed version ${head}: its version ${elsewhere.version} is not one of this store`;
    return { id: elsewhere.id, message };
  }
  const baking = staying.filter(({ inForceMs }) => !(inForceMs >= bakeMs));
  // Where everybody is meant, those who start meanwhile are not waited for: in a fleet that breathes it would never end.
  const isNew = ({ timeMs, startedMs }: Watched) => timeMs - startedMs < bakeMs;
  const waited = chosen === 'all' && baking.length < staying.length ? baking.find((each) => !isNew(each)) : baking[0];
  if (waited === undefined) return null;
  const seconds = Math.max(1, Math.ceil((bakeMs - waited.inForceMs) / 1000));
  return { id: waited.id, message: `is watched on version ${head} for ${seconds} s more` };
}
