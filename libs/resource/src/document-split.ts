// Splits a file into YAML documents at `---` and `...`, which no scalar can contain at the start of a line (YAML 1.2.2, 9.1.2).

/** A part of a file: where it begins (offset in UTF-16 units, line from 1) and its text. */
export interface DocumentText {
  readonly offset: number;
  readonly line: number;
  readonly text: string;
}

const MARK = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;
const BEGIN = /^---(?=[ \t\r\n]|$)/;
const SOMETHING = /^[ \t]*[^#\s]/m;
/** Says only which YAML it is: every version is read as 1.2, which differs in what counts as a boolean. */
const VERSION_LINES = /^(?:[ \t]*(?:#.*)?\r?\n|%YAML 1\.\d+[ \t]*(?:#.*)?\r?\n)*$/;
const BYTE_ORDER_MARK = 0xfeff;

/** The documents of a file in order, without those that hold nothing but space and comments. */
export function* splitDocuments(file: string): Generator<DocumentText> {
  const countLines = lineCounter(file);
  let start = file.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  for (const mark of file.matchAll(MARK)) {
    // A mark that a byte order mark precedes is the first on its line too, for everyone but the expression.
    if (mark.index < start) continue;
    yield* documentAt(file, start, mark.index, countLines);
    start = mark[0] === '---' ? mark.index : mark.index + 3;
  }
  yield* documentAt(file, start, file.length, countLines);
}

function* documentAt(
  file: string,
  start: number,
  end: number,
  countLines: (offset: number) => number,
): Generator<DocumentText> {
  const text = documentText(file, start, end);
  if (SOMETHING.test(text) && !(text.includes('%YAML') && VERSION_LINES.test(text))) {
    yield { offset: start, line: countLines(start), text };
  }
}

/** The text of a document; a `---` that begins it becomes space, so that columns stay right. */
export function documentText(file: string, start: number, end: number): string {
  return file.slice(start, end).replace(BEGIN, '   ');
}

/** Lines from 1, for offsets that only grow. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let counted = 0;
  return (offset) => {
    for (let at = text.indexOf('\n', counted); at >= 0 && at < offset; at = text.indexOf('\n', counted)) {
      line++;
      counted = at + 1;
    }
    return line;
  };
}
