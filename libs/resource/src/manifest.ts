// From a manifest (a document as plain data) to the normal form, with every complaint about it.
import { checkUnappliedKind } from './checked-kinds.ts';
import { type FieldPath, fieldAt } from './field-path.ts';
import { IGNORED_KINDS, ignoredKind } from './ignored-kinds.ts';
import type { Report, ResourceKey } from './issue.ts';
import { canonicalApiVersion, KINDS, type KindRow, manifestRow } from './kinds.ts';
import { MAX_ISSUES_PER_RESOURCE } from './limits.ts';
import { ManifestMetadata, type Metadata } from './metadata.ts';
import { checkMetadata } from './metadata-rules.ts';
import { nearest } from './nearest.ts';
import { dropNulls } from './nulls.ts';
import type { IgnoredResource, Resource } from './resource.ts';
import { checkRules } from './rules.ts';
import { salvage } from './salvage.ts';
import { checkSchema, quote } from './schema-check.ts';
import { reportUnapplied } from './unapplied-fields.ts';

export type Manifest = Readonly<Record<string, unknown>>;

/** What became of a manifest: at most one of `resource`, `ignored` and `refused` is there, none if nothing can be made of it. */
export interface Reading {
  readonly key: ResourceKey;
  readonly row?: KindRow;
  readonly resource?: Resource;
  readonly ignored?: IgnoredResource;
  /** It has errors; this much can be read, for analysis only. */
  readonly refused?: Resource;
}

const TOP_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

/** Reads a manifest; `report` gets what is wrong with it, with paths as the manifest has them. */
export function readManifest(manifest: Manifest, report: Report): Reading {
  const { apiVersion, kind } = manifest;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    for (const field of ['apiVersion', 'kind']) {
      if (typeof manifest[field] !== 'string') report('SLU1013', field, `${field}: Required value: a text`);
    }
    return { key: '' };
  }
  const slash = apiVersion.lastIndexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const row = manifestRow(group, kind);
  if (row !== undefined) return readKnown(row, manifest, apiVersion.slice(slash + 1), report);
  const ignored = ignoredKind(group, kind);
  if (ignored === undefined) {
    reportUnknownKind(apiVersion, group, kind, report);
    return { key: `${kind}//${nameIn(manifest)}` };
  }
  const metadata = readMetadata(kind, manifest, ignored.clusterScoped, report);
  const key = `${kind}/${metadata?.namespace ?? ''}/${nameIn(manifest)}`;
  if (metadata === undefined) return { key };
  if (!checkUnappliedKind(group, kind, manifest.spec, metadata, report)) return { key };
  report('SLU1020', '', `${kind} ${metadata.name} is accepted, but ${ignored.why}`);
  return { key, ignored: { apiVersion, kind, metadata, manifest } };
}

