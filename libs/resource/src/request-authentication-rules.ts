// Rules of RequestAuthentication (istio/istio pkg/config/validation: ValidateRequestAuthentication and below).
import type { FieldPath } from './field-path.ts';
import { checkStrictHeader } from './http-header-rules.ts';
import type { Report } from './issue.ts';
import { checkPolicyTargets } from './policy-target-rules.ts';
import type { JwtRule, RequestAuthenticationSpec } from './request-authentication.ts';
import { checkDuration, checkOneOf } from './shared-rules.ts';

export function checkRequestAuthentication(spec: RequestAuthenticationSpec, report: Report): void {
  checkPolicyTargets(spec, report, report);
  for (const [i, rule] of (spec.jwtRules ?? []).entries()) checkJwtRule(rule, `spec.jwtRules[${i}]`, report);
}

function checkJwtRule(rule: JwtRule, at: FieldPath, report: Report): void {
  const refuse = (path: string, message: string) => report('SLU2083', `${at}.${path}`, message);
  if (!rule.issuer) report('SLU2083', at, 'issuer must be set');
  checkOneOf(report, at, rule, ['jwksUri', 'jwks_uri', 'jwks']);
  for (const field of ['jwksUri', 'jwks_uri'] as const) {
    const problem = rule[field] ? keysUriProblem(rule[field]) : undefined;
    if (problem !== undefined) refuse(field, problem);
  }
  if (rule.jwks && !isKeySet(rule.jwks)) refuse('jwks', 'jwks parse error: not a JSON Web Key or a set of them');
  const named = [
    ['audiences', 'audience must be non-empty string'],
    ['fromParams', 'location query must be non-empty string'],
    ['fromCookies', 'cookie name must be non-empty string'],
  ] as const;
  for (const [field, message] of named) {
    for (const [i, text] of (rule[field] ?? []).entries()) if (text === '') refuse(`${field}[${i}]`, message);
  }
  for (const [i, { name }] of (rule.fromHeaders ?? []).entries()) {
    if (name === '') refuse(`fromHeaders[${i}].name`, 'location header name must be non-empty string');
  }
  for (const [i, { header, claim }] of (rule.outputClaimToHeaders ?? []).entries()) {
    if (!header || !claim) {
      refuse(`outputClaimToHeaders[${i}]`, 'outputClaimToHeaders header and claim value must be non-empty string');
    } else checkStrictHeader(report, `${at}.outputClaimToHeaders[${i}].header`, header);
  }
  checkDuration(report, `${at}.timeout`, rule.timeout);
}

function keysUriProblem(uri: string): string | undefined {
  const scheme = /^[a-z][a-z\d+.-]*(?=:)/i.exec(uri)?.[0] ?? '';
  if (!['http', 'https'].includes(scheme.toLowerCase())) return `URI scheme ${JSON.stringify(scheme)} is not supported`;
  return URL.canParse(uri) ? undefined : 'the URI of the keys cannot be parsed';
}

function isKeySet(text: string): boolean {
  const isKey = (value: unknown) => typeof (value as { kty?: unknown } | null)?.kty === 'string';
  try {
    const value = JSON.parse(text) as { keys?: unknown } | null;
    return Array.isArray(value?.keys) ? value.keys.every(isKey) : isKey(value);
  } catch {
    return false;
  }
}
