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

/** `account` of the policy's namespace, or `namespace/account`; no wildcards. */
export function checkAccounts(report: Report, at: FieldPath, name: string, accounts: readonly string[]): void {
  for (const [i, account] of accounts.entries()) {
    const parts = account.split('/');
    if (account === '' || (parts.length <= 2 && !parts.includes('') && !account.includes('*'))) continue;
    const form = 'expected format "<serviceAccountName>" or "<namespace>/<serviceAccountName>"';
    report('SLU2071', `${at}[${i}]`, `invalid value ${JSON.stringify(account)} in ${name}: ${form}`);
  }
}

const TEMPLATE = /\{\*\*?\}/;
const UNSUPPORTED_TEMPLATE = /\/\{\w+=\*\*?\}|\{\w*\}|\/\*\*?|\*\*?\//;

/** Paths with `{*}` or `{**}` are templates, in which no other wildcard may stand. */
export function checkPathTemplates(report: Report, at: FieldPath, name: string, paths: readonly string[]): void {
  for (const [i, path] of paths.entries()) {
    if (TEMPLATE.test(path) && UNSUPPORTED_TEMPLATE.test(path)) {
      report('SLU2071', `${at}[${i}]`, `invalid or unsupported path template, found in ${name}`);
    }
  }
}

const PLAIN = new Set([
  'source.namespace',
  'source.serviceAccount',
  'source.principal',
  'source.trustDomain',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
  'connection.sni',
]);
const IPS = new Set(['source.ip', 'remote.ip', 'destination.ip']);
const MAPS = ['request.headers', 'request.auth.claims', 'experimental.envoy.filters.'];

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
