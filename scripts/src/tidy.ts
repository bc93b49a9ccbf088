// House rules that a formatter does not know, as a check. Prints nothing; returns complaints.
import { projectFiles, readSource } from './sources.ts';

/** A file that passes this holds two ideas; data tables and the like say why they are excepted. */
const maxLines = 300;

/** Names that say nothing of what is in a file. */
const emptyNames = /^(utils?|helpers?|common|types|misc|shared)\.ts$/;

/** Built from parts so that this file does not complain of itself. */
const leftovers = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].map((word) => `\\b${word}\\b`).join('|'));

/** Text that belongs to one machine or one workplace. */
const foreign = new RegExp(
  ['/(?:wo' + 'rk|ro' + 'ot)/[a-z]', 'sub' + 'agent', '"resol' + 'ved": "http', 'registry\\.np' + 'mjs'].join('|'),
  'i',
);

export function checkTidiness(): string[] {
  return projectFiles().flatMap((path) => {
    if (/(^|\/)corpus\/|\.(png|ico|svg|woff2?)$/.test(path)) return [];
    const text = readSource(path);
    return [...checkText(path, text), ...(path.endsWith('.ts') ? checkCode(path, text) : [])];
  });
}

function checkText(path: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const found = leftovers.exec(line)?.[0] ?? (path === 'package-lock.json' ? null : foreign.exec(line)?.[0]);
    return found ? [`${path}:${index + 1}: "${found}" may not stand here`] : [];
  });
}

function checkCode(path: string, text: string): string[] {
  const complaints: string[] = [];
  const name = path.split('/').at(-1) as string;
  const isTest = name.endsWith('.test.ts');
  const isForTests = isTest || name.endsWith('.test-kit.ts');
  if (emptyNames.test(name)) complaints.push(`${path}: a file is named after its one concept`);
  if (!/^[a-z0-9.-]+$/.test(name)) complaints.push(`${path}: file names are lower case with hyphens`);
  const lines = text.split('\n').length;
  if (lines > maxLines && !isForTests)
    complaints.push(`${path}: ${lines} lines; at ${maxLines} look for the two ideas in it`);
  if (!isTest && name !== 'index.ts' && !/^(#!.*\n)?\/\//.test(text))
    complaints.push(`${path}: must open with a comment: what it is, what it must not do`);
  if (isTest && !/\.run\(\)|conformance\(|run[A-Z]\w*\(/.test(text))
    complaints.push(`${path}: a suite that is never run passes`);
  if (/\b(test|suite)\.only\(/.test(text)) complaints.push(`${path}: .only leaves other tests out`);
  return complaints;
}
