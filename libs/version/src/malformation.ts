// What makes a proposal no proposal at all: checked because it came from outside.
import { MAX_MESSAGE_LENGTH, MAX_NAME_LENGTH } from './limits.ts';
import type { Move } from './plan-move.ts';
import type { Proposal } from './proposal.ts';
import { isBreach, isTally } from './rollout-form.ts';
import { isRolloutPlan } from './rollout-plan.ts';

/** Undefined for one that may be decided about. */
export function malformation(proposal: Proposal): string | undefined {
  if (typeof proposal !== 'object' || proposal === null) return 'it is not an object';
  const { submission, wish, author, message, expectVersion, timeMs } = proposal;
  if (!isName(submission) || submission === '') return 'its submission is not a name';
  if (!isName(author)) return `its author is not a text of at most ${MAX_NAME_LENGTH} characters`;
  if (typeof message !== 'string' || message.length > MAX_MESSAGE_LENGTH) {
    return `its message is not a text of at most ${MAX_MESSAGE_LENGTH} characters`;
  }
  if (!Number.isSafeInteger(timeMs)) return 'its time is not a time';
  if (expectVersion !== null && !isVersion(expectVersion)) return 'its expected version is not a version';
  if (wish?.type === 'rollback') return isVersion(wish.to) ? undefined : 'the version to roll back to is not a version';
  if (wish?.type === 'promote' || wish?.type === 'abort') return malformedMove(wish);
  if (wish?.type !== 'change' || !Array.isArray(wish.put) || !Array.isArray(wish.delete))
    return 'it wishes nothing known';
  if (!wish.delete.every((key) => typeof key === 'string')) return 'a key to delete is not a text';
  if (!isName(wish.set) || typeof wish.prune !== 'boolean') return 'its set is not a name';
  if (wish.rollout !== undefined && !isRolloutPlan(wish.rollout)) return 'its stages, bake time or limits are wrong';
  return wish.prune && wish.set === '' ? 'to prune, a set must be named' : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(value);
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function malformedMove(wish: Move): string | undefined {
  if (!isVersion(wish.of)) return 'the version whose roll-out is meant is not a version';
  if (wish.type === 'abort') return wish.breach === null || isBreach(wish.breach) ? undefined : 'its breach is not one';
  if (!isVersion(wish.stage)) return 'the stage to promote to is not a number';
  return wish.reference === null || isTally(wish.reference) ? undefined : 'its reference is not figures';
}
