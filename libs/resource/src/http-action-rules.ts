// Rules of what an http route does besides routing: mirror, redirect, direct response, retry, rewrite, fault, CORS.
import type { FieldPath } from './field-path.ts';
import { checkCorsHeader } from './http-header-rules.ts';
import type { HttpRoute } from './http-route.ts';
import type { Report } from './issue.ts';
import { checkRegex } from './regex-rules.ts';
import { checkDestination } from './route-rules.ts';
import { checkDuration, checkOneOf, checkPort } from './shared-rules.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE']);
const RETRY_ON = new Set(
  `5xx gateway-error reset reset-before-request connect-failure retriable-4xx refused-stream retriable-status-codes
  retriable-headers envoy-ratelimited http3-post-connect-failure cancelled deadline-exceeded internal resource-exhausted
  unavailable`.split(/\s+/),
);
/** Status codes that the IANA registry knows, from and to. */
const STATUS_RANGES = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
] as const;
const GRPC_STATUS = new Set(
  `OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED
  FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED`.split(/\s+/),
);
const WARN_BODY_BYTES = 100 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;

export function checkHttpActions(route: HttpRoute, at: FieldPath, report: Report): void {
  checkMirrors(route, at, report);
  checkRedirect(route, `${at}.redirect`, report);
  checkDirectResponse(route.directResponse, `${at}.directResponse`, report);
  checkRetries(route.retries, `${at}.retries`, report);
  checkRewrite(route.rewrite, `${at}.rewrite`, report);
  checkFault(route.fault, `${at}.fault`, report);
  checkCors(route.corsPolicy, `${at}.corsPolicy`, report);
}

function checkMirrors(route: HttpRoute, at: FieldPath, report: Report): void {
  const range = (path: FieldPath, what: string, value: number | undefined) => {
    if (value === undefined) return;
    if (value > 100) report('SLU2008', path, `${what} must have a max value of 100 (it has ${value})`);
    if (value < 0) report('SLU2008', path, `${what} must have a min value of 0 (it has ${value})`);
  };
  if (route.mirrorPercent !== undefined) {
    range(`${at}.mirrorPercent`, 'mirror_percent', route.mirrorPercent);
    report(
      'SLU2044',
      `${at}.mirrorPercent`,
      'using deprecated setting "mirrorPercent", use "mirrorPercentage" instead',
    );
  }
  range(`${at}.mirrorPercentage`, 'mirror_percentage', route.mirrorPercentage?.value);
  checkDestination(report, `${at}.mirror`, route.mirror);
  for (const [i, { destination, percentage }] of (route.mirrors ?? []).entries()) {
    checkDestination(report, `${at}.mirrors[${i}].destination`, destination);
    range(`${at}.mirrors[${i}].percentage`, 'mirror percentage', percentage?.value);
  }
}

function checkRedirect({ redirect, match = [] }: HttpRoute, at: FieldPath, report: Report): void {
  if (redirect === undefined) return;
  const { uri, prefixRewrite, authority, scheme, port, derivePort, redirectCode } = redirect;
  const refuse = (message: string) => report('SLU2043', at, message);
  checkOneOf(report, at, redirect, ['port', 'derivePort']);
  checkOneOf(report, at, redirect, ['uri', 'prefixRewrite']);
  if (prefixRewrite !== undefined && match.some((each) => each.uri?.regex !== undefined)) {
    refuse('redirect prefixRewrite cannot be used with a regex uri match: no prefix is matched');
  }
  if (!uri && prefixRewrite === undefined && !authority && !scheme && port === undefined && derivePort === undefined) {
    refuse('redirect must specify URI, authority, scheme, or port');
  }
  if (redirectCode && (redirectCode < 300 || redirectCode > 399)) {
    refuse(`${redirectCode} is not a valid redirect code, must be 3xx`);
  }
  if (scheme && scheme !== 'http' && scheme !== 'https') refuse('invalid redirect scheme, must be "http" or "https"');
  if (port) checkPort(report, `${at}.port`, port);
}

function checkDirectResponse(response: HttpRoute['directResponse'], at: FieldPath, report: Report): void {
  if (response === undefined) return;
  checkOneOf(report, `${at}.body`, response.body, ['string', 'bytes']);
  const { string = '', bytes = '' } = response.body ?? {};
  const size = Math.max(Buffer.byteLength(string), Math.floor((bytes.length * 3) / 4));
  if (size > MAX_BODY_BYTES) {
    report(
      'SLU2043',
      `${at}.body`,
      'large direct_responses may impact control plane performance, must be less than 1MB',
    );
  } else if (size > WARN_BODY_BYTES) {
    report('SLU2044', `${at}.body`, 'large direct_responses may impact control plane performance');
  }
  checkStatus(response.status, `${at}.status`, report);
}

function checkStatus(status: number, at: FieldPath, report: Report): void {
  if (status < 200 || status > 600) report('SLU2043', at, `HTTP status ${status} is not in range 200-599`);
}

