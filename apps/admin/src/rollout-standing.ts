// Where the newest roll-out stands, from the entries at the head of the log; for people and for programs.
import type { ReceivedReport, Store } from '@sluice/store';
import {
  type Breach,
  type Chosen,
  type EntryHead,
  isChosen,
  LOST_AFTER_MS,
  limitText,
  type RolloutPlan,
  stageText,
  sum,
  tallyOf,
} from '@sluice/version';
import { tableText } from './table.ts';

export interface Standing {
  readonly outcome: 'running' | 'completed' | 'aborted';
  /** The version that is rolled out. */
  readonly of: number;
  readonly plan: RolloutPlan;
  /** Index of the stage it is in, or ended in. */
  readonly stage: number;
  readonly chosen: Chosen;
  /** When it came to this, by the admitting process's clock. */
  readonly sinceMs: number;
  /** By whom, and why. */
  readonly author: string;
  readonly message: string;
  readonly breach: Breach | null;
  /** The entry that says so. */
  readonly version: number;
}

/** Re-signings that may follow the entry that counts: each is a change of keys. */
const RENEWALS = 8;

/** Null where the head of the log is no part of a roll-out. `known`: the plan, of whoever has it. */
export async function standingOf(
  store: Store,
  head: number,
  known: RolloutPlan | null = null,
): Promise<Standing | null> {
  const last = (await newestFew(store, head)).find(({ kind }) => kind !== 'renewal');
  if (last === undefined) return standingInState(store);
  const { version, author, message, timeMs: sinceMs, rollout, move } = last;
  const common = { sinceMs, author, message, version };
  if (rollout !== undefined)
    return {
      ...common,
      of: version,
      plan: planOf(rollout),
      outcome: 'running',
      stage: 0,
      chosen: rollout.chosen,
      breach: null,
    };
  const plan = move === undefined ? null : ((await keptPlan(store, move.of)) ?? known);
  if (move === undefined || plan === null) return null;
  const { stages } = plan;
  const ended = last.kind === 'abort' ? 'aborted' : move.stage >= stages.length ? 'completed' : 'running';
  const stage = Math.min(move.stage, stages.length - 1);
  return { ...common, of: move.of, plan, outcome: ended, stage, chosen: move.chosen, breach: move.breach };
}

/** Where no entry is kept (the log was put back as a state alone), the state says what runs. */
async function standingInState(store: Store): Promise<Standing | null> {
  const { rollout, last, version } = await store.log.catchUp(null);
  if (rollout === null) return null;
  const { of, stage, chosen, sinceMs } = rollout;
  const { author = '', message = '' } = last ?? {};
  return {
    ...{ of, stage, chosen, sinceMs, author, message, version },
    plan: planOf(rollout),
    outcome: 'running',
    breach: null,
  };
}

/** Of the entry that began it; where that is no longer kept, of the state for as long as it runs. */
async function keptPlan(store: Store, of: number): Promise<RolloutPlan | null> {
  const [first] = await store.log.history(of + 1, 1);
  if (first?.version === of) return first.rollout === undefined ? null : planOf(first.rollout);
  const { rollout } = await store.log.catchUp(null);
  return rollout?.of === of ? planOf(rollout) : null;
}

function planOf({ stages, bakeMs, abortOn }: RolloutPlan): RolloutPlan {
  return { stages, bakeMs, abortOn };
}

/** Usually one entry is read; more only where the newest ones are re-signings. */
async function newestFew(store: Store, head: number): Promise<readonly EntryHead[]> {
  const newest = await store.log.history(head + 1, 1);
  return newest[0]?.kind === 'renewal' ? store.log.history(head + 1, RENEWALS) : newest;
}

export function standingJson(standing: Standing | null, reports: readonly ReceivedReport[]): object | null {
  if (standing === null) return null;
  const { outcome, of: version, plan, stage, chosen, sinceMs, author, message, breach } = standing;
  return {
    ...{ version, outcome, stage: stage + 1, stages: plan.stages.map(stageText), acceptors: chosen },
    ...{ since: new Date(sinceMs).toISOString(), bakeMs: plan.bakeMs, abortOn: plan.abortOn.map(limitText) },
    ...{ author, message, breach },
    figures: figuresOf(standing, reports),
  };
}

