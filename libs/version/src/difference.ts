// What two states have that the other has not, down to the fields that differ.
import { isSecretField, maskedValue, type ResourceKey } from '@sluice/resource';
import { type Holding, holdingOf, holdingsOf, type State } from './state.ts';

/** A field with its value before and after; undefined where it is not there. Values of Secrets are told by their size. */
export interface FieldDifference {
  /** Such as `spec.tcp[0].route`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface Difference {
  /** Keys, sorted. */
  readonly added: readonly ResourceKey[];
  readonly removed: readonly ResourceKey[];
  /** Resources whose content, place in order or set changed; sorted by key. */
  readonly changed: readonly { readonly key: ResourceKey; readonly fields: readonly FieldDifference[] }[];
}

export function differenceOf(before: State, after: State): Difference {
  const added: ResourceKey[] = [];
  const removed: ResourceKey[] = [];
  const changed: { key: ResourceKey; fields: readonly FieldDifference[] }[] = [];
  for (const holding of holdingsOf(after)) {
    const old = holdingOf(before, holding.key);
    if (old === undefined) added.push(holding.key);
    else if (old !== holding && !isSame(old, holding)) {
      changed.push({ key: holding.key, fields: fieldDifferences(old, holding) });
    }
  }
  for (const { key } of holdingsOf(before)) if (holdingOf(after, key) === undefined) removed.push(key);
  return { added: added.sort(), removed: removed.sort(), changed: changed.sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

function isSame(a: Holding, b: Holding): boolean {
  return a.digest === b.digest && a.creation === b.creation && a.set === b.set;
}

function fieldDifferences(old: Holding, now: Holding): FieldDifference[] {
  const fields: FieldDifference[] = [];
  if (old.creation !== now.creation)
    fields.push({ path: '(first version)', before: old.creation, after: now.creation });
  if (old.set !== now.set) fields.push({ path: '(set)', before: old.set, after: now.set });
  compare('', old.resource, now.resource, fields);
  return now.resource.kind === 'Secret' ? fields.map(maskedField) : fields;
}

function maskedField({ path, before, after }: FieldDifference): FieldDifference {
  if (!isSecretField(path)) return { path, before, after };
  return { path, before: maskedValue(before), after: maskedValue(after) };
}

/** Goes down where both have a mapping, or lists of one length: elsewhere the whole value is what changed. */
function compare(path: string, before: unknown, after: unknown, fields: FieldDifference[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (let i = 0; i < before.length; i++) compare(`${path}[${i}]`, before[i], after[i], fields);
  } else if (isMapping(before) && isMapping(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    for (const name of names) compare(path === '' ? name : `${path}.${name}`, before[name], after[name], fields);
  } else fields.push({ path, before, after });
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
