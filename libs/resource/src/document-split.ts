// Splits a file into YAML documents at `---` and `...`, which no scalar can contain at the start of a line (YAML 1.2.2, 9.1.2).

/** A part of a file: where it begins (offset in UTF-16 units, line from 1) and its text. */
export interface DocumentText {
  readonly offset: number;
  readonly line: number;
  readonly text: string;
}

const MARK = /^(?:---(?=[ \t\r\n]|$)|\.\.\.(?=[ \t\r\n]|$)).*$/gm;
const SOMETHING = /^[ \t]*[^#\s]/m;

/** The documents of a file in order, without those that hold nothing but space and comments. */
export function* splitDocuments(file: string): Generator<DocumentText> {
  const text = file.charCodeAt(0) === 0xfeff ? ` ${file.slice(1)}` : file;
  let start = 0;
  let line = 1;
  let counted = 0;
  const lineAt = (offset: number): number => {
    for (let at = text.indexOf('\n', counted); at >= 0 && at < offset; at = text.indexOf('\n', counted)) {
      line++;
      counted = at + 1;
    }
    return line;
  };
  MARK.lastIndex = 0;
  for (const mark of text.matchAll(MARK)) {
    yield* documentAt(text, start, mark.index, lineAt);
    // What follows `---` on its line belongs to the document; the mark itself is overwritten so that columns stay right.
    start = mark[0].startsWith('---') ? mark.index : mark.index + mark[0].length;
  }
  yield* documentAt(text, start, text.length, lineAt);
}

function* documentAt(
  text: string,
  start: number,
  end: number,
  lineAt: (offset: number) => number,
): Generator<DocumentText> {
  let part = text.slice(start, end);
  if (part.startsWith('---')) part = `   ${part.slice(3)}`;
  if (SOMETHING.test(part)) yield { offset: start, line: lineAt(start), text: part };
}
