// Keeps the issues of a set within bounds: the first errors and the first warnings and notices, and a count of the rest.
import { CODES } from './codes.ts';
import type { Complaint, Issue } from './issue.ts';
import { MAX_ISSUES, MAX_ISSUES_PER_RESOURCE } from './limits.ts';

export type NewIssue = Omit<Complaint, 'level'>;

/** Where an issue stands; asked only for issues that are kept. */
export type Place = () => { readonly file: string; readonly line: number; readonly column: number };

export interface IssueCollector {
  add(issue: NewIssue, place: Place): void;
  /** The issues of one resource, each said once; `placeOf` gets the issue. */
  addAll(issues: readonly NewIssue[], placeOf: (issue: NewIssue) => Place): void;
  /** An issue that nothing may crowd out: reading stops there. */
  addLast(issue: NewIssue, place: Place): void;
  finish(): { readonly issues: readonly Issue[]; readonly ok: boolean };
}

export function collectIssues(): IssueCollector {
  const issues: Issue[] = [];
  const counts = { error: 0, other: 0, hidden: 0 };

  const keep = (issue: NewIssue, place: Place) => {
    issues.push({ ...issue, level: CODES[issue.code].level, ...place() });
  };
  const count = ({ code }: NewIssue) => (CODES[code].level === 'error' ? ++counts.error : ++counts.other);
  const add = (issue: NewIssue, place: Place) => {
    if (count(issue) > MAX_ISSUES) counts.hidden++;
    else keep(issue, place);
  };

  return {
    add,
    addAll(all, placeOf) {
      const said = new Set<string>();
      for (const issue of all) {
        const id = `${issue.code} ${issue.path} ${issue.message}`;
        if (said.has(id)) continue;
        said.add(id);
        if (said.size <= MAX_ISSUES_PER_RESOURCE) add(issue, placeOf(issue));
        else {
          count(issue);
          counts.hidden++;
        }
      }
    },
    addLast(issue, place) {
      count(issue);
      keep(issue, place);
    },
    finish() {
      if (counts.hidden > 0) {
        const message = `${counts.hidden} more issues are not shown`;
        issues.push({ code: 'SLU1008', level: CODES.SLU1008.level, message, resource: '', path: '' });
      }
      return { issues, ok: counts.error === 0 };
    },
  };
}
