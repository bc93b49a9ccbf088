// Kinds that are checked as Istio checks them, though they are not applied: a mistake in one is a mistake elsewhere too.
import type { z } from 'zod';
import { CODES } from './codes.ts';
import type { Report } from './issue.ts';
import { dropNulls } from './nulls.ts';
import { checkSchema } from './schema-check.ts';
import { SidecarSpec } from './sidecar.ts';
import { checkSidecar } from './sidecar-rules.ts';
import { WorkloadGroupSpec } from './workload-group.ts';
import { checkWorkloadGroup } from './workload-group-rules.ts';

export interface CheckedKind {
  readonly kind: string;
  readonly group: string;
  /** The canonical one first. */
  readonly versions: readonly string[];
  readonly spec: z.ZodType;
  readonly specRequired: boolean;
  /** `spec` fits the schema. */
  readonly check: (spec: unknown, namespace: string, report: Report) => void;
}

const NETWORKING = { group: 'networking.istio.io', versions: ['v1', 'v1beta1', 'v1alpha3'] };

export const CHECKED_KINDS: readonly CheckedKind[] = [
  {
    kind: 'Sidecar',
    ...NETWORKING,
    spec: SidecarSpec,
    specRequired: false,
    check: (spec, namespace, report) => checkSidecar(spec as SidecarSpec, namespace, report),
  },
  {
    kind: 'WorkloadGroup',
    ...NETWORKING,
    spec: WorkloadGroupSpec,
    specRequired: true,
    check: (spec, _namespace, report) => checkWorkloadGroup(spec as WorkloadGroupSpec, report),
  },
];

/** Checks a manifest of a kind that is not applied; true if there is no error in it, or the kind is not checked. */
export function checkUnappliedKind(
  group: string,
  kind: string,
  written: unknown,
  namespace: string,
  outer: Report,
): boolean {
  const row = CHECKED_KINDS.find((each) => each.group === group && each.kind === kind);
  if (row === undefined) return true;
  let accepted = true;
  const report: Report = (code, path, message) => {
    if (CODES[code].level === 'error') accepted = false;
    outer(code, path, message);
  };
  const spec = written ?? (row.specRequired ? undefined : {});
  if (spec === undefined) report('SLU1013', 'spec', 'spec: Required value');
  else {
    dropNulls(row.spec, spec);
    if (checkSchema(row.spec, spec, 'spec', report)) row.check(spec, namespace, report);
  }
  return accepted;
}
