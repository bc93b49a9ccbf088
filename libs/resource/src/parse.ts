// From files to resources: every document read, every complaint with its place. Pure: whoever calls has read the files.
import type { Code } from './codes.ts';
import { CODES } from './codes.ts';
import { splitDocuments } from './document-split.ts';
import { type FieldKeys, type FieldPath, parseFieldPath } from './field-path.ts';
import type { Complaint, Issue, Position, ResourceKey } from './issue.ts';
import { MAX_DOCUMENTS, MAX_FILE_BYTES, MAX_ISSUES, MAX_ISSUES_PER_RESOURCE, MAX_TOTAL_BYTES } from './limits.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { IgnoredResource, Resource } from './resource.ts';
import { readYamlDocument, type YamlDocument } from './yaml-document.ts';

/** A file as text; `path` is only repeated in issues. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What the files hold. */
export interface ParsedSet {
  /** In the order of files and documents. */
  readonly resources: readonly Resource[];
  /** Accepted kinds that Sluice does not apply. */
  readonly ignored: readonly IgnoredResource[];
  /** Resources with errors, as far as they can be read: for analysis beside the others, never for use. */
  readonly refused: readonly Resource[];
  /** Errors, warnings and notices, in the order of files and documents. */
  readonly issues: readonly Issue[];
  /** No issue is an error. */
  readonly ok: boolean;
  /** Where a field of a resource stands; the nearest ancestor where the field is not written. */
  locate(key: ResourceKey, path: FieldPath): Position | undefined;
}

/** Where the document of a resource is, to be read again when a place is asked for. */
interface Origin {
  readonly file: SourceFile;
  readonly offset: number;
  readonly line: number;
  readonly length: number;
  readonly item: FieldKeys;
}

/** Reads all files; never throws, whatever the texts. Bounded by the limits in limits.ts. */
export function parseResources(files: readonly SourceFile[]): ParsedSet {
  const reader = new SetReader();
  reader.read(files);
  return reader.result();
}

class SetReader {
  readonly #resources: Resource[] = [];
  readonly #ignored: IgnoredResource[] = [];
  readonly #refused: Resource[] = [];
  readonly #issues: Issue[] = [];
  readonly #origins = new Map<ResourceKey, Origin>();
  #failed = false;
  #errors = 0;
  #others = 0;
  #hidden = 0;
  #documents = 0;