function checkRetries(retries: HttpRoute['retries'], at: FieldPath, report: Report): void {
  if (retries === undefined) return;
  const { attempts = 0, perTryTimeout, retryOn, retryRemoteLocalities } = retries;
  if (attempts < 0) report('SLU2043', `${at}.attempts`, 'attempts cannot be negative');
  if (attempts === 0 && (perTryTimeout !== undefined || retryOn || retryRemoteLocalities !== undefined)) {
    report('SLU2043', at, 'http retry policy configured when attempts are set to 0 (disabled)');
  }
  checkDuration(report, `${at}.perTryTimeout`, perTryTimeout);
  checkDuration(report, `${at}.backoff`, retries.backoff);
  for (const policy of retryOn ? retryOn.split(',') : []) {
    const status = /^\d+$/.test(policy) ? Number(policy) : 0;
    const known = RETRY_ON.has(policy) || STATUS_RANGES.some(([from, to]) => status >= from && status <= to);
    if (!known) report('SLU2043', `${at}.retryOn`, `${JSON.stringify(policy)} is not a valid retryOn policy`);
  }
}

function checkRewrite(rewrite: HttpRoute['rewrite'], at: FieldPath, report: Report): void {
  if (rewrite === undefined) return;
  const { uri, authority, uriRegexRewrite } = rewrite;
  if (uri && uriRegexRewrite !== undefined) {
    report('SLU2043', at, 'rewrite may only contain one of URI or UriRegexRewrite');
  } else if (!uri && uriRegexRewrite === undefined && !authority) {
    const either = 'Only one of URI or UriRegexRewrite may be specified';
    report('SLU2043', at, `rewrite must specify at least one of URI, UriRegexRewrite, or authority. ${either}`);
  }
  if (uriRegexRewrite === undefined) return;
  const { match, rewrite: replacement } = uriRegexRewrite;
  const path = `${at}.uriRegexRewrite`;
  if (!match || !replacement) {
    report('SLU2043', path, 'UriRegexRewrite requires both Rewrite and Match fields to be specified');
  } else checkRegex(report, `${path}.match`, match, 'HTTPRewrite.UriRegexRewrite.Match');
}

function checkFault(fault: HttpRoute['fault'], at: FieldPath, report: Report): void {
  if (fault === undefined) return;
  const { abort, delay } = fault;
  if (abort === undefined && delay === undefined) {
    report('SLU2043', at, 'HTTP fault injection must have an abort and/or a delay');
  }
  checkFraction(report, `${at}.abort.percentage`, abort?.percentage?.value);
  checkFraction(report, `${at}.delay.percentage`, delay?.percentage?.value);
  checkOneOf(report, `${at}.abort`, abort, ['httpStatus', 'grpcStatus', 'http2Error']);
  checkOneOf(report, `${at}.delay`, delay, ['fixedDelay', 'exponentialDelay']);
  if (abort !== undefined) checkAbort(abort, `${at}.abort`, report);
  checkDuration(report, `${at}.delay.fixedDelay`, delay?.fixedDelay);
  checkDuration(report, `${at}.delay.exponentialDelay`, delay?.exponentialDelay);
  if (delay?.exponentialDelay !== undefined) {
    report('SLU2043', `${at}.delay.exponentialDelay`, 'exponentialDelay not supported yet');
  }
}

function checkAbort(abort: NonNullable<NonNullable<HttpRoute['fault']>['abort']>, at: FieldPath, report: Report): void {
  const { grpcStatus, http2Error, httpStatus } = abort;
  if (grpcStatus !== undefined) {
    if (!GRPC_STATUS.has(grpcStatus)) {
      report('SLU2043', `${at}.grpcStatus`, `gRPC status ${JSON.stringify(grpcStatus)} is not supported`);
    }
  } else if (http2Error !== undefined) {
    report('SLU2043', `${at}.http2Error`, 'HTTP/2 abort fault injection not supported yet');
  } else if (httpStatus !== undefined) checkStatus(httpStatus, `${at}.httpStatus`, report);
  else report('SLU2044', at, 'abort configured, but error type not set');
}

function checkFraction(report: Report, at: FieldPath, value: number | undefined): void {
  if (value !== undefined && (value < 0 || value > 100 || (value > 0 && value < 0.0001))) {
    report('SLU2008', at, `percentage ${value} is neither 0.0, nor in range [0.0001, 100.0]`);
  }
}

function checkCors(policy: HttpRoute['corsPolicy'], at: FieldPath, report: Report): void {
  if (policy === undefined) return;
  for (const [i, origin] of (policy.allowOrigins ?? []).entries()) {
    const path = `${at}.allowOrigins[${i}]`;
    const text = origin.exact || origin.prefix || origin.suffix || origin.regex;
    checkOneOf(report, path, origin, ['exact', 'prefix', 'suffix', 'regex']);
    if (!text) report('SLU2043', path, "'' is not a valid match type for CORS allow origins");
    else if (origin.regex !== undefined) checkRegex(report, `${path}.regex`, origin.regex, 'corsPolicy.allowOrigins');
  }
  for (const [i, method] of (policy.allowMethods ?? []).entries()) {
    if (!METHODS.has(method)) {
      report('SLU2043', `${at}.allowMethods[${i}]`, `${JSON.stringify(method)} is not a supported HTTP method`);
    }
  }
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    for (const [i, name] of (policy[field] ?? []).entries()) checkCorsHeader(report, `${at}.${field}[${i}]`, name);
  }
  checkDuration(report, `${at}.maxAge`, policy.maxAge);
  if (policy.maxAge !== undefined && /\.\d*[1-9]\d*s|ms|us|ns/.test(policy.maxAge)) {
    report('SLU2004', `${at}.maxAge`, 'max_age duration is accurate only to seconds precision');
  }
}