function nameIn(manifest: Manifest): string {
  const name = (manifest.metadata as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' ? name : '';
}

function reportUnknownKind(apiVersion: string, group: string, kind: string, report: Report): void {
  const known = [...KINDS.map((row) => `${row.group}/${row.manifestKind}`), ...IGNORED_KINDS];
  const groups = known.filter((name) => name.slice(name.indexOf('/') + 1) === kind);
  if (groups.length > 0) {
    const names = groups.map((name) => `"${name.slice(0, name.indexOf('/')) || 'v1'}"`).join(', ');
    report('SLU1011', 'apiVersion', `kind ${quote(kind)} is not of apiVersion ${quote(apiVersion)}: it is of ${names}`);
    return;
  }
  const inGroup = known.filter((name) => name.startsWith(`${group}/`)).map((name) => name.slice(group.length + 1));
  const guess =
    nearest(kind, inGroup) ??
    nearest(
      kind,
      known.map((name) => name.slice(name.indexOf('/') + 1)),
    );
  report('SLU1010', 'kind', `unknown kind ${quote(kind)}${guess === undefined ? '' : `, did you mean "${guess}"?`}`);
}

function readMetadata(kind: string, manifest: Manifest, clusterScoped: boolean, report: Report): Metadata | undefined {
  const written = manifest.metadata ?? {};
  if (typeof written === 'object') dropNulls(ManifestMetadata, written);
  if (!checkSchema(ManifestMetadata, written, 'metadata', report)) return undefined;
  const {
    name,
    namespace,
    labels = {},
    annotations = {},
    creationTimestamp,
  } = written as {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp?: string;
  };
  const at = creationTimestamp === undefined ? Number.NaN : Date.parse(creationTimestamp);
  if (creationTimestamp !== undefined && Number.isNaN(at)) {
    report(
      'SLU1017',
      'metadata.creationTimestamp',
      `metadata.creationTimestamp: Invalid value: ${quote(creationTimestamp)}`,
    );
  }
  const metadata: Metadata = {
    name,
    namespace: clusterScoped ? '' : (namespace ?? 'default'),
    labels,
    annotations,
    ...(Number.isNaN(at) ? {} : { creation: new Date(at).toISOString() }),
  };
  checkMetadata(kind, metadata, report);
  return metadata;
}

function readKnown(row: KindRow, manifest: Manifest, version: string, report: Report): Reading {
  const misfits: FieldPath[] = [];
  const count: Report = (code, path, message) => {
    misfits.push(path);
    report(code, path, message);
  };
  if (!row.versions.includes(version)) {
    const known = row.versions.map((each) => (row.group === '' ? each : `${row.group}/${each}`)).join(', ');
    count(
      'SLU1011',
      'apiVersion',
      `apiVersion ${quote(manifest.apiVersion)} of ${row.manifestKind} is not one of ${known}`,
    );
  }
  const metadata = readMetadata(row.manifestKind, manifest, row.clusterScoped, count);
  const key = `${row.kind}/${metadata?.namespace ?? ''}/${nameIn(manifest)}`;
  const spec = row.flat === undefined ? readSpec(row, manifest, count) : readFlat(row, manifest, count);
  if (metadata === undefined) return { key, row };
  if (spec === undefined) {
    const refused = refusedPart(row, manifest, metadata);
    if (refused !== undefined) checkRest(refused, misfits, report);
    return refused === undefined ? { key, row } : { key, row, refused };
  }
  const resource = { apiVersion: canonicalApiVersion(row), kind: row.kind, metadata, spec } as Resource;
  const accepted = checkRules(resource, report);
  if (misfits.length === 0 && accepted) reportUnapplied(resource, report);
  return misfits.length > 0 || !accepted ? { key, row, refused: resource } : { key, row, resource };
}

/** The spec without what does not fit; kinds without a spec are left out, nothing refers to what is inside them. */
function refusedPart(row: KindRow, manifest: Manifest, metadata: Metadata): Resource | undefined {
  const spec = row.flat === undefined ? salvage(row.spec, manifest.spec ?? {}) : undefined;
  if (spec === undefined) return undefined;
  return { apiVersion: canonicalApiVersion(row), kind: row.kind, metadata, spec } as Resource;
}

/** Checks the rules on what could be read, so that all mistakes are told at once; not those beside a misfit, which may follow from it. */
function checkRest(refused: Resource, misfits: readonly FieldPath[], report: Report): void {
  // A list item that does not fit is taken out, and moves those behind it: their paths would be wrong.
  if (misfits.length > MAX_ISSUES_PER_RESOURCE || misfits.some((path) => path.endsWith(']'))) return;
  checkRules(refused, (code, path, message) => {
    if (!misfits.some((misfit) => misfit.startsWith(path) || path.startsWith(misfit))) report(code, path, message);
  });
}

function readSpec(row: KindRow, manifest: Manifest, report: Report): unknown {
  for (const field of Object.keys(manifest)) {
    if (!TOP_FIELDS.includes(field)) unknownField(field, TOP_FIELDS, report);
  }
  const spec = manifest.spec ?? undefined;
  if (spec === undefined) {
    report('SLU1013', 'spec', 'spec: Required value');
    return undefined;
  }
  dropNulls(row.spec, spec);
  return checkSchema(row.spec, spec, 'spec', report) ? spec : undefined;
}

function readFlat(row: KindRow, manifest: Manifest, report: Report): unknown {
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...flat } = manifest;
  dropNulls(row.flat!.schema, flat);
  return checkSchema(row.flat!.schema, flat, '', report) ? row.flat!.normalize(flat) : undefined;
}

function unknownField(field: string, known: readonly string[], report: Report): void {
  const guess = nearest(field, known);
  const path: FieldPath = fieldAt('', field);
  report('SLU1012', path, `unknown field "${path}"${guess === undefined ? '' : `, did you mean "${guess}"?`}`);
}