  read(files: readonly SourceFile[]): void {
    let total = 0;
    for (const file of files) {
      total += file.text.length;
      if (file.text.length > MAX_FILE_BYTES) {
        this.#add(
          { code: 'SLU1004', message: `the file is longer than ${MAX_FILE_BYTES} bytes`, resource: '', path: '' },
          file.path,
          1,
          1,
        );
      } else if (total > MAX_TOTAL_BYTES) {
        this.#add(
          {
            code: 'SLU1004',
            message: `the files together are longer than ${MAX_TOTAL_BYTES} bytes`,
            resource: '',
            path: '',
          },
          file.path,
          1,
          1,
        );
        return;
      } else if (!this.#readFile(file)) return;
    }
  }

  result(): ParsedSet {
    if (this.#hidden > 0) {
      const message = `${this.#hidden} more issues are not shown`;
      this.#issues.push({ code: 'SLU1008', level: 'notice', message, resource: '', path: '' });
    }
    const origins = this.#origins;
    const lastRead = new LastRead();
    return {
      resources: this.#resources,
      ignored: this.#ignored,
      refused: this.#refused,
      issues: this.#issues,
      ok: !this.#failed,
      locate(key, path) {
        const origin = origins.get(key);
        return origin === undefined ? undefined : lastRead.position(origin, path);
      },
    };
  }

  /** False if no more documents may be read. */
  #readFile(file: SourceFile): boolean {
    for (const part of splitDocuments(file.text)) {
      const document = readYamlDocument(part.text);
      const place = placer(part.text, part.line);
      for (const problem of document.problems) {
        const { line, column } = place(problem.offset);
        this.#add({ code: problem.code, message: problem.message, resource: '', path: '' }, file.path, line, column);
      }
      if (document.problems.length > 0 || document.value === null || document.value === undefined) continue;
      const origin: Origin = { file, offset: part.offset, line: part.line, length: part.text.length, item: [] };
      for (const [item, manifest] of manifestsIn(document.value)) {
        if (++this.#documents > MAX_DOCUMENTS) {
          this.#add(
            { code: 'SLU1004', message: `more than ${MAX_DOCUMENTS} resources`, resource: '', path: '' },
            file.path,
            part.line,
            1,
          );
          return false;
        }
        this.#readManifest(manifest, { ...origin, item }, document, place);
      }
    }
    return true;
  }

  #readManifest(manifest: unknown, origin: Origin, document: YamlDocument, place: Placer): void {
    const found: [Code, FieldPath, string][] = [];
    if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) {
      found.push(['SLU1002', '', 'a resource must be a mapping with apiVersion, kind, metadata and spec']);
    }
    const reading =
      found.length > 0
        ? { key: '' }
        : readManifest(manifest as Manifest, (code, path, message) => void found.push([code, path, message]));
    const earlier = this.#origins.get(reading.key);
    if (earlier !== undefined && reading.key !== '') {
      const where = `${earlier.file.path}:${earlier.line}`;
      found.push(['SLU1018', 'metadata.name', `${reading.key} stands twice in the set, first at ${where}`]);
    } else {
      if (reading.key !== '') this.#origins.set(reading.key, origin);
      if (reading.resource !== undefined) this.#resources.push(reading.resource);
      if (reading.ignored !== undefined) this.#ignored.push(reading.ignored);
      if (reading.refused !== undefined) this.#refused.push(reading.refused);
    }
    const seen = new Set<string>();
    for (const [code, path, message] of found) {
      const id = `${code} ${path} ${message}`;
      if (seen.has(id)) continue;
      seen.add(id);
      if (seen.size > MAX_ISSUES_PER_RESOURCE && CODES[code].level !== 'error') this.#hidden++;
      else if (seen.size > MAX_ISSUES_PER_RESOURCE) [this.#hidden, this.#failed] = [this.#hidden + 1, true];
      else {
        const { line, column } = place(document.offsetOf([...origin.item, ...parseFieldPath(path)]));
        this.#add({ code, message, resource: reading.key, path }, origin.file.path, line, column);
      }
    }
  }

  #add(complaint: Omit<Complaint, 'level'>, file: string, line: number, column: number): void {
    const { level } = CODES[complaint.code];
    if (level === 'error') this.#failed = true;
    const shown = level === 'error' ? ++this.#errors : ++this.#others;
    if (shown > MAX_ISSUES) this.#hidden++;
    else this.#issues.push({ ...complaint, level, file, line, column });
  }
}

/** The manifests of a document: itself, or the items of a List. */
function* manifestsIn(value: unknown): Generator<[FieldKeys, unknown]> {
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    for (let i = 0; i < items.length; i++) yield [['items', i], items[i]];
  } else yield [[], value];
}

type Placer = (offset: number) => { line: number; column: number };

/** Line and column of an offset in a document that starts on the given line of its file. */
function placer(text: string, firstLine: number): Placer {
  return (offset) => {
    let line = firstLine;
    let start = 0;
    for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
      line++;
      start = at + 1;
    }
    return { line, column: offset - start + 1 };
  };
}

/** Reads the document of a resource again, once for any number of questions about it. */
class LastRead {
  #origin: Origin | undefined;
  #document: YamlDocument | undefined;
  #place: Placer | undefined;

  position(origin: Origin, path: FieldPath): Position {
    if (this.#origin?.offset !== origin.offset || this.#origin.file !== origin.file) {
      const part = origin.file.text.slice(origin.offset, origin.offset + origin.length);
      const text = part.startsWith('---') ? `   ${part.slice(3)}` : part;
      this.#document = readYamlDocument(text);
      this.#place = placer(text, origin.line);
      this.#origin = origin;
    }
    const keys = parseFieldPath(path);
    let offset = this.#document!.offsetOf([...origin.item, ...keys]);
    if (keys[0] === 'spec' && offset === this.#document!.offsetOf([...origin.item])) {
      offset = this.#document!.offsetOf([...origin.item, ...keys.slice(1)]);
    }
    return { file: origin.file.path, ...this.#place!(offset) };
  }
}

/** Gives a complaint of an analysis its place. */
export function locateIssue(set: ParsedSet, complaint: Complaint): Issue {
  return { ...complaint, ...set.locate(complaint.resource, complaint.path) };
}
