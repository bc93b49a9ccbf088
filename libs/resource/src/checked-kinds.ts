// Kinds that are checked as Istio checks them, though they are not applied: a mistake in one is a mistake elsewhere too.
import type { z } from 'zod';
import { CODES } from './codes.ts';
import { EnvoyFilterSpec } from './envoy-filter.ts';
import { checkEnvoyFilter } from './envoy-filter-rules.ts';
import type { Report } from './issue.ts';
import type { Metadata } from './metadata.ts';
import { checkDryRunAnnotation } from './metadata-rules.ts';
import { dropNulls } from './nulls.ts';
import { PeerAuthenticationSpec } from './peer-authentication.ts';
import { checkPeerAuthentication } from './peer-authentication-rules.ts';
import { ProxyConfigSpec } from './proxy-config.ts';
import { checkProxyConfig } from './proxy-config-rules.ts';
import { RequestAuthenticationSpec } from './request-authentication.ts';
import { checkRequestAuthentication } from './request-authentication-rules.ts';
import { checkSchema } from './schema-check.ts';
import { SidecarSpec } from './sidecar.ts';
import { checkSidecar } from './sidecar-rules.ts';
import { TelemetrySpec } from './telemetry.ts';
import { checkTelemetry } from './telemetry-rules.ts';
import { WasmPluginSpec } from './wasm-plugin.ts';
import { checkWasmPlugin } from './wasm-plugin-rules.ts';
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
const SECURITY = { group: 'security.istio.io', versions: ['v1', 'v1beta1'] };

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
  {
    kind: 'EnvoyFilter',
    ...NETWORKING,
    versions: ['v1alpha3'],
    spec: EnvoyFilterSpec,
    specRequired: false,
    check: (spec, _namespace, report) => checkEnvoyFilter(spec as EnvoyFilterSpec, report),
  },
  {
    kind: 'ProxyConfig',
    ...NETWORKING,
    versions: ['v1beta1'],
    spec: ProxyConfigSpec,
    specRequired: false,
    check: (spec, _namespace, report) => checkProxyConfig(spec as ProxyConfigSpec, report),
  },
  {
    kind: 'PeerAuthentication',
    ...SECURITY,
    spec: PeerAuthenticationSpec,
    specRequired: false,
    check: (spec, _namespace, report) => checkPeerAuthentication(spec as PeerAuthenticationSpec, report),
  },
  {
    kind: 'RequestAuthentication',
    ...SECURITY,
    spec: RequestAuthenticationSpec,
    specRequired: false,
    check: (spec, _namespace, report) => checkRequestAuthentication(spec as RequestAuthenticationSpec, report),
  },
  {
    kind: 'Telemetry',
    group: 'telemetry.istio.io',
    versions: ['v1', 'v1alpha1'],
    spec: TelemetrySpec,
    specRequired: false,
    check: (spec, _namespace, report) => checkTelemetry(spec as TelemetrySpec, report),
  },
  {
    kind: 'WasmPlugin',
    group: 'extensions.istio.io',
    versions: ['v1alpha1'],
    spec: WasmPluginSpec,
    specRequired: true,
    check: (spec, _namespace, report) => checkWasmPlugin(spec as WasmPluginSpec, report),
  },
];

/** Checks a manifest of a kind that is not applied; true if there is no error in it, or the kind is not checked. */
export function checkUnappliedKind(
  group: string,
  kind: string,
  written: unknown,
  metadata: Metadata,
  outer: Report,
): boolean {
  const row = CHECKED_KINDS.find((each) => each.group === group && each.kind === kind);
  if (row === undefined) return true;
  let accepted = true;
  const report: Report = (code, path, message) => {
    if (CODES[code].level === 'error') accepted = false;
    outer(code, path, message);
  };
  checkDryRunAnnotation(metadata, report);
  const spec = written ?? (row.specRequired ? undefined : {});
  if (spec === undefined) report('SLU1013', 'spec', 'spec: Required value');
  else {
    dropNulls(row.spec, spec);
    if (checkSchema(row.spec, spec, 'spec', report)) row.check(spec, metadata.namespace, report);
  }
  return accepted;
}
