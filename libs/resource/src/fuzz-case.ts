// One fuzz case: what must hold for every text, and how a text is changed at random. Deterministic: a seed and a corpus give
// the same cases on every machine.
import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { digestOf } from './canonical.ts';
import { decodeResource } from './decode.ts';
import { splitDocuments } from './document-split.ts';
import { type ParsedSet, parseResources } from './parse.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { keyOf } from './resource.ts';
import { readYamlDocument } from './yaml-document.ts';

/** Numbers 0..below-1. */
export type Random = (below: number) => number;

/** Mulberry32: 32 bits of state, enough to choose what to break. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export const corpusFolder = () => new URL('../corpus/', import.meta.url);

/** The texts that changes start from. */
export function readCorpus(): readonly string[] {
  const folder = corpusFolder();
  const names = readdirSync(folder).sort();
  return names.map((name) => readFileSync(new URL(name, folder), 'utf8'));
}

/** What YAML is made of, and what schemas stumble over. */
const TOKENS = [
  ...[
    '\n',
    '\r\n',
    '\t',
    ' ',
    '  ',
    '- ',
    '? ',
    ': ',
    '# ',
    '---\n',
    '...\n',
    '|\n',
    '>-\n',
    ',',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
  ],
  ...[
    '&a ',
    '*a',
    '<<: *a',
    '!!str ',
    '!x ',
    '%YAML 1.2\n',
    '@',
    '`',
    '\\',
    '\u0000',
    '\ufeff',
    '\ufffd',
    '\u2028',
    '🦦',
  ],
  ...[
    '~',
    'null',
    'true',
    'yes',
    '0',
    '-1',
    '1e9',
    '0x10',
    '1.5',
    '.inf',
    '99999999999999999999',
    '""',
    '{}',
    '[]',
    '*',
    '/',
  ],
  ...[
    '__proto__: 1\n',
    'constructor: 1\n',
    'spec:',
    'kind: List\nitems:\n',
    'metadata:',
    'hosts:',
    'port:',
    'a.b',
    '10s',
  ],
];

/** Up to eight changes: lines or stretches cut, doubled, moved or indented, tokens put in or in place of others. */
export function mutated(original: string, other: string, random: Random): string {
  let text = original;
  for (let changes = 1 + random(8); changes > 0; changes--) {
    const at = random(text.length + 1);
    const size = 1 + random(12);
    const token = TOKENS[random(TOKENS.length)]!;
    const lines = text.split('\n');
    const line = random(lines.length);
    const from = random(other.length + 1);
    const changed: readonly (() => string)[] = [
      () => text.slice(0, at) + token + text.slice(at),
      () => text.slice(0, at) + token + text.slice(at + size),
      () => text.slice(0, at) + text.slice(at + size),
      () => text.slice(0, at) + other.slice(from, from + size * 8) + text.slice(at),
      () => lines.toSpliced(line, 1).join('\n'),
      () => lines.toSpliced(line, 0, lines[random(lines.length)]!).join('\n'),
      () => lines.with(line, `${' '.repeat(random(5))}${lines[line]}`).join('\n'),
      () => lines.with(line, lines[line]!.trimStart()).join('\n'),
      () => lines.with(line, lines[line]!.replace(/: .*/, `: ${token}`)).join('\n'),
      () => text.slice(0, at),
    ];
    text = changed[random(changed.length)]!();
  }
  return text;
}

/** Null where reading the text went as it must; else what went wrong. */
export function complaintAbout(text: string): string | null {
  try {
    const set = parseResources([{ path: 'fuzz.yaml', text }]);
    return plainComplaint(text) ?? issuesComplaint(set, text) ?? resourcesComplaint(set, text);
  } catch (error) {
    return `threw ${(error as Error).stack ?? String(error)}`;
  }
}

/** The fast reader gives what the library gives, or nothing. */
function plainComplaint(text: string): string | null {
  for (const part of splitDocuments(text)) {
    const plain = readPlainYaml(part.text);
    if (plain === undefined) continue;
    const { value, problems } = readYamlDocument(part.text);
    if (problems.length > 0 || !isDeepStrictEqual(plain, value)) return `the fast reader differs at line ${part.line}`;
  }
  return null;
}

function issuesComplaint(set: ParsedSet, text: string): string | null {
  const lines = text.split('\n').length;
  if (set.ok === set.issues.some(({ level }) => level === 'error')) return 'ok and the errors disagree';
  for (const { code, line, column, message } of set.issues) {
    const placed = code === 'SLU1008' || (line !== undefined && column !== undefined && line >= 1 && column >= 1);
    if (!placed || (line ?? 1) > lines) return `${code} stands at ${line}:${column} of ${lines} lines`;
    if (message.length > 4_000) return `the message of ${code} has ${message.length} characters`;
  }
  return null;
}

function resourcesComplaint(set: ParsedSet, text: string): string | null {
  const keys = new Set<string>();
  for (const resource of set.resources) {
    const key = keyOf(resource);
    if (keys.has(key)) return `${key} is there twice`;
    keys.add(key);
    if (set.locate(key, 'spec.nothing') === undefined) return `${key} has no place`;
    const stored: unknown = JSON.parse(JSON.stringify(resource));
    const decoded = decodeResource(stored);
    if (!decoded.ok) return `${key} cannot be read back: ${decoded.complaints[0]?.message}`;
    if (digestOf(decoded.value) !== digestOf(resource)) return `${key} is another after storing`;
  }
  // The same text again, after itself, brings the same resources, each refused the second time.
  const twice = parseResources([
    { path: 'a', text },
    { path: 'b', text },
  ]);
  const same = digestOf(twice.resources) === digestOf(set.resources);
  return same ? null : 'reading it twice gives other resources';
}
