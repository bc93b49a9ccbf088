// Rules of HTTP header names and values in routes. Values may hold Envoy's variables: `%NAME%`, `%NAME(argument)%`.
import type { Code } from './codes.ts';
import { type FieldPath, fieldAt } from './field-path.ts';
import type { HttpRoute } from './http-route.ts';
import type { Report } from './issue.ts';
import { claimInHeader } from './jwt-claim.ts';

const CODE: Code = 'SLU2042';
/** A token of RFC 7230, and the comma, which Istio's expression lets in as well. */
const NAME = /^[!#$%&'*+,\-.^_`|~A-Za-z0-9]+$/;
const STRICT_NAME = /^[-_A-Za-z0-9]+$/;
const PSEUDO = new Set([':method', ':scheme', ':authority', ':path', ':status']);
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000A-\u001F\u007F]/;

const STRING = '"(?:\\\\.|[^"\\\\])*"';
const ARGUMENTS = ` *(?:\\[ *${STRING} *(?:, *${STRING} *)*\\] *|[^ \\[](?:\\\\.|[^)\\\\"])*)`;
// Each text has one reading only, so that a long one that fails cannot be tried in many ways.
const VALUE = new RegExp(`^(?:[^%]|%%|%[^%(]+%|%[^%(]*\\(${ARGUMENTS}\\) *%)*$`, 's');

type Headers = NonNullable<HttpRoute['headers']>;

const isAuthority = (name: string) => [':authority', 'host'].includes(name.toLowerCase());
const isInternal = (name: string) => name.startsWith(':') || name.toLowerCase() === 'host';

/** A name in a match: a header, a pseudo header or a claim. */
export function checkMatchedHeader(report: Report, at: FieldPath, name: string): void {
  if (name === '') report(CODE, at, 'header name cannot be empty');
  else if (!claimInHeader(name) && !PSEUDO.has(name) && !NAME.test(name)) {
    report(CODE, at, `header name ${name} is not a valid header name`);
  }
}

/** A name in a CORS policy; `*` stands for all. */
export function checkCorsHeader(report: Report, at: FieldPath, name: string): void {
  if (name === '') report(CODE, at, 'header name cannot be empty');
  else if (name !== '*' && !NAME.test(name)) report(CODE, at, `header name ${name} is not a valid header name`);
}

/** A name of letters, digits, hyphens and underscores only. */
export function checkStrictHeader(report: Report, at: FieldPath, name: string): void {
  if (!STRICT_NAME.test(name)) report(CODE, at, `header name ${name} is not a valid header name`);
}

/** Headers set, added and removed on requests and responses. */
export function checkHeaderOperations(report: Report, at: FieldPath, headers: Headers | undefined): void {
  for (const side of ['request', 'response'] as const) {
    const operations = headers?.[side];
    for (const action of ['add', 'set'] as const) {
      const path = `${at}.${side}.${action}`;
      for (const [name, value] of Object.entries(operations?.[action] ?? {})) {
        checkOperationName(report, fieldAt(path, name), name, side === 'request');
        checkValue(report, fieldAt(path, name), value);
      }
    }
    for (const [i, name] of (operations?.remove ?? []).entries()) {
      checkOperationName(report, `${at}.${side}.remove[${i}]`, name, false);
    }
  }
}

function checkOperationName(report: Report, at: FieldPath, name: string, authorityAllowed: boolean): void {
  if (name === '') report(CODE, at, 'header name cannot be empty');
  else if (authorityAllowed && isAuthority(name)) return;
  else if (name.toLowerCase() === 'host')
    report(CODE, at, `invalid header ${JSON.stringify(name)}: cannot set Host header`);
  else if (isInternal(name)) {
    report(CODE, at, `invalid header ${JSON.stringify(name)}: header cannot have ":" prefix`);
  }
}

function checkValue(report: Report, at: FieldPath, value: string): void {
  if (CONTROL.test(value)) report(CODE, at, `header value configuration ${JSON.stringify(value)} is invalid`);
  else if (!VALUE.test(value)) {
    report(
      CODE,
      at,
      `header value configuration: invalid header configuration. Un-escaped or un-terminated % in ${JSON.stringify(value)}`,
    );
  }
}

/** The authority may be written once: by the rewrite or by one header. */
export function checkAuthority(report: Report, at: FieldPath, route: HttpRoute): void {
  let current = route.rewrite?.authority ?? '';
  const { set = {}, add = {} } = route.headers?.request ?? {};
  for (const [name, value] of [...Object.entries(set), ...Object.entries(add)]) {
    if (!isAuthority(name)) continue;
    if (current !== '') {
      const [have, setting] = [JSON.stringify(current), JSON.stringify(value)];
      report(CODE, at, `authority header cannot be set multiple times: have ${have}, attempting to set ${setting}`);
      return;
    }
    current = value;
  }
}
