// Makes docs/issues.md from the table of codes. Pure: write-docs.ts writes the file, a test compares it.

import type { CodeRow } from './codes.ts';
import { ANALYSIS_CODES } from './codes-analysis.ts';
import { MERGE_CODES } from './codes-merge.ts';
import { PARSE_CODES } from './codes-parse.ts';
import { RULE_CODES } from './codes-rule.ts';

const PARTS: readonly (readonly [string, string, Readonly<Record<string, CodeRow>>])[] = [
  [
    'SLU01xx: rules across resources, as in Istio',
    "The number is that of Istio's analyzer: SLU0145 is IST0145.",
    ANALYSIS_CODES,
  ],
  [
    'SLU1xxx: reading and schema',
    'A file cannot be read, or a document does not fit the schema of its kind.',
    PARSE_CODES,
  ],
  [
    'SLU2xxx: one resource',
    "A resource breaks a rule of its kind. The messages are Istio's where Istio has the rule.",
    RULE_CODES,
  ],
  [
    'SLU3xxx: what is dropped or shadowed',
    'Resources that are fine alone and do not fit together. Istio drops most of these in silence.',
    MERGE_CODES,
  ],
];

const INTRO = `# Issues

Made from the table in \`libs/resource/src/codes.ts\`: change it there, then run \`node libs/resource/src/write-docs.ts\`.

Every issue has a code, a level, a message, and where it comes from a file its path, line and column and the path of the field.
An \`error\` refuses the whole change; a \`warning\` is likely a mistake; a \`notice\` tells what is accepted and does not take
effect as written. Codes are stable.
`;

/** The text of docs/issues.md. */
export function issuesDoc(): string {
  let text = INTRO;
  for (const [title, intro, codes] of PARTS) {
    text += `\n## ${title}\n\n${intro}\n\n| code | level | meaning | how to solve |\n| --- | --- | --- | --- |\n`;
    for (const code of Object.keys(codes).sort()) {
      const { level, title: meaning, solve } = codes[code]!;
      text += `| ${code} | ${level} | ${cell(meaning)} | ${cell(solve)} |\n`;
    }
  }
  return text;
}

const cell = (text: string) => text.replaceAll('|', '\\|');
