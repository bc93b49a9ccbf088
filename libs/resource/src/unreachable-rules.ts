// Warns of rules of a VirtualService that an earlier rule takes everything from (Istio's IST0130 and IST0131).
import { canonicalJson } from './canonical.ts';
import type { FieldPath } from './field-path.ts';
import type { HttpRoute } from './http-route.ts';
import type { Report } from './issue.ts';
import type { VirtualServiceSpec } from './virtual-service.ts';

/** Prefix matches compared with each other: the work grows with the square of their number. */
const MAX_PREFIXES = 500;

type HttpMatch = NonNullable<HttpRoute['match']>[number];
type Match = HttpMatch | object;

interface Rule {
  readonly name?: string | undefined;
  readonly match?: readonly Match[] | undefined;
}

export function checkUnreachableRules({ http = [], tls = [], tcp = [] }: VirtualServiceSpec, report: Report): void {
  checkRules(http, 'spec.http', report);
  checkPrefixes(http, report);
  checkRules(tls, 'spec.tls', report);
  checkRules(tcp, 'spec.tcp', report);
}

const nameOf = (item: { readonly name?: string | undefined }, position: number) =>
  item.name ? JSON.stringify(item.name) : `#${position}`;

function checkRules(rules: readonly Rule[], at: FieldPath, report: Report): void {
  if (rules.length < 2 && (rules[0]?.match?.length ?? 0) < 2) return;
  const seen = new Map<string, number>();
  let takesAll = -1;
  for (const [i, rule] of rules.entries()) {
    const path = `${at}[${i}]`;
    const unreachable = (why: string) =>
      report('SLU0130', path, `virtualService rule ${nameOf(rule, i)} not used (${why})`);
    const { match = [] } = rule;
    if (match.length === 0) {
      if (takesAll >= 0) unreachable('only the last rule can have no matches');
      takesAll = i;
      continue;
    }
    if (takesAll >= 0) unreachable('route without matches defined before');
    let duplicates = 0;
    for (const [j, each] of match.entries()) {
      const { name: _name, ...criteria } = each as { name?: string };
      const key = canonicalJson(criteria);
      const earlier = seen.get(key);
      if (earlier === undefined) seen.set(key, i);
      else {
        duplicates++;
        reportIneffective(
          report,
          `${path}.match[${j}]`,
          nameOf(rule, i),
          nameOf(each, j),
          nameOf(rules[earlier]!, earlier),
        );
      }
    }
    if (duplicates === match.length) unreachable('all matches used by prior rules');
  }
}

function reportIneffective(report: Report, path: FieldPath, rule: string, match: string, earlier: string): void {
  const why = `duplicate/overlapping match in rule ${earlier}`;
  report('SLU0131', path, `virtualService rule ${rule} match ${match} is not used (${why})`);
}

interface PrefixMatch {
  readonly path: FieldPath;
  readonly rule: string;
  readonly match: string;
  readonly prefix: string;
  readonly criteria: HttpMatch;
}

function checkPrefixes(rules: readonly HttpRoute[], report: Report): void {
  const prefixes: PrefixMatch[] = [];
  for (const [i, rule] of rules.entries()) {
    for (const [j, criteria] of (rule.match ?? []).entries()) {
      const prefix = criteria.uri?.prefix;
      if (!prefix || prefixes.length >= MAX_PREFIXES) continue;
      const path = `spec.http[${i}].match[${j}]`;
      prefixes.push({ path, rule: nameOf(rule, i), match: nameOf(criteria, j), prefix, criteria });
    }
  }
  for (const [i, earlier] of prefixes.entries()) {
    for (const later of prefixes.slice(i + 1)) {
      if (earlier.prefix === later.prefix || !later.prefix.startsWith(earlier.prefix)) continue;
      if (!coversRest(earlier.criteria, later.criteria)) continue;
      const what = `${later.match} of prefix ${later.prefix}`;
      reportIneffective(
        report,
        later.path,
        later.rule,
        what,
        `${earlier.match} of prefix ${earlier.prefix} on ${earlier.rule}`,
      );
    }
  }
}

type StringMatch = HttpMatch['uri'];

function asText(match: StringMatch, fallback = ''): string {
  if (match?.exact) return `exact:${match.exact}`;
  if (match?.suffix) return `suffix:${match.suffix}`;
  return match?.prefix ? `prefix:${match.prefix}` : fallback;
}

const coversText = (earlier: string, later: string) => earlier === later || earlier.startsWith(later);

type StringMatches = Readonly<Record<string, NonNullable<StringMatch>>>;

function coversAll(earlier: StringMatches = {}, later: StringMatches = {}): boolean {
  const names = Object.keys(earlier);
  if (names.length !== Object.keys(later).length) return false;
  return names.every((name) => Object.hasOwn(later, name) && coversText(asText(earlier[name]), asText(later[name])));
}

/** Whether everything but the URI of `later` is within `earlier`, by Istio's measure. */
function coversRest(earlier: HttpMatch, later: HttpMatch): boolean {
  return (
    (earlier.port ?? 0) === (later.port ?? 0) &&
    coversText(asText(earlier.method, 'exact:GET'), asText(later.method, 'exact:GET')) &&
    coversText(asText(earlier.authority), asText(later.authority)) &&
    coversAll(earlier.headers, later.headers) &&
    coversAll(earlier.queryParams, later.queryParams) &&
    coversAll(earlier.withoutHeaders, later.withoutHeaders)
  );
}
