// Rules of the `http` part of a VirtualService (istio/istio pkg/config/validation: validateHTTPRoute): what may stand together.
import { isDnsLabel } from './domain.ts';
import { type FieldPath, fieldAt } from './field-path.ts';
import { checkHttpActions } from './http-action-rules.ts';
import { checkAuthority, checkHeaderOperations, checkMatchedHeader } from './http-header-rules.ts';
import type { HttpRoute } from './http-route.ts';
import type { Report } from './issue.ts';
import { checkRegex } from './regex-rules.ts';
import { checkDestination, checkGatewayNames, checkWeights } from './route-rules.ts';
import { checkDuration, checkLabels, checkOneOf, checkPort } from './shared-rules.ts';

type HttpMatch = NonNullable<HttpRoute['match']>[number];
type StringMatch = NonNullable<HttpMatch['uri']>;

export function checkHttpRoute(route: HttpRoute, at: FieldPath, isDelegate: boolean, report: Report): void {
  checkConflicts(route, at, isDelegate, report);
  for (const [i, match] of (route.match ?? []).entries()) checkMatch(match, `${at}.match[${i}]`, report);
  checkHeaderOperations(report, `${at}.headers`, route.headers);
  checkHttpActions(route, at, report);
  checkAuthority(report, at, route);
  for (const [i, { destination, headers }] of (route.route ?? []).entries()) {
    checkDestination(report, `${at}.route[${i}].destination`, destination);
    checkHeaderOperations(report, `${at}.route[${i}].headers`, headers);
  }
  checkWeights(report, `${at}.route`, route.route ?? []);
  checkDuration(report, `${at}.timeout`, route.timeout);
}

function checkConflicts(route: HttpRoute, at: FieldPath, isDelegate: boolean, report: Report): void {
  const refuse = (message: string) => report('SLU2040', at, message);
  const routes = (route.route?.length ?? 0) > 0;
  if (route.delegate !== undefined && !isDelegate) {
    if (route.redirect !== undefined) refuse(`root HTTP route ${route.name ?? ''} must not specify redirect`);
    if (route.route !== undefined) refuse(`root HTTP route ${route.name ?? ''} must not specify route`);
    return;
  }
  if (route.delegate !== undefined) refuse('delegate HTTP route cannot contain delegate');
  if (route.redirect !== undefined) {
    if (routes) refuse('HTTP route cannot contain both route and redirect');
    if (route.fault !== undefined) refuse('HTTP route cannot contain both fault and redirect');
    if (route.rewrite !== undefined) refuse('HTTP route rule cannot contain both rewrite and redirect');
    if (route.directResponse !== undefined) refuse('HTTP route rule cannot contain both direct_response and redirect');
  } else if (route.directResponse !== undefined) {
    if (routes) refuse('HTTP route cannot contain both route and direct_response');
    if (route.fault !== undefined) refuse('HTTP route cannot contain both fault and direct_response');
    if (route.rewrite !== undefined) refuse('HTTP route rule cannot contain both rewrite and direct_response');
  } else if (!routes) refuse('HTTP route, redirect or direct_response is required');
  if (route.mirror !== undefined && route.mirrors?.length) refuse('HTTP route cannot contain both mirror and mirrors');
}

function checkMatch(match: HttpMatch, at: FieldPath, report: Report): void {
  for (const [name, header] of Object.entries(match.headers ?? {})) {
    checkMatchedHeader(report, fieldAt(`${at}.headers`, name), name);
    checkString(report, fieldAt(`${at}.headers`, name), header, 'headers');
  }
  for (const [name, header] of Object.entries(match.withoutHeaders ?? {})) {
    checkMatchedHeader(report, fieldAt(`${at}.withoutHeaders`, name), name);
    // `*` stands for any value here, and is no regular expression.
    if (header.regex !== '*') checkString(report, fieldAt(`${at}.withoutHeaders`, name), header, 'withoutHeaders');
  }
  checkString(report, `${at}.uri`, match.uri, 'uri', true);
  for (const field of ['scheme', 'method', 'authority'] as const) {
    checkString(report, `${at}.${field}`, match[field], field);
  }
  for (const [name, parameter] of Object.entries(match.queryParams ?? {})) {
    checkString(report, fieldAt(`${at}.queryParams`, name), parameter, 'queryParams');
  }
  if (match.port) checkPort(report, `${at}.port`, match.port);
  checkLabels(report, `${at}.sourceLabels`, match.sourceLabels);
  checkGatewayNames(report, `${at}.gateways`, match.gateways);
  if (match.sourceNamespace && !isDnsLabel(match.sourceNamespace)) {
    report('SLU2007', `${at}.sourceNamespace`, `sourceNamespace match ${match.sourceNamespace} is invalid`);
  }
}

/** One of exact, prefix, suffix and regex; a prefix is not empty unless allowed, a suffix never, a regex is one of RE2. */
function checkString(
  report: Report,
  at: FieldPath,
  match: StringMatch | undefined,
  where: string,
  emptyPrefixAllowed = false,
): void {
  if (match === undefined) return;
  checkOneOf(report, at, match, ['exact', 'prefix', 'suffix', 'regex']);
  if (match.prefix === '' && !emptyPrefixAllowed) {
    report('SLU2041', `${at}.prefix`, `${JSON.stringify(where)}: prefix string match should not be empty`);
  }
  if (match.suffix === '') {
    report('SLU2041', `${at}.suffix`, `${JSON.stringify(where)}: suffix string match should not be empty`);
  }
  if (match.regex !== undefined) checkRegex(report, `${at}.regex`, match.regex, where);
}
