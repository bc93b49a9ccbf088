// From files to resources: every document read, every complaint with its place. Pure: whoever calls has read the files.

import { readDocument } from './document.ts';
import { type DocumentText, splitDocuments } from './document-split.ts';
import type { FieldPath } from './field-path.ts';
import type { Complaint, Issue, Position, ResourceKey } from './issue.ts';
import { collectIssues, type IssueCollector, type NewIssue, reporting } from './issue-collector.ts';
import { MAX_DOCUMENTS, MAX_FILE_CHARACTERS, MAX_TOTAL_CHARACTERS } from './limits.ts';
import { manifestsIn } from './list.ts';
import { type Manifest, type Reading, readManifest } from './manifest.ts';
import { fieldLocator, type Origin, offsetOfField, placeIn, type SourceFile } from './origin.ts';
import type { IgnoredResource, Resource } from './resource.ts';
import type { YamlDocument } from './yaml-document.ts';

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

/** What reading adds to, document by document. */
interface Gathered {
  readonly resources: Resource[];
  readonly ignored: IgnoredResource[];
  readonly refused: Resource[];
  readonly origins: Map<ResourceKey, Origin>;
  readonly issues: IssueCollector;
  documents: number;
}

/** Reads all files; never throws, whatever the texts. Bounded by the limits in limits.ts. */
export function parseResources(files: readonly SourceFile[]): ParsedSet {
  const set: Gathered = {
    resources: [],
    ignored: [],
    refused: [],
    origins: new Map(),
    issues: collectIssues(),
    documents: 0,
  };
  let total = 0;
  for (const file of files) {
    total += file.text.length;
    const where = () => ({ file: file.path, line: 1, column: 1 });
    if (file.text.length > MAX_FILE_CHARACTERS) {
      set.issues.addLast(limitIssue(`the file is longer than ${MAX_FILE_CHARACTERS} characters`), where);
    } else if (total > MAX_TOTAL_CHARACTERS) {
      set.issues.addLast(limitIssue(`the files together are longer than ${MAX_TOTAL_CHARACTERS} characters`), where);
      break;
    } else if (!readFile(set, file)) break;
  }
  const locate = fieldLocator();
  return {
    resources: set.resources,
    ignored: set.ignored,
    refused: set.refused,
    ...set.issues.finish(),
    locate(key, path) {
      const origin = set.origins.get(key);
      return origin === undefined ? undefined : locate(origin, path);
    },
  };
}

const limitIssue = (message: string): NewIssue => ({ code: 'SLU1004', message, resource: '', path: '' });

/** How UTF-16 begins when it is read as UTF-8: a byte order mark that makes no sense, or every other byte 0. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UTF16 = /^(?:\ufffd\ufffd|[^\u0000]?\u0000)/;

const REPLACEMENT = '\ufffd';

const notUtf8 = (text: string) =>
  UTF16.test(text)
    ? 'the file is not UTF-8, but UTF-16 as it seems: save it as UTF-8'
    : 'the file is not UTF-8 here: save it as UTF-8';

/** False if no more documents may be read. */
function readFile(set: Gathered, file: SourceFile): boolean {
  if (UTF16.test(file.text) || file.damaged === true) {
    set.issues.add({ code: 'SLU1001', message: notUtf8(file.text), resource: '', path: '' }, () => {
      const origin: Origin = { file, start: 0, end: file.text.length, line: 1, item: [] };
      return placeIn(file.text, origin, UTF16.test(file.text) ? 0 : file.text.indexOf(REPLACEMENT));
    });
    return true;
  }
  for (const part of splitDocuments(file.text)) {
    const document = readDocument(part.text);
    const origin: Origin = { file, start: part.offset, end: part.offset + part.text.length, line: part.line, item: [] };
    for (const { offset, ...problem } of document.problems) {
      set.issues.add({ ...problem, resource: '', path: '' }, () => placeIn(part.text, origin, offset));
    }
    if (document.problems.length > 0 || document.value === null || document.value === undefined) continue;
    for (const { item, manifest, problem } of manifestsIn(document.value)) {
      if (++set.documents > MAX_DOCUMENTS) {
        set.issues.addLast(limitIssue(`more than ${MAX_DOCUMENTS} resources`), () => placeIn(part.text, origin, 0));
        return false;
      }
      const at = { ...origin, item };
      if (problem === undefined) readOne(set, manifest, at, part, document);
      else {
        const issue = { ...problem, resource: '' };
        set.issues.add(issue, () => placeIn(part.text, at, offsetOfField(document, at, problem.path)));
      }
    }
  }
  return true;
}

function readOne(set: Gathered, manifest: unknown, origin: Origin, part: DocumentText, document: YamlDocument): void {
  const reported = reporting();
  let reading: Reading = { key: '' };
  if (typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest)) {
    reading = readManifest(manifest as Manifest, reported.report);
  } else reported.report('SLU1002', '', 'a resource must be a mapping with apiVersion, kind, metadata and spec');
  const { key } = reading;
  const earlier = key === '' ? undefined : set.origins.get(key);
  if (earlier === undefined) gather(set, reading, origin);
  else {
    const message = `${key} stands twice in the set, first at ${earlier.file.path}:${earlier.line}`;
    reported.report('SLU1018', 'metadata.name', message);
  }
  set.issues.addReported(reported, key, ({ path }) => {
    return () => placeIn(part.text, origin, offsetOfField(document, origin, path));
  });
}

function gather(set: Gathered, { key, resource, ignored, refused }: Reading, origin: Origin): void {
  if (key !== '') set.origins.set(key, origin);
  if (resource !== undefined) set.resources.push(resource);
  if (ignored !== undefined) set.ignored.push(ignored);
  if (refused !== undefined) set.refused.push(refused);
}

/** Gives a complaint of an analysis its place. */
export function locateIssue(set: ParsedSet, complaint: Complaint): Issue {
  return { ...complaint, ...set.locate(complaint.resource, complaint.path) };
}
