// Where fields stand in a document that was read the fast way, line by line: for documents that are plain, but larger than the
// YAML library is let near. Goes as far as block mappings and lists; what stands in a flow collection is told by its beginning.
import type { FieldKeys } from './field-path.ts';
import { isItem, KEY } from './plain-yaml.ts';
import type { FoundField } from './yaml-document.ts';

/** A line with content; `text` is without its indentation and without the space at its end. */
interface Line {
  readonly offset: number;
  readonly indent: number;
  readonly text: string;
}

/** A mapping or list: the position of its first line, and that line as if it stood alone, that far in. */
interface Block {
  readonly position: number;
  readonly first: Line;
}

interface Child {
  readonly offset: number;
  /** What it holds, if that is a block. */
  readonly inner: Block | undefined;
}

type Children = ReadonlyMap<string | number, Child>;

/** Answers where fields stand; a block's lines are gone through once. The document must be one that `readPlainYaml` reads. */
export function placesInPlainYaml(text: string): (keys: FieldKeys) => FoundField {
  const lines = contentLines(text);
  const known = new Map<Block, Children>();
  const [first] = lines;
  const root: Block | undefined = first === undefined ? undefined : { position: 0, first };
  return (keys) => {
    let here = root;
    let offset = root === undefined ? 0 : root.first.offset + root.first.indent;
    for (const [depth, key] of keys.entries()) {
      if (here === undefined) return { offset, depth };
      let children = known.get(here);
      if (children === undefined) known.set(here, (children = childrenOf(here, lines)));
      const child = children.get(key);
      if (child === undefined) return { offset, depth };
      offset = child.offset;
      here = child.inner;
    }
    return { offset, depth: keys.length };
  };
}

function childrenOf({ position, first }: Block, lines: readonly Line[]): Children {
  const children = new Map<string | number, Child>();
  const isList = isItem(first.text);
  for (let i = position; i < lines.length; i++) {
    const line = i === position ? first : lines[i]!;
    if (line.indent < first.indent) break;
    if (line.indent > first.indent) continue;
    // A list may stand as far out as the key it belongs to: there it is passed over, and ends where the next key stands.
    if (isItem(line.text) !== isList) {
      if (isList) break;
    } else if (isList) children.set(children.size, itemAt(line, i, lines));
    else {
      const [, name, value = ''] = KEY.exec(line.text) ?? [];
      const child = { offset: line.offset + line.indent, inner: blockBelow(line, value, i, lines) };
      if (name !== undefined) children.set(name, child);
    }
  }
  return children;
}

function itemAt(line: Line, position: number, lines: readonly Line[]): Child {
  const text = line.text.slice(1).trimStart();
  const indent = line.indent + line.text.length - text.length;
  if (KEY.test(text)) return { offset: line.offset + indent, inner: { position, first: { ...line, indent, text } } };
  const inner = blockBelow(line, text, position, lines);
  return { offset: inner === undefined ? line.offset + indent : inner.first.offset + inner.first.indent, inner };
}

/** The block in the lines below a key or a dash with nothing behind it. */
function blockBelow(line: Line, value: string, position: number, lines: readonly Line[]): Block | undefined {
  const next = lines[position + 1];
  if (next === undefined || (value !== '' && !value.startsWith('#'))) return undefined;
  const isBelow = next.indent > line.indent || (next.indent === line.indent && isItem(next.text) && !isItem(line.text));
  return isBelow ? { position: position + 1, first: next } : undefined;
}

function contentLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end).trimEnd();
    const content = line.trimStart();
    if (content !== '' && !content.startsWith('#')) {
      lines.push({ offset: start, indent: line.length - content.length, text: content });
    }
    start = end + 1;
  }
  return lines;
}
