// Keeps the issues of a set within bounds: the first errors and the first warnings and notices, and a count of the rest.
import { hiddenComplaint } from './bounded-complaints.ts';
import { CODES } from './codes.ts';
import type { Complaint, Issue, Report, ResourceKey } from './issue.ts';
import { MAX_ISSUES, MAX_ISSUES_PER_RESOURCE, MAX_MESSAGE } from './limits.ts';

export type NewIssue = Omit<Complaint, 'level' | 'more'>;

/** Where an issue stands; asked only for issues that are kept. */
export type Place = () => { readonly file: string; readonly line: number; readonly column: number };

export interface IssueCollector {
  add(issue: NewIssue, place: Place): void;
  /** What one resource's checks reported; `placeOf` gets the issue. */
  addReported(reported: Reported, resource: ResourceKey, placeOf: (issue: NewIssue) => Place): void;
  /** An issue that nothing may crowd out: reading stops there. */
  addLast(issue: NewIssue, place: Place): void;
  finish(): { readonly issues: readonly Issue[]; readonly ok: boolean };
}

/** The first things said of one resource, each said once, and how much more was said. */
export interface Reported {
  readonly found: readonly Omit<NewIssue, 'resource'>[];
  readonly more: { errors: number; others: number };
  readonly report: Report;
}

export function reporting(): Reported {
  const found: Omit<NewIssue, 'resource'>[] = [];
  const said = new Set<string>();
  const more = { errors: 0, others: 0 };
  const report: Report = (code, path, message) => {
    if (found.length >= MAX_ISSUES_PER_RESOURCE) {
      if (CODES[code].level === 'error') more.errors++;
      else more.others++;
      return;
    }
    const text = message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}...` : message;
    const id = `${code} ${path} ${text}`;
    if (said.has(id)) return;
    said.add(id);
    found.push({ code, path, message: text });
  };
  return { found, more, report };
}

export function collectIssues(): IssueCollector {
  const issues: Issue[] = [];
  const counts = { error: 0, other: 0 };
  const hidden = { error: 0, other: 0 };

  const keep = (issue: NewIssue, place: Place) => {
    issues.push({ ...issue, level: CODES[issue.code].level, ...place() });
  };
  const count = ({ code }: NewIssue) => (CODES[code].level === 'error' ? ++counts.error : ++counts.other);
  const add = (issue: NewIssue, place: Place) => {
    if (count(issue) > MAX_ISSUES) hidden[CODES[issue.code].level === 'error' ? 'error' : 'other']++;
    else keep(issue, place);
  };

  return {
    add,
    addReported({ found, more }, resource, placeOf) {
      for (const each of found) {
        const issue = { ...each, resource };
        add(issue, placeOf(issue));
      }
      counts.error += more.errors;
      counts.other += more.others;
      hidden.error += more.errors;
      hidden.other += more.others;
    },
    addLast(issue, place) {
      count(issue);
      keep(issue, place);
    },
    finish() {
      const more = hidden.error + hidden.other;
      if (more > 0) issues.push(hiddenComplaint(more, hidden));
      return { issues, ok: counts.error === 0 };
    },
  };
}
