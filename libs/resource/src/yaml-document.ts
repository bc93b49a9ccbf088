// One YAML or JSON document as plain data, with the place of every field. Knows nothing of resources.
// Bounded: size before parsing, depth and lexemes while parsing, nodes before composing, errors while composing, nodes and
// aliases while converting.
import { CST, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Code } from './codes.ts';
import type { FieldKeys } from './field-path.ts';
import { MAX_ALIASES, MAX_DEPTH, MAX_DOCUMENT_CHARACTERS, MAX_DOCUMENT_NODES } from './limits.ts';
import { compose } from './yaml-composer.ts';
import { readTokens } from './yaml-tokens.ts';

/** Something wrong in a document; the offset counts UTF-16 units from its start. */
export interface DocumentProblem {
  readonly code: Code;
  readonly message: string;
  readonly offset: number;
}

/** How far a path could be followed: to the offset of its `depth`-th key. */
export interface FoundField {
  readonly offset: number;
  readonly depth: number;
}

/** A document read; `value` is undefined if it is empty or cannot be used. */
export interface YamlDocument {
  readonly value: unknown;
  readonly problems: readonly DocumentProblem[];
  /** Where a field stands: its key, or the item of a list; the nearest ancestor if the field is not there. */
  find(keys: FieldKeys): FoundField;
}

class DocumentLimit extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Reads one document. Never throws, whatever the text. */
export function readYamlDocument(text: string): YamlDocument {
  const problems: DocumentProblem[] = [];
  const refuse = (code: Code, message: string, offset: number): YamlDocument => {
    problems.push({ code, message, offset });
    return { value: undefined, problems, find: () => ({ offset, depth: 0 }) };
  };
  if (text.length > MAX_DOCUMENT_CHARACTERS) {
    return refuse('SLU1004', `the document is longer than ${MAX_DOCUMENT_CHARACTERS} characters`, 0);
  }
  const read = readTokens(text);
  if (!read.ok) return refuse(read.code, read.message, read.offset);
  const { tokens } = read;
  const limit = exceededLimit(tokens);
  if (limit !== undefined) return refuse('SLU1004', limit.message, limit.offset);
  const composed = compose(tokens, text.length);
  if (!composed.ok) return refuse('SLU1001', composed.message, composed.offset);
  const { document } = composed;
  if (document === undefined) return { value: undefined, problems, find: () => ({ offset: 0, depth: 0 }) };
  for (const error of document.errors) {
    problems.push({ code: 'SLU1001', message: lowerFirst(error.message), offset: error.pos[0] });
  }
  for (const warning of document.warnings) {
    problems.push({ code: 'SLU1006', message: lowerFirst(warning.message), offset: warning.pos[0] });
  }
  const root = document.contents as Node | null;
  const find = (keys: FieldKeys) => locate(root, keys);
  if (problems.length > 0) return { value: undefined, problems, find };
  try {
    return { value: toPlain(root, problems), problems, find };
  } catch (error) {
    if (error instanceof DocumentLimit) return refuse('SLU1004', error.message, error.offset);
    throw error;
  }
}

const lowerFirst = (message: string) => message.charAt(0).toLowerCase() + message.slice(1);

/** Looks for too much nesting or too many tokens without recursion, before anything recursive sees the document. */
function exceededLimit(tokens: readonly CST.Token[]): { message: string; offset: number } | undefined {
  const stack: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  let nodes = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH) return { message: `nested deeper than ${MAX_DEPTH} levels`, offset: token.offset };
    if (++nodes > MAX_DOCUMENT_NODES)
      return { message: `more than ${MAX_DOCUMENT_NODES} values`, offset: token.offset };
    if (token.type === 'document' && token.value) stack.push({ token: token.value, depth });
    if (!CST.isCollection(token)) continue;
    for (const item of token.items) {
      if (item.key) stack.push({ token: item.key, depth: depth + 1 });
      if (item.value) stack.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}

/** Turns nodes into plain data, resolving aliases and merge keys. */
function toPlain(root: Node | null, problems: DocumentProblem[]): unknown {
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  let nodes = 0;
  let aliases = 0;
  const problem = (code: Code, message: string, node: Node | undefined) =>
    void problems.push({ code, message, offset: node?.range?.[0] ?? 0 });

  const resolve = (alias: Node & { source: string }): Node | undefined => {
    if (++aliases > MAX_ALIASES) throw new DocumentLimit(`more than ${MAX_ALIASES} aliases`, alias.range?.[0] ?? 0);
    const target = anchors.get(alias.source);
    if (target === undefined) problem('SLU1007', `no anchor "${alias.source}" before this alias`, alias);
    else if (open.has(target)) problem('SLU1007', `anchor "${alias.source}" contains itself`, alias);
    else return target;
    return undefined;
  };

  const convert = (node: Node | null, depth: number): unknown => {
    if (node === null) return null;
    const offset = node.range?.[0] ?? 0;
    if (++nodes > MAX_DOCUMENT_NODES) throw new DocumentLimit(`more than ${MAX_DOCUMENT_NODES} values`, offset);
    if (depth > MAX_DEPTH) throw new DocumentLimit(`nested deeper than ${MAX_DEPTH} levels`, offset);
    if (isAlias(node)) {
      const target = resolve(node);
      return target === undefined ? null : convert(target, depth);
    }
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) anchors.set(anchor, node);
    if (isScalar(node)) return node.value;
    open.add(node);
    const value = isSeq(node)
      ? node.items.map((item) => convert(item as Node | null, depth + 1))
      : isMap(node)
        ? convertMap(node, depth)
        : null;
    open.delete(node);
    return value;
  };

  const convertMap = (map: YAMLMap, depth: number): Record<string, unknown> => {
    const plain: Record<string, unknown> = {};
    const merged: Record<string, unknown>[] = [];
    for (const pair of map.items) {
      const key = keyText(pair);
      const at = (pair.key ?? map) as Node;
      const value = convert(pair.value as Node | null, depth + 1);
      if (isMergePair(pair) && isMergeable(value)) {
        for (const source of Array.isArray(value) ? value : [value]) merged.push(source);
      } else if (key === undefined) problem('SLU1005', 'a key must be a text', at);
      else if (key === '__proto__') problem('SLU1005', 'the key "__proto__" cannot be used', at);
      else if (Object.hasOwn(plain, key)) problem('SLU1003', `key ${JSON.stringify(key)} stands twice`, at);
      else plain[key] = value;
    }
    for (const source of merged) {
      for (const key of Object.keys(source)) if (!Object.hasOwn(plain, key)) plain[key] = source[key];
    }
    return plain;
  };

  return convert(root, 0);
}

function keyText(pair: Pair): string | undefined {
  const { key } = pair;
  return isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
}

function isMergePair(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN';
}

function isMergeable(value: unknown): value is Record<string, unknown> | Record<string, unknown>[] {
  const values = Array.isArray(value) ? value : [value];
  return values.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item));
}

/** Follows keys as far as they go; does not look into aliases or merged mappings. */
function locate(root: Node | null, keys: FieldKeys): FoundField {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [depth, key] of keys.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => keyText(item) === String(key));
      if (!isPair(pair)) return { offset, depth };
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number' && key < node.items.length) {
      node = node.items[key];
      offset = (node as Node | null)?.range?.[0] ?? offset;
    } else return { offset, depth };
  }
  return { offset, depth: keys.length };
}
