// Reads the files and folders that a person names, in an order that is the same everywhere.
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_FILE_CHARACTERS, type SourceFile } from '@sluice/resource';

const ENDINGS = /\.(ya?ml|json)$/;

/** Deeper than anybody lays out routes; a link that leads back up ends here. */
const MAX_DEPTH = 32;

/** A character takes at most 3 bytes: a file beyond is too long, whatever follows, and so the rest of it is left. */
const MAX_FILE_BYTES = 3 * (MAX_FILE_CHARACTERS + 1);

export type Files =
  | { readonly ok: true; readonly files: readonly SourceFile[] }
  | { readonly ok: false; readonly reason: 'missing' | 'empty' | 'unreadable'; readonly message: string };

/** `-` is standard input; of folders every *.yaml, *.yml and *.json at any depth, but not in folders that begin with a dot. */
export function readFiles(paths: readonly string[]): Files {
  const files: SourceFile[] = [];
  try {
    for (const path of paths) {
      for (const file of path === '-' ? ['-'] : listFiles(path, 0)) {
        if (files.some((known) => known.path === nameOf(file))) continue;
        files.push({ path: nameOf(file), text: file === '-' ? readFileSync(0, 'utf8') : readText(file) });
      }
    }
  } catch (error) {
    const { code, path = '', message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? { ok: false, reason: 'missing', message: `${path}: no such file or folder` }
      : { ok: false, reason: 'unreadable', message };
  }
  if (files.length > 0) return { ok: true, files };
  return { ok: false, reason: 'empty', message: `no *.yaml, *.yml or *.json in ${paths.join(', ')}` };
}

function readText(path: string): string {
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).size <= MAX_FILE_BYTES) return readFileSync(file, 'utf8');
    const bytes = Buffer.allocUnsafe(MAX_FILE_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function nameOf(file: string): string {
  return file === '-' ? '<stdin>' : file;
}

function listFiles(path: string, depth: number): string[] {
  if (!statSync(path).isDirectory()) return [path];
  if (depth > MAX_DEPTH) return [];
  const found: string[] = [];
  for (const name of readdirSync(path).sort()) {
    if (name.startsWith('.')) continue;
    const each = join(path, name);
    const isFolder = statSync(each, { throwIfNoEntry: false })?.isDirectory() === true;
    if (isFolder) found.push(...listFiles(each, depth + 1));
    else if (ENDINGS.test(name)) found.push(each);
  }
  return found;
}
