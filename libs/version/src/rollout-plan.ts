// How a version is to be rolled out: in which stages, how long each is watched, and beyond which figures it is taken back.
import type { VersionFigures } from './acceptor-report.ts';

/** So many acceptors, or so many percent of those that live, rounded up. */
export type Stage = { readonly acceptors: number } | { readonly percent: number };

/** A rate is in percent of the connections, the others are counts. */
export const LIMITED_FIGURES = {
  'connect-failure-rate': 'connectFailures',
  'connect-failures': 'connectFailures',
  'no-route-rate': 'noRoute',
  'no-route': 'noRoute',
  'early-reset-rate': 'earlyResets',
  'early-resets': 'earlyResets',
} as const satisfies Record<string, keyof VersionFigures>;

export type LimitedFigure = keyof typeof LIMITED_FIGURES;

export interface Limit {
  readonly figure: LimitedFigure;
  /** More than this is a breach: percent for a rate, else a count. */
  readonly above: number;
}

export interface RolloutPlan {
  /** The last one is 100 %. */
  readonly stages: readonly Stage[];
  /** How long a stage is watched once all of its acceptors have committed, in milliseconds. */
  readonly bakeMs: number;
  readonly abortOn: readonly Limit[];
}

/** More steps than anybody watches; each is a version of its own. */
export const MAX_STAGES = 16;

/** Limits of one roll-out: several times the figures there are. */
export const MAX_LIMITS = 32;

/** Longer than a week nobody waits for one stage: it is a slip of the unit. */
export const MAX_BAKE_MS = 7 * 24 * 60 * 60 * 1000;

/** As many as any fleet has; a stage of more is a slip. */
const MAX_STAGE_ACCEPTORS = 100_000;

/**
 * What a roll-out is watched for where nothing else is said: both come of endpoints that do not answer, and neither of clients
 * that ask for what no route serves.
 */
export const DEFAULT_ABORT_ON: readonly Limit[] = [
  { figure: 'connect-failure-rate', above: 1 },
  { figure: 'early-reset-rate', above: 1 },
];

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

/** `1,10%,100%`; a stage of 100 % is added where the last is less. */
export function parseStages(text: string): Parsed<readonly Stage[]> {
  const stages: Stage[] = [];
  for (const word of text.split(',')) {
    const match = /^\s*(\d{1,6}(?:\.\d{1,3})?)(%?)\s*$/.exec(word);
    const stage: Stage = match?.[2] === '%' ? { percent: Number(match[1]) } : { acceptors: Number(match?.[1]) };
    if (!isStage(stage)) {
      return {
        ok: false,
        message: `a stage is a number of acceptors or a percentage up to 100%, not "${word.trim()}"`,
      };
    }
    stages.push(stage);
  }
  if (!isEverybody(stages.at(-1)!)) stages.push({ percent: 100 });
  if (stages.length > MAX_STAGES) return { ok: false, message: `more than ${MAX_STAGES} stages` };
  return { ok: true, value: stages };
}

/** `connect-failure-rate>1%,no-route>0`; `none` for no limit at all. */
export function parseAbortOn(text: string): Parsed<readonly Limit[]> {
  if (text.trim() === 'none') return { ok: true, value: [] };
  const limits: Limit[] = [];
  for (const word of text.split(',')) {
    const [, figure = '', value, percent] = /^\s*([a-z-]+)\s*>\s*(\d{1,9}(?:\.\d{1,3})?)(%?)\s*$/.exec(word) ?? [];
    const limit = { figure, above: Number(value) };
    if (!isLimit(limit) || isRate(limit.figure) !== (percent === '%')) {
      const rates = 'connect-failure-rate>1%, no-route-rate>1%, early-reset-rate>1%';
      const counts = 'connect-failures>0, no-route>0, early-resets>0';
      return { ok: false, message: `a limit is such as ${rates}, ${counts}, not "${word.trim()}"` };
    }
    limits.push(limit);
  }
  if (limits.length > MAX_LIMITS) return { ok: false, message: `more than ${MAX_LIMITS} limits` };
  return { ok: true, value: limits };
}

export function stageText(stage: Stage): string {
  return 'percent' in stage ? `${stage.percent}%` : String(stage.acceptors);
}

export function limitText({ figure, above }: Limit): string {
  return `${figure}>${above}${isRate(figure) ? '%' : ''}`;
}

export function isRate(figure: LimitedFigure): boolean {
  return figure.endsWith('-rate');
}

/** Whether a stage takes in those too that start later. */
export function isEverybody(stage: Stage): boolean {
  return 'percent' in stage && stage.percent === 100;
}

/** Checks what came from outside. */
export function isRolloutPlan(json: unknown): json is RolloutPlan {
  const { stages, bakeMs, abortOn } = (json ?? {}) as Partial<RolloutPlan>;
  if (!Array.isArray(stages) || stages.length === 0 || stages.length > MAX_STAGES || !stages.every(isStage))
    return false;
  if (!Array.isArray(abortOn) || abortOn.length > MAX_LIMITS || !abortOn.every(isLimit)) return false;
  return isEverybody(stages.at(-1)!) && Number.isSafeInteger(bakeMs) && bakeMs! >= 0 && bakeMs! <= MAX_BAKE_MS;
}

function isStage(json: unknown): json is Stage {
  const { acceptors, percent } = (json ?? {}) as { acceptors?: unknown; percent?: unknown };
  if (percent !== undefined) return typeof percent === 'number' && percent > 0 && percent <= 100;
  return Number.isSafeInteger(acceptors) && Number(acceptors) > 0 && Number(acceptors) <= MAX_STAGE_ACCEPTORS;
}

function isLimit(json: unknown): json is Limit {
  const { figure, above } = (json ?? {}) as { figure?: unknown; above?: unknown };
  if (typeof figure !== 'string' || !Object.hasOwn(LIMITED_FIGURES, figure)) return false;
  if (typeof above !== 'number' || !(above >= 0) || !Number.isFinite(above)) return false;
  return !isRate(figure as LimitedFigure) || above < 100;
}
