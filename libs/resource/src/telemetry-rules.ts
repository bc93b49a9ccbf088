// Rules of Telemetry (istio/istio pkg/config/validation: ValidateTelemetry and below, and the CRD's rules).
import { type FieldPath, fieldAt } from './field-path.ts';
import type { Report } from './issue.ts';
import { checkPolicyTargets } from './policy-target-rules.ts';
import { checkDuration, checkOneOf } from './shared-rules.ts';
import type { TelemetrySpec } from './telemetry.ts';

type Tracing = NonNullable<TelemetrySpec['tracing']>[number];
type Override = NonNullable<NonNullable<TelemetrySpec['metrics']>[number]['overrides']>[number];
type Providers = readonly { readonly name: string }[] | undefined;

export function checkTelemetry(spec: TelemetrySpec, report: Report): void {
  checkPolicyTargets(spec, report, report);
  const { tracing = [], metrics = [], accessLogging = [] } = spec;
  if (tracing.length > 1) report('SLU2084', 'spec.tracing', 'multiple tracing is not currently supported');
  for (const [i, each] of tracing.entries()) checkTracing(each, `spec.tracing[${i}]`, report);
  for (const [i, { providers, overrides = [], reportingInterval }] of metrics.entries()) {
    const at = `spec.metrics[${i}]`;
    checkProviders(providers, at, report);
    for (const [j, each] of overrides.entries()) checkOverride(each, `${at}.overrides[${j}]`, report);
    checkDuration(report, `${at}.reportingInterval`, reportingInterval);
  }
  for (const [i, { providers, filter }] of accessLogging.entries()) {
    const at = `spec.accessLogging[${i}]`;
    checkProviders(providers, at, report);
    if (filter?.expression !== undefined && !isBalanced(filter.expression)) {
      report(
        'SLU2083',
        `${at}.filter.expression`,
        'the expression cannot be parsed: a bracket or quote has no partner',
      );
    }
  }
}

function checkProviders(providers: Providers, at: FieldPath, report: Report): void {
  for (const [i, { name }] of (providers ?? []).entries()) {
    if (name !== '') continue;
    const path = `${at}.providers[${i}].name`;
    report('SLU2083', path, `${path} in body should be at least 1 chars long: providers.name may not be empty`);
  }
}

function checkTracing(
  { providers, randomSamplingPercentage, customTags }: Tracing,
  at: FieldPath,
  report: Report,
): void {
  if ((providers?.length ?? 0) > 1) {
    report('SLU2084', `${at}.providers`, 'multiple providers is not currently supported');
  }
  checkProviders(providers, at, report);
  if (randomSamplingPercentage !== undefined && (randomSamplingPercentage < 0 || randomSamplingPercentage > 100)) {
    const message = 'randomSamplingPercentage must be in range [0.0, 100.0]';
    report('SLU2008', `${at}.randomSamplingPercentage`, message);
  }
  for (const [name, tag] of Object.entries(customTags ?? {})) {
    const path = fieldAt(`${at}.customTags`, name);
    const refuse = (message: string) => report('SLU2083', path, message);
    if (name === '') refuse('tag name may not be empty');
    checkOneOf(report, path, tag, ['literal', 'environment', 'header', 'formatter']);
    if (tag.literal?.value === '') refuse('literal tag value may not be empty');
    if (tag.header?.name === '') refuse('header tag name may not be empty');
    if (tag.environment?.name === '') refuse('environment tag name may not be empty');
  }
}

function checkOverride({ match, tagOverrides }: Override, at: FieldPath, report: Report): void {
  checkOneOf(report, `${at}.match`, match, ['metric', 'customMetric']);
  if (match?.customMetric === '') {
    const path = `${at}.match.customMetric`;
    report('SLU2083', path, `${path} in body should be at least 1 chars long: customMetric may not be empty`);
  }
  for (const [name, { operation = 'UPSERT', value = '' }] of Object.entries(tagOverrides ?? {})) {
    const path = fieldAt(`${at}.tagOverrides`, name);
    if (operation === 'UPSERT' && value === '') {
      report('SLU2083', path, 'tagOverrides.value must be set when operation is UPSERT');
    } else if (operation === 'REMOVE' && value !== '') {
      report('SLU2083', path, 'tagOverrides.value must not be set when operation is REMOVE');
    }
  }
}

const PARTNERS = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

/** Whether brackets and quotes of an expression in CEL have their partners: as far as it is looked at. */
function isBalanced(expression: string): boolean {
  const open: string[] = [];
  let quote = '';
  for (let i = 0; i < expression.length; i++) {
    const character = expression[i]!;
    if (quote !== '') {
      if (character === '\\') i++;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if ('([{'.includes(character)) open.push(character);
    else if (PARTNERS.has(character) && open.pop() !== PARTNERS.get(character)) return false;
  }
  return quote === '' && open.length === 0;
}
