// Whether a text is a regular expression of RE2, as far as JavaScript's own parser can tell. Nothing is ever matched with it.
import type { FieldPath } from './field-path.ts';
import type { Report } from './issue.ts';

/** As Istio: RE2 programs grow with the length, and Envoy bounds them. */
const MAX_LENGTH = 1024;
const MAX_REPEAT = 1000;

const ABSENT_FROM_RE2 = /(?<!\\)(?:\\\\)*(?:\(\?(?:=|!|<=|<!)|\\[1-9])/;
const REPEAT = /\{(\d+)(?:,(\d*))?\}/g;

/** Reports an expression that is empty, too long or wrong. `where` names it in the message. */
export function checkRegex(report: Report, at: FieldPath, regex: string, where: string): void {
  const quoted = JSON.stringify(where);
  if (regex === '') report('SLU2041', at, `${quoted}: regex string match should not be empty`);
  else if (regex.length > MAX_LENGTH) {
    report('SLU2041', at, `${quoted}: regex is too large, max length allowed is ${MAX_LENGTH}`);
  } else {
    const problem = regexProblem(regex);
    if (problem === undefined) return;
    const hint = 'Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)';
    report('SLU2041', at, `${quoted}: error parsing regexp: ${problem}; ${hint}`);
  }
}

function regexProblem(regex: string): string | undefined {
  if (ABSENT_FROM_RE2.test(regex)) return 'look-around and back-references are not supported';
  for (const [, low, high] of regex.matchAll(REPEAT)) {
    if (Number(low) > MAX_REPEAT || Number(high ?? 0) > MAX_REPEAT) return 'invalid repeat count';
  }
  const script = regex
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?[imsU]*(?:-[imsU]+)?\)/g, '')
    .replaceAll(/\(\?[imsU]+(?:-[imsU]+)?:/g, '(?:')
    .replaceAll(/\[:\^?[a-z]+:\]/g, '\\w');
  try {
    new RegExp(script);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: /, '');
  }
}
