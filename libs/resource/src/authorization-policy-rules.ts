// Rules of AuthorizationPolicy (istio/istio pkg/config/validation: ValidateAuthorizationPolicy; pkg/config/security).
import type {
  AuthorizationOperation,
  AuthorizationPolicySpec,
  AuthorizationRule,
  AuthorizationSource,
} from './authorization-policy.ts';
import {
  checkAccounts,
  checkAttribute,
  checkEmptyValues,
  checkIps,
  checkPathTemplates,
  checkPorts,
} from './authorization-values.ts';
import type { Code } from './codes.ts';
import type { FieldPath } from './field-path.ts';
import type { Report } from './issue.ts';
import { DRY_RUN } from './metadata-rules.ts';
import { checkPolicyTargets } from './policy-target-rules.ts';
import type { AuthorizationPolicy } from './resource.ts';

/** Go's `strconv.ParseBool`. */
const BOOLEAN = /^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/;

export function checkAuthorizationPolicy(policy: AuthorizationPolicy, outer: Report): void {
  const { metadata, spec } = policy;
  const prefix = `invalid policy ${metadata.name}.${metadata.namespace}:`;
  const report: Report = (code, path, message) => outer(code, path, `${prefix} ${message}`);
  checkDryRun(policy, outer);
  checkPolicyTargets(spec, report, outer);
  checkAction(spec, report);
  for (const [i, rule] of (spec.rules ?? []).entries()) {
    checkRule(rule, i, report);
    if (spec.action === 'DENY') warnOfHttpOnly(rule, i, outer);
  }
}

function checkDryRun({ metadata, spec }: AuthorizationPolicy, report: Report): void {
  const value = metadata.annotations[DRY_RUN];
  if (value === undefined) return;
  const path = `metadata.annotations["${DRY_RUN}"]`;
  const name = `${metadata.namespace}/${metadata.name}`;
  const action = spec.action ?? 'ALLOW';
  if (action !== 'ALLOW' && action !== 'DENY') {
    const only = 'currently only supports action ALLOW/DENY';
    report('SLU2075', path, `the annotation ${DRY_RUN} ${only}, found action ${action} in ${name}`);
  } else if (!BOOLEAN.test(value)) {
    report('SLU2075', path, `${name} has annotation ${DRY_RUN} with invalid value (${value})`);
  }
}

function checkAction(spec: AuthorizationPolicySpec, report: Report): void {
  const action = spec.action ?? 'ALLOW';
  if ((action === 'DENY' || action === 'CUSTOM') && spec.rules === undefined) {
    const advice = 'add an empty rule `{}` if you want it be triggered for every request';
    const message = `${action} action without \`rules\` is meaningless as it will never be triggered, ${advice}`;
    report('SLU2070', 'spec', message);
  } else if (action === 'CUSTOM' && !spec.provider?.name) {
    report('SLU2070', 'spec.provider', '`provider.name` must not be empty');
  }
  if (spec.provider !== undefined && action !== 'CUSTOM') {
    report('SLU2070', 'spec.provider', `\`provider\` must not be with non CUSTOM action, found ${action}`);
  }
  if (action !== 'CUSTOM') return;
  for (const [i, rule] of (spec.rules ?? []).entries()) checkCustomRule(rule, `spec.rules[${i}]`, report);
}

const NOT_CUSTOM = [
  'namespaces',
  'notNamespaces',
  'serviceAccounts',
  'notServiceAccounts',
  'principals',
  'notPrincipals',
  'requestPrincipals',
  'notRequestPrincipals',
] as const;
const NOT_CUSTOM_KEYS = new Set(['source.namespace', 'source.serviceAccount', 'source.principal']);

function checkCustomRule(rule: AuthorizationRule, at: FieldPath, report: Report): void {
  const refuse = (path: FieldPath, name: string) =>
    report('SLU2070', path, `${name} is currently not supported with CUSTOM action`);
  for (const [i, { source }] of (rule.from ?? []).entries()) {
    for (const field of NOT_CUSTOM) {
      if (source?.[field]?.length) refuse(`${at}.from[${i}].source.${field}`, `From.${upperFirst(field)}`);
    }
  }
  for (const [i, { key }] of (rule.when ?? []).entries()) {
    if (NOT_CUSTOM_KEYS.has(key) || key.startsWith('request.auth.')) refuse(`${at}.when[${i}].key`, key);
  }
}

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const EMPTY: Code = 'SLU2071';

