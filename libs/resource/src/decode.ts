// Reads resources in their normal form back from stored JSON, with the same checks as from files.
import { type Complaint, complain, type Report } from './issue.ts';
import { canonicalApiVersion, kindRow } from './kinds.ts';
import { MAX_ISSUES_PER_RESOURCE, MAX_MESSAGE } from './limits.ts';
import { type Metadata, MetadataSchema } from './metadata.ts';
import { checkMetadata } from './metadata-rules.ts';
import { keyOf, type Resource } from './resource.ts';
import { checkRules } from './rules.ts';
import { checkSchema, quote } from './schema-check.ts';

export type Decoded =
  | { readonly ok: true; readonly value: Resource; readonly complaints: readonly Complaint[] }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

const FIELDS = ['apiVersion', 'kind', 'metadata', 'spec'];

/**
 * Checks that plain data is a resource in its normal form (as `parseResources` makes it). The value of an ok answer is the
 * very object given: do not change it afterwards. `complaints` holds warnings and notices too.
 */
export function decodeResource(json: unknown): Decoded {
  const complaints: Complaint[] = [];
  let key = '';
  let failed = false;
  const report: Report = (code, path, message) => {
    const complaint = complain(code, key, path, message.slice(0, MAX_MESSAGE));
    if (complaint.level === 'error') failed = true;
    if (complaints.length < MAX_ISSUES_PER_RESOURCE) complaints.push(complaint);
  };
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    report('SLU1002', '', 'a resource must be a mapping');
    return { ok: false, complaints };
  }
  const value = json as Record<string, unknown>;
  const row = typeof value.kind === 'string' ? kindRow(value.kind) : undefined;
  if (row === undefined) {
    report('SLU1010', 'kind', `unknown kind ${quote(value.kind)}`);
    return { ok: false, complaints };
  }
  if (checkSchema(MetadataSchema, value.metadata, 'metadata', report)) {
    key = keyOf(value as unknown as Resource);
    checkMetadata(row.manifestKind, value.metadata as Metadata, report);
  }
  if (value.apiVersion !== canonicalApiVersion(row)) {
    report('SLU1011', 'apiVersion', `apiVersion ${quote(value.apiVersion)} is not ${canonicalApiVersion(row)}`);
  }
  for (const field of Object.keys(value)) {
    if (!FIELDS.includes(field)) report('SLU1012', field, `unknown field "${field}"`);
  }
  checkSchema(row.spec, value.spec, 'spec', report);
  if (!failed) checkRules(value as unknown as Resource, report);
  return failed ? { ok: false, complaints } : { ok: true, value: value as unknown as Resource, complaints };
}
