// AuthorizationPolicies as lists of ANDed conditions, with Istio's meaning on TCP: what needs HTTP is dropped, which makes
// an ALLOW rule vanish and a DENY rule wider (`pilot/pkg/security/authz/{builder,model}`).
import {
  type AuthorizationCondition,
  type AuthorizationOperation,
  type AuthorizationPolicy,
  type AuthorizationRule,
  type AuthorizationSource,
  keyOf,
} from '@sluice/resource';
import { type AuthorizationPlan, type Condition, MAX_NAME_CHARS } from '@sluice/route-table';
import { validBlocks } from './address.ts';
import type { ReportAt } from './clusters.ts';

/** A rule's `from` times its `to` entries; more than this is nobody's intent, and each is judged for every connection. */
const PRODUCT_LIMIT = 10_000;
/** Of all policies together: each takes memory in the table, and what little it takes is multiplied by 10,000 of a short rule. */
export const MAX_COMBINATIONS = 100_000;
const DRY_RUN_ANNOTATION = 'istio.io/dry-run';

/** What part of a rule comes to: conditions, or that it needs HTTP, or that no connection can meet it. */
interface Reading {
  readonly conditions: Condition[];
  /** Fields that only an HTTP request has. */
  readonly http: string[];
  /** What no connection has here: an identity, which takes mutual TLS, or data of Envoy's filters. */
  readonly unknown: string[];
}

/** How many combinations the policies that are still to come may have. */
export interface Allowance {
  combinations: number;
}

/** The policy as a plan; CUSTOM is refused (SLU3020) and gives none. What it comes to is taken from the allowance. */
export function planPolicy(
  policy: AuthorizationPolicy,
  allowance: Allowance,
  report: ReportAt,
): AuthorizationPlan | undefined {
  const { metadata, spec } = policy;
  const key = keyOf(policy);
  const action = spec.action ?? 'ALLOW';
  if (action === 'CUSTOM') {
    report('SLU3020', key, 'spec.action', 'action CUSTOM asks an external authorizer, which Sluice does not have');
    return undefined;
  }
  const rules: (readonly Condition[])[] = [];
  (spec.rules ?? []).forEach((rule, index) => {
    rules.push(
      ...planRule(rule, action === 'ALLOW', allowance, (code, message) =>
        report(code, key, `spec.rules[${index}]`, message),
      ),
    );
  });
  return {
    name: `${metadata.namespace}/${metadata.name}`,
    action: action.toLowerCase() as AuthorizationPlan['action'],
    dryRun: metadata.annotations[DRY_RUN_ANNOTATION] === 'true',
    rules,
  };
}

type ReportRule = (code: 'SLU3021' | 'SLU3022' | 'SLU3025' | 'SLU3026', message: string) => void;

function planRule(
  rule: AuthorizationRule,
  allow: boolean,
  allowance: Allowance,
  report: ReportRule,
): (readonly Condition[])[] {
  const from = readAll(
    rule.from?.map((one) => one.source ?? {}),
    readSource,
  );
  const to = readAll(
    rule.to?.map((one) => one.operation ?? {}),
    readOperation,
  );
  const when = readWhen(rule.when ?? []);
  const http = [...new Set([...from, ...to, when].flatMap((reading) => reading.http))];
  if (http.length > 0 && allow) {
    report('SLU3021', `ALLOW rule is dropped: ${http.join(', ')} cannot be known of a TCP connection`);
    return [];
  }
  if (http.length > 0)
    report('SLU3022', `${http.join(', ')} cannot be known of a TCP connection: the rule is wider without it`);
  const unknown = [...new Set([...from, when].flatMap((reading) => reading.unknown))];
  if (unknown.length > 0)
    report(
      'SLU3025',
      `${unknown.join(', ')} never matches: a connection has no identity without mutual TLS, and no filter data`,
    );
  if (when.unknown.length > 0) return [];
  const sources = mergeSingle(from.filter((reading) => reading.unknown.length === 0).map((one) => one.conditions));
  const operations = mergeSingle(to.map((one) => one.conditions));
  const combinations = sources.length * operations.length;
  const tooMany =
    combinations > PRODUCT_LIMIT
      ? `more than ${PRODUCT_LIMIT}`
      : `and all policies together more than ${MAX_COMBINATIONS}`;
  if (combinations > Math.min(PRODUCT_LIMIT, allowance.combinations)) {
    report('SLU3026', `rule has ${sources.length} times ${operations.length} combinations, ${tooMany}`);
    return allow ? [] : [[]];
  }
  allowance.combinations -= combinations;
  return sources.flatMap((source) => operations.map((operation) => [...source, ...operation, ...when.conditions]));
}

