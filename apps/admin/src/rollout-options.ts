// `--stages`, `--bake` and `--abort-on` of publish, as words and as a plan.
import { parseDurationMs } from '@sluice/resource';
import { DEFAULT_ABORT_ON, MAX_BAKE_MS, parseAbortOn, parseStages, type RolloutPlan } from '@sluice/version';

export interface RolloutOptions {
  readonly stages?: string;
  readonly bake?: string;
  readonly abortOn?: string;
}

/** Long enough for every acceptor to report many times, and for usual traffic to show what is wrong. */
const DEFAULT_BAKE_MS = 30_000;

/** Undefined for a publish without stages; a text says what is wrong. */
export function planOf({ stages, bake, abortOn }: RolloutOptions): RolloutPlan | undefined | string {
  if (stages === undefined) {
    if (bake !== undefined || abortOn !== undefined) return '--bake and --abort-on need --stages, such as 1,10%,100%';
    return undefined;
  }
  const parsed = parseStages(stages);
  if (!parsed.ok) return `--stages: ${parsed.message}`;
  const limits = abortOn === undefined ? { ok: true as const, value: DEFAULT_ABORT_ON } : parseAbortOn(abortOn);
  if (!limits.ok) return `--abort-on: ${limits.message}`;
  const bakeMs = bake === undefined ? DEFAULT_BAKE_MS : parseDurationMs(bake);
  if (bakeMs === undefined || bakeMs < 0 || bakeMs > MAX_BAKE_MS || !Number.isInteger(bakeMs)) {
    return `--bake takes a time such as 30s or 5m, at most ${MAX_BAKE_MS / 3_600_000}h, not "${bake}"`;
  }
  return { stages: parsed.value, bakeMs, abortOn: limits.value };
}
