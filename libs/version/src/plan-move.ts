// From a wish to move or end a roll-out to what it does: the next stage, or the state before it again.
import { type Candidate, chooseAcceptors } from './choose-acceptors.ts';
import { type Planned, type PlannedChange, planChange, reject } from './plan-change.ts';
import type { Wish } from './proposal.ts';
import type { Breach, Rollout, RolloutMove, Tally } from './rollout.ts';
import { stageText } from './rollout-plan.ts';
import type { State } from './state.ts';

export type Move = Extract<Wish, { type: 'promote' | 'abort' }>;

/** Moving on to where it is already changes nothing: a doubled wish is harmless. */
export function planMove(state: State, wish: Move, acceptors: readonly Candidate[]): Planned {
  const { rollout } = state;
  if (rollout === null || rollout.of !== wish.of) {
    const running = rollout === null ? 'none runs' : `the one that runs is of version ${rollout.of}`;
    return { ok: false, rejection: reject('rollout', `no roll-out of version ${wish.of} runs: ${running}`) };
  }
  return wish.type === 'abort' ? planAbort(state, rollout, wish.breach) : planPromote(state, rollout, wish, acceptors);
}

const NOTHING: PlannedChange = { kind: 'promote', change: { put: [], delete: [] }, set: '', complaints: [] };

function planPromote(
  state: State,
  rollout: Rollout,
  { stage, reference }: { readonly stage: number; readonly reference: Tally | null },
  acceptors: readonly Candidate[],
): Planned {
  if (stage <= rollout.stage) return { ok: true, value: NOTHING };
  const to = Math.min(stage, rollout.stages.length);
  const next = rollout.stages[to];
  const change = { version: rollout.of, before: rollout.before, after: state };
  const chosen = next === undefined ? 'all' : chooseAcceptors(acceptors, next, rollout.chosen, change);
  const move: RolloutMove = {
    ...{ of: rollout.of, stage: to, chosen, breach: null },
    reference: reference ?? rollout.reference,
  };
  return { ok: true, value: { ...NOTHING, move } };
}

function planAbort(state: State, rollout: Rollout, breach: Breach | null): Planned {
  const { of, stage, chosen, reference, before } = rollout;
  const planned = planChange(state, { type: 'rollback', to: before.version }, before);
  if (!planned.ok) return planned;
  return { ok: true, value: { ...planned.value, kind: 'abort', move: { of, stage, chosen, reference, breach } } };
}

/** Refuses every other change while a roll-out runs: there would be no telling which of the two a figure is about. */
export function runningMessage({ of, stage, stages, before }: Rollout): string {
  const where = `stage ${stage + 1} of ${stages.length} (${stageText(stages[stage]!)})`;
  return `version ${of} is being rolled out, ${where}: wait for its end, or promote it, or abort it, which brings the state of version ${before.version} again`;
}
