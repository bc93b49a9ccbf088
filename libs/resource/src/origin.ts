// Where a resource was written, and from there where each of its fields stands: found by reading its document again.
import { readDocument } from './document.ts';
import { documentText } from './document-split.ts';
import { type FieldKeys, type FieldPath, parseFieldPath } from './field-path.ts';
import type { Position } from './issue.ts';
import type { YamlDocument } from './yaml-document.ts';

/** A file as text; `path` is only repeated in issues. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Some of its bytes were not UTF-8, and are U+FFFD in the text: nobody can tell what they were meant to be. */
  readonly damaged?: boolean;
}

/** The document of a resource, and the way to it inside, where the document is a list. */
export interface Origin {
  readonly file: SourceFile;
  /** Offsets in the file's text. */
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly line: number;
  readonly item: FieldKeys;
}

/** The place of an offset in a document's text. */
export function placeIn(text: string, { file, line: firstLine }: Origin, offset: number): Position {
  let line = firstLine;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { file: file.path, line, column: offset - start + 1 };
}

/** The same for any number of questions about one text: each takes as many steps as the number of lines has digits. */
function placesIn(text: string): (origin: Origin, offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return ({ file, line: firstLine }, offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: file.path, line: firstLine + low, column: offset - starts[low]! + 1 };
  };
}

/** The offset of a field in the document; of its nearest ancestor where the field is not written. */
export function offsetOfField(document: YamlDocument, { item }: Origin, path: FieldPath): number {
  let best = document.find(item);
  let missing = Number.POSITIVE_INFINITY;
  for (const keys of variantsOf(parseFieldPath(path))) {
    const found = document.find([...item, ...keys]);
    const left = item.length + keys.length - found.depth;
    if (left < missing) [best, missing] = [found, left];
  }
  return best.offset;
}

/** Manifests without a spec keep its fields at their top, and a Secret may keep its data as text. */
function variantsOf(keys: FieldKeys): readonly FieldKeys[] {
  if (keys[0] !== 'spec') return [keys];
  const flat = keys.slice(1);
  return flat[0] === 'data' ? [keys, flat, ['stringData', ...flat.slice(1)]] : [keys, flat];
}

/** Answers where fields stand; reads a document once for any number of questions about it in a row. */
export function fieldLocator(): (origin: Origin, path: FieldPath) => Position {
  let last:
    | { readonly origin: Origin; readonly place: ReturnType<typeof placesIn>; readonly document: YamlDocument }
    | undefined;
  return (origin, path) => {
    if (last?.origin.file !== origin.file || last.origin.start !== origin.start) {
      const text = documentText(origin.file.text, origin.start, origin.end);
      last = { origin, place: placesIn(text), document: readDocument(text) };
    }
    return last.place(origin, offsetOfField(last.document, origin, path));
  };
}
