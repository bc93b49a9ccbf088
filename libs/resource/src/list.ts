// What a document holds: one manifest, or the items of a List, as kubectl takes them.
import type { Code } from './codes.ts';
import type { FieldKeys, FieldPath } from './field-path.ts';
import { quote } from './schema-check.ts';

/** A manifest and the way to it in its document; or a problem in place of one. */
export interface Item {
  readonly item: FieldKeys;
  readonly manifest: unknown;
  readonly problem?: { readonly code: Code; readonly path: FieldPath; readonly message: string };
}

/**
 * A List without items, or with `items: null`, holds nothing. Items that are Lists are taken apart too: what limits a
 * document's depth limits theirs.
 */
export function* manifestsIn(document: unknown): Generator<Item> {
  yield* itemsOf([], document);
}

function* itemsOf(item: FieldKeys, manifest: unknown): Generator<Item> {
  if (!isList(manifest)) {
    yield { item, manifest };
    return;
  }
  const { apiVersion, kind, items } = manifest;
  const problem = (code: Code, path: FieldPath, message: string): Item => ({
    item,
    manifest,
    problem: { code, path, message },
  });
  if (typeof apiVersion !== 'string')
    yield problem('SLU1013', 'apiVersion', `apiVersion: Required value: a text (of a ${kind})`);
  else if (kind === 'List' && apiVersion !== 'v1')
    yield problem('SLU1011', 'apiVersion', `kind "List" is not of apiVersion ${quote(apiVersion)}: it is of "v1"`);
  if (items === undefined || items === null) return;
  if (!Array.isArray(items)) {
    yield problem('SLU1014', 'items', `items: Invalid value: must be a list of resources (in a ${kind})`);
    return;
  }
  for (let i = 0; i < items.length; i++) yield* itemsOf([...item, 'items', i], items[i]);
}

interface List {
  readonly apiVersion?: unknown;
  readonly kind: string;
  readonly items?: unknown;
}

/** `List`, or a list of one kind, such as `ServiceList`: known by its items, as a kind of its own may end so. */
function isList(manifest: unknown): manifest is List {
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) return false;
  const { kind, items } = manifest as Partial<List>;
  return kind === 'List' || (typeof kind === 'string' && kind.endsWith('List') && items !== undefined);
}
