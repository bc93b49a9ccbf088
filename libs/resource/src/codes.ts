// The closed table of issue codes, the only place where a code gets its level. docs/issues.md is made from it.
import { ANALYSIS_CODES } from './codes-analysis.ts';
import { MERGE_CODES } from './codes-merge.ts';
import { PARSE_CODES } from './codes-parse.ts';
import { RULE_CODES } from './codes-rule.ts';

/** What a code means: its level, a title of a few words, and how to solve it. */
export interface CodeRow {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly solve: string;
}

const ROWS = { ...ANALYSIS_CODES, ...PARSE_CODES, ...RULE_CODES, ...MERGE_CODES };

/** `SLU` and four digits; stable once released. */
export type Code = keyof typeof ROWS;

export const CODES: Readonly<Record<Code, CodeRow>> = ROWS;
