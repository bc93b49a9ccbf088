// Reads the files and folders that a person names, in an order that is the same everywhere.
import { isUtf8 } from 'node:buffer';
import { type BigIntStats, closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_FILE_CHARACTERS, type SourceFile } from '@sluice/resource';

const ENDINGS = /\.(ya?ml|json)$/;
const STANDARD_INPUT = '-';

/** Deeper than anybody lays out routes. */
const MAX_DEPTH = 32;

/** A character takes at most 3 bytes: a file beyond is too long, whatever follows, and so the rest of it is left. */
const MAX_FILE_BYTES = 3 * (MAX_FILE_CHARACTERS + 1);

/** Read at once of what does not say how long it is. */
const READ_BYTES = 64 * 1024;

export type Files =
  | { readonly ok: true; readonly files: readonly SourceFile[] }
  | { readonly ok: false; readonly reason: 'missing' | 'empty' | 'unreadable'; readonly message: string };

/**
 * `-` is standard input, read to its end, however late that comes; of folders every *.yaml, *.yml and *.json at any depth, but not in
 * folders that begin with a dot.
 */
export async function readInput(paths: readonly string[]): Promise<Files> {
  if (!paths.includes(STANDARD_INPUT)) return readFiles(paths);
  try {
    return readFiles(paths, await readStandardInput());
  } catch (error) {
    return { ok: false, reason: 'unreadable', message: `standard input: ${(error as Error).message}` };
  }
}

/** The same of files and folders, at once; `input` is what `-` stands for. */
export function readFiles(paths: readonly string[], input = sourceFile('<stdin>', [])): Files {
  const files = new Map<string, SourceFile>();
  try {
    for (const path of paths) {
      if (path === STANDARD_INPUT) files.set(input.path, input);
      else for (const file of listFiles(path)) if (!files.has(file)) files.set(file, readFile(file));
    }
  } catch (error) {
    const { code, path = '', message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? { ok: false, reason: 'missing', message: `${path}: no such file or folder` }
      : { ok: false, reason: 'unreadable', message };
  }
  if (files.size > 0) return { ok: true, files: [...files.values()] };
  return { ok: false, reason: 'empty', message: `no *.yaml, *.yml or *.json in ${paths.join(', ')}` };
}

/** By the stream: the descriptor may be set not to block, and then a program that has written nothing yet were an error. */
async function readStandardInput(): Promise<SourceFile> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_FILE_BYTES) break;
  }
  return sourceFile('<stdin>', chunks);
}

/** In pieces, as a pipe or a device does not say how long it is, and may have no end. */
function readFile(path: string): SourceFile {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    // One more than there is, to see the end at once.
    const pieceBytes = Math.min(Math.max(fstatSync(file).size + 1, READ_BYTES), MAX_FILE_BYTES + 1);
    let read = 1;
    for (let bytes = 0; read > 0 && bytes <= MAX_FILE_BYTES; bytes += read) {
      const chunk = Buffer.allocUnsafe(pieceBytes);
      read = readSync(file, chunk);
      chunks.push(chunk.subarray(0, read));
    }
    return sourceFile(path, chunks);
  } finally {
    closeSync(file);
  }
}

function sourceFile(path: string, chunks: readonly Buffer[]): SourceFile {
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('utf8');
  return isUtf8(bytes) ? { path, text } : { path, text, damaged: true };
}

/** The files that a path stands for: itself, whatever it is, or those of a folder and of all below it. */
function listFiles(path: string): readonly string[] {
  const found: string[] = [];
  const stats = statSync(path, { bigint: true });
  if (stats.isDirectory()) listFolder(path, stats, 0, { found, seen: new Set() });
  else found.push(path);
  return found;
}

interface Listing {
  readonly found: string[];
  /** Folders are listed once, by whichever name comes first: links could make endless ways of a few. */
  readonly seen: Set<string>;
}

function listFolder(path: string, { dev, ino }: BigIntStats, depth: number, listing: Listing): void {
  const identity = `${dev}:${ino}`;
  if (depth > MAX_DEPTH || listing.seen.has(identity)) return;
  listing.seen.add(identity);
  for (const name of readdirSync(path).sort()) {
    if (name.startsWith('.')) continue;
    const each = join(path, name);
    const stats = statOf(each);
    if (stats?.isDirectory() === true) listFolder(each, stats, depth + 1, listing);
    // What is no file, as a pipe that nobody writes into, is not meant by the folder's name.
    else if (ENDINGS.test(name) && (stats === undefined || stats.isFile())) listing.found.push(each);
  }
}

/** Undefined where a link leads nowhere: whoever opens it is told. */
function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
