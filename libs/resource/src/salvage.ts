// What is left of a spec that does not fit its schema, once the misfits are taken away: for analysis only, so that a mistake
// in one resource does not make others look wrong. Never for use: what is missing is made up.
import type { z } from 'zod';

/** Filling in one level lets the next be seen; schemas are not deeper than this where fields are required. */
const MAX_ROUNDS = 6;
/** Beyond so many misfits it is hardly the kind it says. */
const MAX_MISFITS = 1_000;

/** A copy of `value` that fits the schema, or undefined if it cannot be mended. */
export function salvage(schema: z.ZodType, value: unknown): unknown {
  let result = schema.safeParse(value);
  if (result.success) return value;
  const copy: unknown = structuredClone(value);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (result.error.issues.length > MAX_MISFITS) return undefined;
    // From the back, so that taking an item out of a list does not move those still to be mended.
    for (const issue of [...result.error.issues].reverse()) if (!mend(copy, issue)) return undefined;
    result = schema.safeParse(copy);
    if (result.success) return copy;
  }
  return undefined;
}

type Holder = Record<string | number, unknown>;

function mend(root: unknown, issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'unrecognized_keys') {
    const holder = holderAt(root, issue.path);
    for (const key of issue.keys) if (holder !== undefined) delete holder[key];
    return true;
  }
  const key = issue.path.at(-1);
  if (key === undefined || typeof key === 'symbol') return false;
  const holder = holderAt(root, issue.path.slice(0, -1));
  // An earlier repair took the place away; the next round shows what is left.
  if (holder === undefined) return true;
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (Object.hasOwn(holder, key) && holder[key] !== undefined) delete holder[key];
  else if (issue.code === 'invalid_type') holder[key] = emptyValue(issue.expected);
  else return false;
  return true;
}

function holderAt(root: unknown, path: readonly PropertyKey[]): Holder | undefined {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Holder)[key as string];
  }
  return typeof value === 'object' && value !== null ? (value as Holder) : undefined;
}

function emptyValue(expected: string): unknown {
  switch (expected) {
    case 'array':
      return [];
    case 'object':
    case 'record':
      return {};
    case 'string':
      return '';
    case 'boolean':
      return false;
    default:
      return 0;
  }
}