/** No entries at all mean no condition. */
function readAll<T>(entries: readonly T[] | undefined, read: (entry: T) => Reading): readonly Reading[] {
  if (entries === undefined || entries.length === 0) return [{ conditions: [], http: [], unknown: [] }];
  return entries.map(read);
}

/** Entries that differ only in the values of one and the same positive condition become one. */
function mergeSingle(entries: readonly (readonly Condition[])[]): readonly (readonly Condition[])[] {
  const merged: (readonly Condition[])[] = [];
  const single = new Map<string, number>();
  for (const conditions of entries) {
    const [only] = conditions;
    if (conditions.length !== 1 || only === undefined || only.not === true || !('cidrs' in only || 'ports' in only)) {
      merged.push(conditions);
      continue;
    }
    const at = single.get(only.fact);
    if (at === undefined) {
      single.set(only.fact, merged.push(conditions) - 1);
      continue;
    }
    const [known] = merged[at]!;
    if ('cidrs' in only && known !== undefined && 'cidrs' in known)
      merged[at] = [{ ...known, cidrs: [...new Set([...known.cidrs, ...only.cidrs])] }];
    if ('ports' in only && known !== undefined && 'ports' in known)
      merged[at] = [{ ...known, ports: [...new Set([...known.ports, ...only.ports])] }];
  }
  return merged;
}

function readSource(source: AuthorizationSource): Reading {
  const reading: Reading = { conditions: [], http: [], unknown: [] };
  addCidrs(reading, 'source', source.ipBlocks, source.notIpBlocks);
  addCidrs(reading, 'remote', source.remoteIpBlocks, source.notRemoteIpBlocks);
  for (const field of ['principals', 'namespaces', 'serviceAccounts', 'trustDomains'] as const)
    if (isWritten(source[field])) reading.unknown.push(field);
  for (const field of ['requestPrincipals', 'notRequestPrincipals'] as const)
    if (isWritten(source[field])) reading.http.push(field);
  return reading;
}

function readOperation(operation: AuthorizationOperation): Reading {
  const reading: Reading = { conditions: [], http: [], unknown: [] };
  addPorts(reading, operation.ports, operation.notPorts);
  for (const field of ['hosts', 'notHosts', 'methods', 'notMethods', 'paths', 'notPaths'] as const)
    if (isWritten(operation[field])) reading.http.push(field);
  return reading;
}

function readWhen(when: readonly AuthorizationCondition[]): Reading {
  const reading: Reading = { conditions: [], http: [], unknown: [] };
  for (const { key, values, notValues } of when) {
    if (key === 'source.ip') addCidrs(reading, 'source', values, notValues);
    else if (key === 'remote.ip') addCidrs(reading, 'remote', values, notValues);
    else if (key === 'destination.ip') addCidrs(reading, 'destination', values, notValues);
    else if (key === 'destination.port') addPorts(reading, values, notValues);
    else if (key === 'connection.sni') addNames(reading, values, notValues);
    else if (key.startsWith('request.')) reading.http.push(key);
    else if (isWritten(values)) reading.unknown.push(key);
  }
  return reading;
}

function validPorts(texts: readonly string[]): readonly number[] {
  return texts.map(Number).filter((port) => Number.isInteger(port) && port >= 0 && port <= 65_535);
}

/** Other texts are no name that a ClientHello could bring. */
function isServerName(text: string): boolean {
  return text.length <= MAX_NAME_CHARS && /^[\x21-\x7e]+$/.test(text);
}

function isWritten(values: readonly string[] | undefined): values is readonly string[] {
  return values !== undefined && values.length > 0;
}

function addCidrs(
  { conditions }: Reading,
  fact: 'source' | 'remote' | 'destination',
  values: readonly string[] | undefined,
  notValues: readonly string[] | undefined,
): void {
  if (isWritten(values)) conditions.push({ fact, cidrs: validBlocks(values) });
  if (isWritten(notValues)) conditions.push({ fact, not: true, cidrs: validBlocks(notValues) });
}

function addPorts(
  { conditions }: Reading,
  values: readonly string[] | undefined,
  notValues: readonly string[] | undefined,
): void {
  if (isWritten(values)) conditions.push({ fact: 'port', ports: validPorts(values) });
  if (isWritten(notValues)) conditions.push({ fact: 'port', not: true, ports: validPorts(notValues) });
}

function addNames(
  { conditions }: Reading,
  values: readonly string[] | undefined,
  notValues: readonly string[] | undefined,
): void {
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase()).filter(isServerName);
  if (isWritten(values)) conditions.push({ fact: 'sni', names: lower(values) });
  if (isWritten(notValues)) conditions.push({ fact: 'sni', not: true, names: lower(notValues) });
}