function checkRule(rule: AuthorizationRule, position: number, report: Report): void {
  const at = `spec.rules[${position}]`;
  const found = `found at rule ${position}`;
  if (rule.from?.length === 0) report(EMPTY, `${at}.from`, `\`from\` must not be empty, ${found}`);
  if (rule.to?.length === 0) report(EMPTY, `${at}.to`, `\`to\` must not be empty, ${found}`);
  for (const [i, { source }] of (rule.from ?? []).entries()) {
    const path = `${at}.from[${i}]`;
    if (source === undefined) report(EMPTY, path, `\`from.source\` must not be nil, ${found}`);
    else checkSource(source, `${path}.source`, found, report);
  }
  for (const [i, { operation }] of (rule.to ?? []).entries()) {
    const path = `${at}.to[${i}]`;
    if (operation === undefined) report(EMPTY, path, `\`to.operation\` must not be nil, ${found}`);
    else checkOperation(operation, `${path}.operation`, found, report);
  }
  for (const [i, { key, values = [], notValues = [] }] of (rule.when ?? []).entries()) {
    const path = `${at}.when[${i}]`;
    if (key === '') report('SLU2072', `${path}.key`, '`key` must not be empty');
    else if (values.length + notValues.length === 0) {
      report('SLU2072', path, `at least one of \`values\` or \`notValues\` must be set for key ${key}`);
    } else {
      checkAttribute(report, `${path}.values`, key, values, 'value');
      checkAttribute(report, `${path}.notValues`, key, notValues, 'notValue');
    }
  }
}

type Lists = Readonly<Record<string, readonly string[] | undefined>>;

const isEmpty = (lists: Lists) => Object.values(lists).every((values) => !values?.length);

function checkSource(source: AuthorizationSource, at: FieldPath, found: string, report: Report): void {
  const { serviceAccounts, notServiceAccounts, principals, notPrincipals, namespaces, notNamespaces } = source;
  const accounts = !isEmpty({ serviceAccounts, notServiceAccounts });
  if (accounts && !isEmpty({ principals, notPrincipals, namespaces, notNamespaces })) {
    report('SLU2071', at, `Cannot set serviceAccounts with namespaces or principals, ${found}`);
  }
  if (isEmpty(source)) report(EMPTY, at, `\`from.source\` must not be empty, ${found}`);
  for (const field of ['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks'] as const) {
    checkIps(report, `${at}.${field}`, source[field] ?? []);
  }
  checkAccounts(report, `${at}.serviceAccounts`, 'ServiceAccounts', serviceAccounts ?? []);
  checkAccounts(report, `${at}.notServiceAccounts`, 'NotServiceAccounts', notServiceAccounts ?? []);
  for (const field of Object.keys(source) as (keyof AuthorizationSource)[]) {
    checkEmptyValues(report, `${at}.${field}`, upperFirst(field), source[field] ?? []);
  }
}

function checkOperation(operation: AuthorizationOperation, at: FieldPath, found: string, report: Report): void {
  if (isEmpty(operation)) report(EMPTY, at, `\`to.operation\` must not be empty, ${found}`);
  checkPorts(report, `${at}.ports`, operation.ports ?? []);
  checkPorts(report, `${at}.notPorts`, operation.notPorts ?? []);
  for (const field of Object.keys(operation) as (keyof AuthorizationOperation)[]) {
    checkEmptyValues(report, `${at}.${field}`, upperFirst(field), operation[field] ?? []);
  }
  checkPathTemplates(report, `${at}.paths`, 'Paths', operation.paths ?? []);
  checkPathTemplates(report, `${at}.notPaths`, 'NotPaths', operation.notPaths ?? []);
}

const L4_SOURCE = [
  'principals',
  'notPrincipals',
  'namespaces',
  'notNamespaces',
  'serviceAccounts',
  'notServiceAccounts',
  'trustDomains',
  'notTrustDomains',
  'ipBlocks',
  'notIpBlocks',
  'remoteIpBlocks',
  'notRemoteIpBlocks',
] as const;

/** On TCP the HTTP attributes of a DENY rule fall away, so that a rule of nothing else denies everything. */
function warnOfHttpOnly(rule: AuthorizationRule, position: number, report: Report): void {
  const sources = (rule.from ?? []).flatMap(({ source }) => source ?? []);
  const operations = (rule.to ?? []).flatMap(({ operation }) => operation ?? []);
  const l4Source = sources.some((source) => L4_SOURCE.some((field) => source[field] !== undefined));
  const l4Operation = operations.some(({ ports, notPorts }) => ports !== undefined || notPorts !== undefined);
  const httpOnly = operations.length > 0 ? !l4Operation : sources.length > 0 && !l4Source;
  if (!httpOnly) return;
  const why = 'due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port';
  const message = `configured AuthorizationPolicy will deny all traffic to TCP ports under its scope ${why}`;
  report('SLU2073', `spec.rules[${position}]`, message);
}