/** What acceptors count on the new version, and the others on theirs. */
function figuresOf({ of, chosen }: Standing, reports: readonly ReceivedReport[]) {
  return reports
    .filter(({ ageMs }) => ageMs <= LOST_AFTER_MS)
    .map(({ id, version, figures, inForceMs }) => {
      const isNew = isChosen(chosen, id);
      const tally = tallyOf(figures, (each) => (version >= of ? each >= of : each === version));
      return { acceptor: id, inStage: isNew, version, inForceMs, ...tally };
    });
}

export function standingText(standing: Standing, reports: readonly ReceivedReport[]): string {
  const { outcome, of, plan, stage, chosen, sinceMs, author, message } = standing;
  const where = `stage ${stage + 1} of ${plan.stages.length} (${stageText(plan.stages[stage]!)})`;
  const ago = `${Math.max(0, Math.round((Date.now() - sinceMs) / 1000))} s`;
  if (outcome === 'aborted')
    return `roll-out of version ${of}: aborted in ${where} ${ago} ago by ${author}${reasonText(message)}`;
  if (outcome === 'completed') return `roll-out of version ${of}: completed ${ago} ago by ${author}`;
  const limits = plan.abortOn.map(limitText).join(', ') || 'no figure';
  const who = chosen === 'all' ? 'every acceptor' : chosen.join(', ');
  const rows = figuresOf(standing, reports).map((row) => [
    ...[row.acceptor, row.inStage ? 'new' : 'before', row.version, `${Math.floor(row.inForceMs / 1000)} s`],
    ...[row.connections, row.connectFailures, row.noRoute, row.earlyResets],
  ]);
  const head = ['ACCEPTOR', 'SERVES', 'VERSION', 'FOR', 'CONNECTIONS', 'CONNECT FAILURES', 'NO ROUTE', 'EARLY RESETS'];
  return [
    `roll-out of version ${of}: ${where} for ${ago}: ${who}; bakes ${plan.bakeMs / 1000} s, aborts on ${limits}`,
    tableText(head, rows),
  ].join('\n');
}

/** One line for a terminal. */
export function standingLine(standing: Standing, reports: readonly ReceivedReport[]): string {
  const { of, plan, stage, chosen } = standing;
  const members = reports.filter(({ id, ageMs }) => isChosen(chosen, id) && ageMs <= LOST_AFTER_MS);
  const there = members.filter(({ version }) => version >= of);
  const baked = there.length === 0 ? 0 : Math.min(...there.map(({ inForceMs }) => inForceMs), plan.bakeMs);
  const { connections } = there.map(({ figures }) => tallyOf(figures, (each) => each >= of)).reduce(sum, NOTHING);
  return `version ${of}: stage ${stage + 1} of ${plan.stages.length} (${stageText(plan.stages[stage]!)}), ${there.length} of ${members.length} acceptors, ${Math.floor(baked / 1000)} of ${plan.bakeMs / 1000} s, ${connections} connections`;
}

const NOTHING = { connections: 0, connectFailures: 0, noRoute: 0, earlyResets: 0 };

function reasonText(message: string): string {
  return message === '' ? '' : `: ${message}`;
}

/** What an entry is, in the history's words. */
export function kindText({ kind, restores, rollout, move }: EntryHead): string {
  if (kind === 'rollback') return `rollback to ${restores}`;
  if (kind === 'abort') return `abort of ${move?.of}, back to ${restores}`;
  if (kind === 'promote')
    return `promote ${move?.of}${move?.chosen === 'all' ? ' to all' : ` to ${move?.chosen.length}`}`;
  return rollout === undefined ? kind : `${kind} in stages ${rollout.stages.map(stageText).join(',')}`;
}
