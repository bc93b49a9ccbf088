// Whether what was stored or sent has the form of a roll-out's parts: nothing that came from outside is believed.
import type { Breach, Chosen, RolloutMove, RolloutStart, Tally } from './rollout.ts';
import { isRolloutPlan } from './rollout-plan.ts';

/** Characters of a sentence about a breach, with an acceptor's own words in it. */
const MAX_BREACH_LENGTH = 2_000;

export function isRolloutStart(json: unknown): json is RolloutStart {
  return isRolloutPlan(json) && isChosenList((json as Partial<RolloutStart>).chosen);
}

export function isRolloutMove(json: unknown): json is RolloutMove {
  const { of, stage, chosen, reference, breach } = (json ?? {}) as Partial<RolloutMove>;
  if (!isCount(of) || !isCount(stage) || !isChosenList(chosen)) return false;
  return (reference === null || isTally(reference)) && (breach === null || isBreach(breach));
}

export function isTally(json: unknown): json is Tally {
  const { connections, connectFailures, noRoute, earlyResets } = (json ?? {}) as Partial<Tally>;
  return [connections, connectFailures, noRoute, earlyResets].every(isCount);
}

export function isBreach(json: unknown): json is Breach {
  const { acceptor, figure, value, limit, message } = (json ?? {}) as Partial<Breach>;
  return (
    [acceptor, figure, message].every((text) => typeof text === 'string' && text.length <= MAX_BREACH_LENGTH) &&
    [value, limit].every((number) => number === null || Number.isFinite(number))
  );
}

export function isChosenList(json: unknown): json is Chosen {
  return json === 'all' || (Array.isArray(json) && json.every((id) => typeof id === 'string'));
}

function isCount(json: unknown): boolean {
  return Number.isSafeInteger(json) && (json as number) >= 0;
}
