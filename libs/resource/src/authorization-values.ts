// Values in AuthorizationPolicy: addresses, ports, paths, and the attributes that conditions name (istio/istio pkg/config/security).
import { isCidr, isIp } from './domain.ts';
import type { FieldPath } from './field-path.ts';
import type { Report } from './issue.ts';

export function checkIps(report: Report, at: FieldPath, blocks: readonly string[]): void {
  for (const [i, block] of blocks.entries()) {
    if (block.includes('/') && !isCidr(block)) report('SLU2003', `${at}[${i}]`, `bad CIDR range (${block})`);
    else if (!block.includes('/') && !isIp(block)) report('SLU2003', `${at}[${i}]`, `bad IP address (${block})`);
  }
}

/** Ports as texts, 0 to 65535; no ranges. */
export function checkPorts(report: Report, at: FieldPath, ports: readonly string[]): void {
  for (const [i, port] of ports.entries()) {
    if (!/^\d{1,10}$/.test(port) || Number(port) > 65535) report('SLU2001', `${at}[${i}]`, `bad port (${port})`);
  }
}

export function checkEmptyValues(report: Report, at: FieldPath, name: string, values: readonly string[]): void {
  const i = values.indexOf('');
  if (i >= 0) report('SLU2071', `${at}[${i}]`, `empty value not allowed, found in ${name}`);
}

/** Istio's bounds, which keep a policy from growing without end. */
const MAX_ACCOUNTS = 16;
const MAX_ACCOUNT = 320;

/** `account` of the policy's namespace, or `namespace/account`; no wildcards. Empty ones are told by `checkEmptyValues`. */
export function checkAccounts(report: Report, at: FieldPath, name: string, accounts: readonly string[]): void {
  if (accounts.length > MAX_ACCOUNTS) report('SLU2071', at, `may not have more than ${MAX_ACCOUNTS} values`);
  for (const [i, account] of accounts.entries()) {
    const problem = accountProblem(account);
    if (problem !== undefined) report('SLU2071', `${at}[${i}]`, `${problem} in ${name}`);
  }
}

function accountProblem(account: string): string | undefined {
  if (account === '') return undefined;
  if (account.includes('*')) return 'wildcard not allowed, found';
  const found = `found ${JSON.stringify(account.slice(0, MAX_ACCOUNT))}`;
  const parts = account.split('/');
  const empty = parts.includes('');
  if (parts.length > 2 || empty) {
    const form = "expected format 'serviceAccount' or 'namespace/serviceAccount'";
    return `${form}, found ${empty ? `an empty part of ${JSON.stringify(account)}` : JSON.stringify(account)}`;
  }
  return account.length > MAX_ACCOUNT ? `value cannot exceed ${MAX_ACCOUNT} characters, ${found}` : undefined;
}

const ONE = '{*}';
const ANY = '{**}';
/** What may stand in a part of a template beside them (RFC 3986, pchar). */
const LITERAL = /^[a-zA-Z0-9-._~%!$&'()+,;:@=]+$/;

/** Paths with `{*}` or `{**}` are templates: each stands for whole parts, `{**}` last of them, and no other wildcard beside. */
export function checkPathTemplates(report: Report, at: FieldPath, name: string, paths: readonly string[]): void {
  for (const [i, path] of paths.entries()) {
    const problem = templateProblem(path);
    if (problem === undefined) continue;
    report('SLU2071', `${at}[${i}]`, `invalid or unsupported path ${path}, found in ${name}. ${problem}`);
  }
}

function templateProblem(path: string): string | undefined {
  const isTemplate = path.includes(ONE) || path.includes(ANY);
  let any = false;
  for (const part of path.replace(/^\/+|\/+$/g, '').split('/')) {
    if (part === ONE || part === ANY) {
      if (any) return '{**} is not the last operator';
      any = part === ANY;
    } else if (/[{}]/.test(part)) return "Contains '{' or '}' beyond a supported path template";
    else if (isTemplate && !LITERAL.test(part)) return `Contains segment ${part} with invalid string literal`;
  }
  return undefined;
}

const PLAIN = new Set([
  'source.namespace',
  'source.principal',
  'source.trustDomain',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
  'connection.sni',
]);
const IPS = new Set(['source.ip', 'remote.ip', 'destination.ip']);
const MAPS = [
  'request.headers',
  'request.experimental.inline.headers',
  'request.auth.claims',
  'experimental.envoy.filters.',
];

/** The key of a condition and its values; `which` is `value` or `notValue`. */
export function checkAttribute(
  outer: Report,
  at: FieldPath,
  key: string,
  values: readonly string[],
  which: string,
): void {
  const report: Report = (_code, path, message) =>
    outer('SLU2072', path, `invalid \`${which}\` for \`key\` ${key}: ${message}`);
  checkEmptyValues(report, at, key, values);
  if (IPS.has(key)) checkIps(report, at, values);
  else if (key === 'source.serviceAccount') checkAccounts(report, at, key, values);
  else if (key === 'destination.port') checkPorts(report, at, values);
  else if (MAPS.some((prefix) => key.startsWith(prefix))) {
    if (!/^[^[]+\[.+\]$/.test(key)) report('SLU2072', at, `bad key (${key}): should have format a[b]`);
  } else if (!PLAIN.has(key)) report('SLU2072', at, unknownAttribute(key));
}

function unknownAttribute(key: string): string {
  if (key === 'destination.namespace') return `attribute ${key} is replaced by the metadata.namespace`;
  if (key.startsWith('destination.labels')) return `attribute ${key} is replaced by the workload selector`;
  if (key === 'destination.name' || key === 'destination.user') {
    return `deprecated attribute ${key}: only supported in v1alpha1`;
  }
  return `unknown attribute: ${key}`;
}
