// Issues for people and for programs.
import { countComplaints, type Issue, type Level } from '@sluice/resource';

/** An issue as --json shows it; line and column from 1, null where no file is meant. */
export interface IssueJson {
  readonly code: string;
  readonly level: Level;
  readonly message: string;
  /** Field path; empty where the whole resource is meant. */
  readonly path: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly file: string | null;
  readonly resource: string;
  /** It stands for so many more issues that are not shown; absent: for itself only. */
  readonly more?: number;
}

export function issueJson({ code, level, message, path, line, column, file, resource, more }: Issue): IssueJson {
  const place = { line: line ?? null, column: column ?? null, file: file ?? null };
  return { code, level, message, path, ...place, resource, ...(more === undefined ? {} : { more }) };
}

/** `file:line:column: error SLU2001 message (spec.field)`; without a file the resource stands in its place. */
export function issueText({ code, level, message, path, line, column, file, resource }: Issue): string {
  const place = file === undefined ? resource : [file, line, column].filter((part) => part !== undefined).join(':');
  return `${place === '' ? '' : `${place}: `}${level} ${code} ${message}${path === '' ? '' : ` (${path})`}`;
}

/** `2 errors, 1 warning, 3000 not shown`, or `no issues`. */
export function issueSummary(issues: readonly Issue[]): string {
  const parts = (['error', 'warning', 'notice'] as const).flatMap((level) => {
    const count = countComplaints(issues, level);
    return count === 0 ? [] : [`${count} ${level}${count === 1 ? '' : 's'}`];
  });
  const hidden = issues.reduce((sum, { code, more = 0 }) => sum + (code === 'SLU1008' ? more : 0), 0);
  if (hidden > 0) parts.push(`${hidden} not shown`);
  return parts.length === 0 ? 'no issues' : parts.join(', ');
}
