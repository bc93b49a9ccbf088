// `admin validate`: everything that can be said of files without a store.
import {
  boundComplaints,
  type Complaint,
  type Issue,
  locateIssue,
  MAX_ISSUES,
  type ParsedSet,
  parseResources,
  type SourceFile,
} from '@sluice/resource';
import { analyze, complainOfExpiry } from '@sluice/route';
import { EXIT, type ExitStatus } from './exit.ts';
import { wrongUsage } from './failure.ts';
import { readInput } from './files.ts';
import { issueJson, issueSummary, issueText } from './issues.ts';
import { print, printJson } from './output.ts';

interface Options {
  readonly json?: boolean;
  readonly each?: boolean;
  readonly labels: Labels;
}

type Labels = Readonly<Record<string, string>>;

export async function validate(paths: readonly string[], options: Options): Promise<ExitStatus> {
  const read = await readInput(paths);
  if (!read.ok) return wrongUsage(read.message, options);
  if (options.each === true) return validateEach(read.files, options.labels);
  const { set, issues, ok } = validateSet(read.files, options.labels);
  if (options.json === true) printJson({ ok, issues: issues.map(issueJson) });
  else {
    for (const issue of issues) print(issueText(issue));
    const count = set.resources.length;
    print(
      `${ok ? 'valid' : 'invalid'}: ${count} ${count === 1 ? 'resource' : 'resources'} in ${filesText(read.files)}, ${issueSummary(issues)}`,
    );
  }
  return ok ? EXIT.done : EXIT.failed;
}

function validateEach(files: readonly SourceFile[], labels: Labels): ExitStatus {
  let allOk = true;
  for (const file of files) {
    const { issues, ok } = validateSet([file], labels);
    allOk &&= ok;
    const shown = issues.map(({ code, level, message, path, line }) => ({
      code,
      level,
      message,
      path,
      line: line ?? null,
    }));
    printJson({ file: file.path, ok, issues: shown });
  }
  return allOk ? EXIT.done : EXIT.failed;
}

interface Validated {
  readonly set: ParsedSet;
  readonly issues: readonly Issue[];
  readonly ok: boolean;
}

/** The issues of the files by themselves, then of the resources together, for acceptors with these labels. */
function validateSet(files: readonly SourceFile[], labels: Labels): Validated {
  const set = parseResources(files);
  const { resources, ignored, refused } = set;
  const isFragment = resources.length + ignored.length + refused.length === 1;
  const complaints = [
    ...analyze(resources, { labels, ignored, refused }),
    ...complainOfExpiry([...resources, ...refused], Date.now()),
  ];
  const weighed = isFragment ? complaints.map(withoutReferences) : complaints;
  const ok = set.ok && !weighed.some(({ level }) => level === 'error');
  // Only of what is shown is it worth finding out where it stands: for that its document is read once more.
  const found = boundComplaints(weighed, MAX_ISSUES).map((complaint) => locateIssue(set, complaint));
  return { set, issues: [...set.issues, ...found], ok };
}

/** What a resource refers to may well be published already; only a set of several can be expected to have it. */
function withoutReferences(complaint: Complaint): Complaint {
  const isReference = complaint.level === 'error' && complaint.code.startsWith('SLU01');
  return isReference ? { ...complaint, level: 'warning' } : complaint;
}

function filesText(files: readonly SourceFile[]): string {
  return `${files.length} ${files.length === 1 ? 'file' : 'files'}`;
}
