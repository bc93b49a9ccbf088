// Checks plain data against a schema and words what is wrong as Kubernetes does, with a guess at misspelt fields.
import { z } from 'zod';
import type { Code } from './codes.ts';
import { type FieldPath, fieldAt } from './field-path.ts';
import type { Report } from './issue.ts';
import { MAX_ISSUES_PER_RESOURCE, MAX_QUOTED } from './limits.ts';
import { nearest } from './nearest.ts';

type RawIssue = z.core.$ZodIssue & { readonly input?: unknown };

// The schema's own words are kept; where it has none the message is empty and is made here.
const PARSE = { reportInput: true, error: () => '' } as const;

/** Reports everything in which `value` does not fit; true if it fits. `at` is the path of the value itself. */
export function checkSchema(schema: z.ZodType, value: unknown, at: FieldPath, report: Report): boolean {
  const result = schema.safeParse(value, PARSE);
  if (result.success) return true;
  for (const issue of result.error.issues) reportIssue(schema, issue as RawIssue, at, report);
  return false;
}

function reportIssue(schema: z.ZodType, issue: RawIssue, at: FieldPath, report: Report): void {
  let path = at;
  for (const key of issue.path) path = fieldAt(path, key as string | number);
  if (issue.code === 'unrecognized_keys') {
    const known = knownFields(schema, issue.path);
    for (const [i, key] of issue.keys.entries()) {
      const full = fieldAt(path, key);
      const guess = i < MAX_ISSUES_PER_RESOURCE ? nearest(key, known) : undefined;
      report('SLU1012', full, `unknown field "${full}"${guess === undefined ? '' : `, did you mean "${guess}"?`}`);
    }
    return;
  }
  if (issue.code === 'invalid_union') {
    const wanted = [...new Set(issue.errors.flat().map((part) => (part as RawIssue).code))];
    report('SLU1014', path, `${path}: Invalid value: ${quote(issue.input)}: no allowed form (${wanted.join(', ')})`);
    return;
  }
  const [code, problem] = describe(issue);
  report(code, path, `${path}: ${problem}${issue.message === '' ? '' : `: ${issue.message}`}`);
}

function describe(issue: RawIssue): [Code, string] {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return ['SLU1013', 'Required value'];
      return ['SLU1014', `Invalid value: ${quote(issue.input)}: must be ${typeWords(issue)}`];
    case 'invalid_value':
      if (issue.input === undefined) return ['SLU1013', 'Required value'];
      return [
        'SLU1015',
        `Unsupported value: ${quote(issue.input)}: supported values: ${issue.values.map(quote).join(', ')}`,
      ];
    case 'too_big':
      return ['SLU1016', `Invalid value: ${quote(issue.input)}: must be at most ${issue.maximum}`];
    case 'too_small':
      return ['SLU1016', `Invalid value: ${quote(issue.input)}: must be at least ${issue.minimum}`];
    default:
      return ['SLU1017', `Invalid value: ${quote(issue.input)}`];
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function typeWords(issue: RawIssue & { expected?: string }): string {
  const expected = issue.expected ?? '';
  const words = TYPE_WORDS[expected] ?? expected;
  const looksOtherwise = expected === 'string' && ['number', 'boolean'].includes(typeof issue.input);
  return looksOtherwise ? `${words}: put it in quotes` : words;
}

/** A value as a message repeats it: JSON, cut short. */
export function quote(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a mapping';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length <= MAX_QUOTED ? text : `${text.slice(0, MAX_QUOTED)}...`;
}

/** The field names a schema knows at a path inside it. */
export function knownFields(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let here: z.core.$ZodType = schema;
  for (const key of path) {
    here = unwrap(here);
    if (here instanceof z.ZodObject) here = (here.shape as Record<string, z.core.$ZodType>)[String(key)] ?? z.unknown();
    else if (here instanceof z.ZodArray) here = here.element;
    else if (here instanceof z.ZodRecord) here = here.valueType;
    else return [];
  }
  here = unwrap(here);
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? unwrap(schema.unwrap()) : schema;
}
