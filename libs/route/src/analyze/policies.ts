// IST0127, IST0101 and IST0168: AuthorizationPolicies that select no workload, name namespaces that are not there, or mean the
// pods of a Gateway of the Gateway API.
import { type AuthorizationPolicy, keyOf } from '@sluice/resource';
import { selects, tellLabels } from '../label.ts';
import { selectLabelled, selectScopedLabelled } from '../label-index.ts';
import { compareText } from '../order.ts';
import type { Subject } from './subject.ts';

export function analyzePolicies(subject: Subject): void {
  const namespaces = knownNamespaces(subject);
  for (const policy of subject.byKind.AuthorizationPolicy) {
    reportUnmatched(subject, policy);
    reportGatewaySelector(subject, policy);
    reportNamespaces(subject, policy, namespaces);
  }
}

/** Istio gives this label to the pods that it makes for a Gateway of the Gateway API. */
const GATEWAY_NAME_LABEL = 'gateway.networking.k8s.io/gateway-name';

function reportGatewaySelector({ setting, report }: Subject, policy: AuthorizationPolicy): void {
  const { spec } = policy;
  if (spec.targetRef !== undefined || (spec.targetRefs ?? []).length > 0) return;
  const selector = spec.selector?.matchLabels ?? {};
  const gateway = selector[GATEWAY_NAME_LABEL];
  if (gateway === undefined || selects(selector, setting.labels)) return;
  report(
    'SLU0168',
    keyOf(policy),
    'spec.selector',
    `Ineffective selector on Kubernetes Gateway ${gateway}. Use the TargetRef field instead.`,
  );
}

/** One in the root namespace is for every namespace; without a selector it needs no workload. */
function reportUnmatched({ workloads, setting, report }: Subject, policy: AuthorizationPolicy): void {
  const { spec, metadata } = policy;
  if (spec.targetRef !== undefined || (spec.targetRefs ?? []).length > 0) return;
  const root = metadata.namespace === setting.rootNamespace;
  if (root && spec.selector === undefined) return;
  const selector = spec.selector?.matchLabels ?? {};
  const found = root
    ? selectLabelled(workloads.all, selector)
    : selectScopedLabelled(workloads.byNamespace, metadata.namespace, selector);
  if (found.length > 0) return;
  // A selector that fits the acceptor holds on the Gateways of its namespace.
  if (
    spec.selector !== undefined &&
    workloads.gateways.some((one) => one.namespace === setting.namespace && fits(selector, one.labels))
  )
    return;
  report(
    'SLU0127',
    keyOf(policy),
    'spec.selector',
    `No matching workloads for this resource with the following labels: ${tellLabels(spec.selector?.matchLabels)}`,
  );
}

function fits(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(selector);
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}

interface Names {
  readonly all: ReadonlySet<string>;
  /** In order, as they are and read backwards: thousands of patterns may be looked for among thousands of names. */
  readonly sorted: readonly string[];
  readonly backwards: readonly string[];
}

/** A namespace is there if it was published, or if anything is in it. */
function knownNamespaces({ byKind, ignored, setting }: Subject): Names {
  const known = new Set([setting.namespace, setting.rootNamespace]);
  for (const { kind, metadata } of ignored) known.add(kind === 'Namespace' ? metadata.name : metadata.namespace);
  for (const resources of Object.values(byKind)) for (const { metadata } of resources) known.add(metadata.namespace);
  return { all: known, sorted: [...known].sort(compareText), backwards: [...known].map(backwards).sort(compareText) };
}

function reportNamespaces({ report }: Subject, policy: AuthorizationPolicy, known: Names): void {
  (policy.spec.rules ?? []).forEach((rule, i) => {
    (rule.from ?? []).forEach(({ source }, j) => {
      for (const field of ['namespaces', 'notNamespaces'] as const) {
        (source?.[field] ?? []).forEach((pattern, k) => {
          if (!isKnown(pattern, known))
            report(
              'SLU0101',
              keyOf(policy),
              `spec.rules[${i}].from[${j}].source.${field}[${k}]`,
              `Referenced namespace not found: "${pattern}"`,
            );
        });
      }
    });
  });
}

function isKnown(pattern: string, { all, sorted, backwards: turned }: Names): boolean {
  if (pattern === '*' || all.has(pattern)) return true;
  const text = pattern.toLowerCase();
  if (text.startsWith('*')) return hasPrefix(turned, backwards(text.slice(1)));
  if (text.endsWith('*')) return hasPrefix(sorted, text.slice(0, -1));
  return all.has(text);
}

function hasPrefix(sorted: readonly string[], prefix: string): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareText(sorted[middle]!, prefix) < 0) low = middle + 1;
    else high = middle;
  }
  return sorted[low]?.startsWith(prefix) === true;
}

/** By code unit. */
function backwards(text: string): string {
  return text.split('').reverse().join('');
}
