// A validator of the part of JSON Schema (draft 7) that deploy/schemas uses, written from its specification: what an editor
// would say. For tests.
import type { JsonSchema } from './json-schema.ts';

type Value = unknown;
type Errors = string[];

/** Paths and words of everything that does not fit. */
export function editorErrors(root: JsonSchema, value: Value): readonly string[] {
  const errors: Errors = [];
  check(root, root, value, '', errors);
  return errors;
}

const isMapping = (value: Value): value is Record<string, Value> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeOf(value: Value): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function check(root: JsonSchema, schema: JsonSchema, value: Value, at: string, errors: Errors): void {
  for (const [keyword, argument] of Object.entries(schema)) {
    const rule = KEYWORDS[keyword];
    if (rule === undefined) throw new Error(`unknown keyword ${keyword}`);
    rule({ root, schema, argument, value, at, errors });
  }
}

interface Call {
  readonly root: JsonSchema;
  readonly schema: JsonSchema;
  readonly argument: unknown;
  readonly value: Value;
  readonly at: string;
  readonly errors: Errors;
}

const fits = (root: JsonSchema, schema: JsonSchema, value: Value) => {
  const errors: Errors = [];
  check(root, schema, value, '', errors);
  return errors.length === 0;
};

const ANNOTATION = () => {};

const KEYWORDS: Readonly<Record<string, (call: Call) => void>> = {
  $schema: ANNOTATION,
  title: ANNOTATION,
  description: ANNOTATION,
  definitions: ANNOTATION,
  // Read together with `if`.
  // biome-ignore lint/suspicious/noThenProperty: the word is JSON Schema's
  then: ANNOTATION,
  $ref({ root, argument, value, at, errors }) {
    let target: unknown = root;
    for (const part of String(argument).slice(1).split('/').filter(Boolean)) {
      target = (target as Record<string, unknown>)[part];
    }
    check(root, target as JsonSchema, value, at, errors);
  },
  type({ argument, value, at, errors }) {
    const type = typeOf(value);
    if (type !== argument && !(argument === 'number' && type === 'integer'))
      errors.push(`${at}: not of type ${argument}`);
  },
  const({ argument, value, at, errors }) {
    if (value !== argument) errors.push(`${at}: not ${JSON.stringify(argument)}`);
  },
  enum({ argument, value, at, errors }) {
    if (!(argument as unknown[]).includes(value)) errors.push(`${at}: not one of ${JSON.stringify(argument)}`);
  },
  minimum({ argument, value, at, errors }) {
    if (typeof value === 'number' && value < Number(argument)) errors.push(`${at}: below ${argument}`);
  },
  maximum({ argument, value, at, errors }) {
    if (typeof value === 'number' && value > Number(argument)) errors.push(`${at}: above ${argument}`);
  },
  pattern({ argument, value, at, errors }) {
    if (typeof value === 'string' && !new RegExp(String(argument), 'u').test(value))
      errors.push(`${at}: not ${argument}`);
  },
  required({ argument, value, at, errors }) {
    if (!isMapping(value)) return;
    for (const name of argument as string[]) if (!Object.hasOwn(value, name)) errors.push(`${at}.${name}: missing`);
  },
  properties({ root, argument, value, at, errors }) {
    if (!isMapping(value)) return;
    for (const [name, schema] of Object.entries(argument as Record<string, JsonSchema>)) {
      if (Object.hasOwn(value, name)) check(root, schema, value[name], `${at}.${name}`, errors);
    }
  },
  propertyNames({ root, argument, value, at, errors }) {
    if (!isMapping(value)) return;
    for (const name of Object.keys(value)) check(root, argument as JsonSchema, name, `${at} key`, errors);
  },
  additionalProperties({ root, schema, argument, value, at, errors }) {
    if (!isMapping(value)) return;
    for (const name of Object.keys(value)) {
      if (Object.hasOwn((schema.properties ?? {}) as object, name)) continue;
      if (argument === false) errors.push(`${at}.${name}: unknown`);
      else check(root, argument as JsonSchema, value[name], `${at}.${name}`, errors);
    }
  },
  items({ root, argument, value, at, errors }) {
    if (!Array.isArray(value)) return;
    for (const [i, item] of value.entries()) check(root, argument as JsonSchema, item, `${at}[${i}]`, errors);
  },
  allOf({ root, argument, value, at, errors }) {
    for (const schema of argument as JsonSchema[]) check(root, schema, value, at, errors);
  },
  anyOf({ root, argument, value, at, errors }) {
    if (!(argument as JsonSchema[]).some((schema) => fits(root, schema, value))) errors.push(`${at}: fits no form`);
  },
  if({ root, schema, argument, value, at, errors }) {
    if (fits(root, argument as JsonSchema, value)) check(root, schema.then as JsonSchema, value, at, errors);
  },
};
