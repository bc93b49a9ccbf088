// Which DestinationRule holds for a host: merged per namespace and host, then chosen as Istio chooses
// (`pilot/pkg/model/push_context.go` destinationRule, `destination_rule.go` mergeDestinationRule).
import {
  type Code,
  type DestinationRule,
  keyOf,
  type ResourceKey,
  resolveHost,
  type Subset,
  type TrafficPolicy,
} from '@sluice/resource';
import { isEmpty, selects } from './label.ts';
import type { Setting } from './options.ts';
import { byPrecedence } from './order.ts';
import { isVisible, type Visibility, visibilityOf } from './visibility.ts';

/** The rules of one host in one namespace, as one. */
export interface MergedRule {
  readonly host: string;
  readonly namespace: string;
  /** Whose policies it holds, the first that counts first. */
  readonly keys: ResourceKey[];
  readonly visibility: Visibility;
  readonly trafficPolicy: TrafficPolicy | undefined;
  readonly subsets: Map<string, Subset>;
}

export interface RuleDrop {
  readonly code: Code;
  readonly key: ResourceKey;
  readonly path: string;
  readonly message: string;
}

/** Rules of one namespace by host; wildcards apart, the longest first. */
interface NamespaceRules {
  readonly exact: Map<string, MergedRule>;
  readonly wildcards: Map<string, MergedRule>;
}

export interface DestinationRules {
  /** Those bound to this acceptor by a workload selector, which hold before the others of the same step. */
  readonly selecting: ReadonlyMap<string, NamespaceRules>;
  readonly general: ReadonlyMap<string, NamespaceRules>;
  /** `HOST SUBSET` of every rule, whether it is followed or not. */
  readonly named: ReadonlySet<string>;
  readonly drops: readonly RuleDrop[];
}

export function indexDestinationRules(rules: Iterable<DestinationRule>, setting: Setting): DestinationRules {
  const selecting = new Map<string, NamespaceRules>();
  const general = new Map<string, NamespaceRules>();
  const named = new Set<string>();
  const drops: RuleDrop[] = [];
  for (const rule of byPrecedence(rules, setting)) {
    const host = resolveHost(rule.spec.host, rule.metadata.namespace);
    for (const { name } of rule.spec.subsets ?? []) named.add(`${host} ${name}`);
    const selector = rule.spec.workloadSelector?.matchLabels;
    if (isEmpty(selector)) merge(rule, general, drops);
    else if (rule.metadata.namespace === setting.namespace && selects(selector, setting.labels))
      merge(rule, selecting, drops);
  }
  return { selecting, general, named, drops };
}

function merge(rule: DestinationRule, into: Map<string, NamespaceRules>, drops: RuleDrop[]): void {
  const { namespace } = rule.metadata;
  const host = resolveHost(rule.spec.host, namespace);
  const key = keyOf(rule);
  if (!into.has(namespace)) into.set(namespace, { exact: new Map(), wildcards: new Map() });
  const rules = into.get(namespace)!;
  const hosts = host.startsWith('*') ? rules.wildcards : rules.exact;
  const first = hosts.get(host);
  const subsets = first?.subsets ?? new Map<string, Subset>();
  (rule.spec.subsets ?? []).forEach((subset, index) => {
    if (!subsets.has(subset.name)) subsets.set(subset.name, subset);
    else if (first !== undefined)
      drops.push({
        code: 'SLU3005',
        key,
        path: `spec.subsets[${index}]`,
        message: `duplicate subset ${subset.name} found while merging destination rules for ${host}: ${first.keys[0]} came first`,
      });
  });
  if (first === undefined) {
    const visibility = visibilityOf(rule.spec.exportTo, namespace);
    hosts.set(host, { host, namespace, keys: [key], visibility, trafficPolicy: rule.spec.trafficPolicy, subsets });
    return;
  }
  first.keys.push(key);
  if (first.trafficPolicy !== undefined && rule.spec.trafficPolicy !== undefined)
    drops.push({
      code: 'SLU3005',
      key,
      path: 'spec.trafficPolicy',
      message: `trafficPolicy of another DestinationRule for ${host} is not used: ${first.keys[0]} came first`,
    });
  hosts.set(host, { ...first, trafficPolicy: first.trafficPolicy ?? rule.spec.trafficPolicy });
}

/**
 * The rule for a host whose backend is in `namespace` (undefined: unknown): the acceptor's namespace, then the backend's,
 * then the root namespace; in each the most specific host. The acceptor's own namespace goes last if it is the root, so
 * that mesh-wide rules do not hide those beside a service. None for '', the host of what leads nowhere.
 */
export function findDestinationRule(
  rules: DestinationRules,
  host: string,
  namespace: string | undefined,
  setting: Setting,
): MergedRule | undefined {
  if (host === '') return undefined;
  const steps: { readonly namespace: string; readonly accept: (rule: MergedRule) => boolean }[] = [];
  const exported = (rule: MergedRule) => isVisible(rule.visibility, setting.namespace);
  if (setting.namespace !== setting.rootNamespace) steps.push({ namespace: setting.namespace, accept: exported });
  else steps.push({ namespace: setting.namespace, accept: (rule) => isPrivate(rule) });
  if (namespace !== undefined) steps.push({ namespace, accept: exported });
  steps.push({ namespace: setting.rootNamespace, accept: exported });
  for (const step of steps) {
    const own = mostSpecific(rules.selecting.get(step.namespace), host, exported);
    const found = own ?? mostSpecific(rules.general.get(step.namespace), host, step.accept);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isPrivate(rule: MergedRule): boolean {
  return rule.visibility.size === 1 && rule.visibility.has(rule.namespace);
}

function mostSpecific(
  rules: NamespaceRules | undefined,
  host: string,
  accept: (rule: MergedRule) => boolean,
): MergedRule | undefined {
  if (rules === undefined) return undefined;
  const exact = rules.exact.get(host) ?? rules.wildcards.get(host);
  if (exact !== undefined) return accept(exact) ? exact : undefined;
  if (rules.wildcards.size === 0) return undefined;
  const text = host.startsWith('*') ? host.slice(1) : host;
  for (let at = 0; at <= text.length; at++) {
    const wildcard = rules.wildcards.get(`*${text.slice(at)}`);
    if (wildcard !== undefined && accept(wildcard)) return wildcard;
  }
  return undefined;
}
