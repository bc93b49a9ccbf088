// Rules that several kinds share: each reports what is wrong with one field.
import type { Code } from './codes.ts';
import { isDnsLabel, labelEntryProblem, type Problem, portProblem, unixAddressProblem } from './domain.ts';
import { parseDurationMs } from './duration.ts';
import { type FieldPath, fieldAt } from './field-path.ts';
import type { Report } from './issue.ts';
import { protocolFamily } from './protocol.ts';

type Labels = Readonly<Record<string, string>>;

export const UNIX_PREFIX = 'unix://';

/** Reports a problem if there is one. */
export function check(report: Report, code: Code, path: FieldPath, problem: Problem): void {
  if (problem !== undefined) report(code, path, problem);
}

export function checkPort(report: Report, path: FieldPath, port: number): void {
  check(report, 'SLU2001', path, portProblem(port));
}

/** A port's name is a DNS label. */
export function checkPortName(report: Report, path: FieldPath, name: string): void {
  if (!isDnsLabel(name)) report('SLU2007', path, `invalid port name: ${name}`);
}

/** Empty is allowed: then the protocol is detected, or TCP. */
export function checkProtocol(report: Report, path: FieldPath, protocol: string | undefined): void {
  if (protocol !== undefined && protocol !== '' && protocolFamily(protocol) === undefined) {
    report('SLU2006', path, `unsupported protocol: ${protocol}`);
  }
}

/** At least 1 ms, in whole milliseconds. */
export function checkDuration(report: Report, path: FieldPath, duration: string | undefined): void {
  if (duration === undefined) return;
  const ms = parseDurationMs(duration);
  if (ms === undefined) return;
  if (ms < 1) report('SLU2004', path, 'duration must be greater than 1ms');
  else if (!Number.isInteger(ms)) report('SLU2004', path, 'only durations to ms precision are supported');
}

/** Labels that are compared with those of workloads. */
export function checkLabels(report: Report, path: FieldPath, labels: Labels | undefined): void {
  if (labels === undefined) return;
  for (const key of Object.keys(labels))
    check(report, 'SLU2005', fieldAt(path, key), labelEntryProblem(key, labels[key]!));
}

/** A workload selector's labels. `prefix` begins the warning about a selector without labels. */
export function checkSelector(
  report: Report,
  path: FieldPath,
  labels: Labels | undefined,
  prefix: string,
  suffix = '',
): void {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0) report('SLU2011', path, `${prefix}workload selector specified without labels${suffix}`);
  for (const [key, value] of entries) {
    const quoted = JSON.stringify(`${key}=${value}`);
    if (key === '') report('SLU2010', path, `empty key is not supported in selector: ${quoted}: key must not be empty`);
    if (key.includes('*') || value.includes('*')) {
      report('SLU2010', fieldAt(path, key), `wildcard is not supported in selector: ${quoted}`);
    }
  }
}

export interface ExportToRules {
  /** `~` (nobody) is allowed. */
  readonly serviceEntry?: boolean;
  /** Only the own namespace is allowed. */
  readonly selectsWorkloads?: boolean;
}

/** Where a resource can be seen: `*`, `.`, namespaces, `~`. */
export function checkExportTo(
  report: Report,
  exportTo: readonly string[] | undefined,
  namespace: string,
  rules: ExportToRules = {},
): void {
  if (exportTo === undefined || exportTo.length === 0) return;
  const seen = new Set<string>();
  for (const [i, entry] of exportTo.entries()) {
    const path = `spec.exportTo[${i}]`;
    const key = entry === '.' ? namespace : entry;
    if (seen.has(key)) {
      const what = key === entry ? `for entry ${entry}` : `: . and current namespace ${namespace}`;
      report('SLU2009', path, `duplicate entries in exportTo${key === entry ? ' ' : ''}${what}`);
    } else if (key === '*' || isDnsLabel(key) || (key === '~' && rules.serviceEntry)) seen.add(key);
    else
      report(
        'SLU2009',
        path,
        `exportTo value ${JSON.stringify(entry)} is invalid: only ., *, or a valid namespace is allowed`,
      );
  }
  if (rules.selectsWorkloads && seen.size > 0) {
    const beyond = seen.has(namespace) ? 'have multiple entries in exportTo' : 'have exportTo beyond current namespace';
    if (!seen.has(namespace) || seen.size > 1) {
      report('SLU2009', 'spec.exportTo', `destination rule with workload selector cannot ${beyond}`);
    }
  }
  if (seen.has('*') && exportTo.length > 1) {
    report('SLU2009', 'spec.exportTo', 'cannot have both public (*) and non-public exportTo values for a resource');
  }
  if (seen.has('~') && exportTo.length > 1) {
    report('SLU2009', 'spec.exportTo', 'cannot export service entry to no one (~) and someone');
  }
}

/** At most one of the fields is set (protobuf's oneof). */
export function checkOneOf<T extends object>(
  report: Report,
  path: FieldPath,
  value: T | undefined,
  names: readonly (keyof T & string)[],
): void {
  if (value === undefined) return;
  const set = names.filter((name) => value[name] !== undefined);
  if (set.length > 1) report('SLU2012', fieldAt(path, set[1]!), `${path}: only one of ${names.join(', ')} can be set`);
}

/** A `unix://` address, without its prefix. */
export function checkUnixAddress(report: Report, path: FieldPath, address: string): void {
  check(report, 'SLU2013', path, unixAddressProblem(address.slice(UNIX_PREFIX.length)));
}

export function checkPercent(report: Report, path: FieldPath, percent: number | undefined): void {
  if (percent !== undefined && (percent < 0 || percent > 100)) {
    report('SLU2008', path, `percentage ${percent} is not in range 0..100`);
  }
}
