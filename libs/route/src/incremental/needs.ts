// Which workloads the subsets of DestinationRules ask for: whether there are any is all that is said of them.
import {
  type DestinationRule,
  keyOf,
  type Resource,
  type ResourceKey,
  resolveHost,
  type WorkloadEntry,
} from '@sluice/resource';
import { type Labels, selects } from '../label.ts';
import { readWorkload } from '../workload.ts';
import type { ResourceIndex } from './resource-index.ts';
import { addWorkloads, wildcardsOver } from './surroundings.ts';
import { pairsOf, word } from './words.ts';

/** Workloads of a namespace with all of these labels. */
interface Need {
  readonly namespace: string;
  readonly labels: Labels;
}

export class Needs {
  readonly #byRule = new Map<ResourceKey, readonly Need[]>();
  /** Rules by namespace and one pair of each need, `*` for a need of no pair. */
  readonly #rules = new Map<string, Set<ResourceKey>>();

  /** To be called for a rule that is new, or whose host may be another's now. */
  put(index: ResourceIndex, rule: DestinationRule): void {
    const key = keyOf(rule);
    this.delete(key);
    const needs = needsOf(index, rule);
    if (needs.length === 0) return;
    this.#byRule.set(key, needs);
    for (const need of needs) {
      const place = placeOf(need);
      if (!this.#rules.has(place)) this.#rules.set(place, new Set());
      this.#rules.get(place)!.add(key);
    }
  }

  delete(rule: ResourceKey): void {
    for (const need of this.#byRule.get(rule) ?? []) this.#rules.get(placeOf(need))?.delete(rule);
    this.#byRule.delete(rule);
  }

  /** Rules with a need that one of the two meets and the other does not. */
  *rulesBetween(before: Resource | undefined, after: Resource | undefined): Generator<ResourceKey> {
    const [old, now] = [labelsOfWorkload(before), labelsOfWorkload(after)];
    const { namespace } = (before ?? after)!.metadata;
    const pairs = new Set(['*', ...pairsOf(old ?? {}), ...pairsOf(now ?? {})]);
    for (const pair of pairs) {
      for (const rule of this.#rules.get(`${namespace} ${pair}`) ?? []) {
        const isMet = (labels: Labels | undefined) => (need: Need) =>
          need.namespace === namespace && labels !== undefined && selects(need.labels, labels);
        const needs = this.#byRule.get(rule)!;
        if (needs.some((need) => isMet(old)(need) !== isMet(now)(need))) yield rule;
      }
    }
  }

  addWorkloads(index: ResourceIndex, rule: ResourceKey, into: Set<ResourceKey>): void {
    for (const { namespace, labels } of this.#byRule.get(rule) ?? []) addWorkloads(index, namespace, labels, into);
  }
}

/** A need for each subset on each resource that the rule's host might mean. */
function needsOf(index: ResourceIndex, { spec, metadata }: DestinationRule): Need[] {
  const needs: Need[] = [];
  for (const key of hostProviders(index, resolveHost(spec.host, metadata.namespace))) {
    const provider = index.get(key)!;
    const selector = selectorOf(provider);
    for (const { labels } of spec.subsets ?? [])
      needs.push({ namespace: provider.metadata.namespace, labels: { ...selector, ...labels } });
  }
  return needs;
}

/** Resources that a host may mean, each once: those of its name, and ServiceEntries of a wildcard that covers it. */
export function hostProviders(index: ResourceIndex, host: string): ReadonlySet<ResourceKey> {
  const keys = new Set(index.with(word.host(host)));
  for (const wildcard of wildcardsOver(host)) for (const key of index.with(word.host(wildcard))) keys.add(key);
  return keys;
}

function selectorOf(provider: Resource): Labels | undefined {
  if (provider.kind === 'Service') return provider.spec.selector;
  return provider.kind === 'ServiceEntry' ? provider.spec.workloadSelector?.labels : undefined;
}

export function labelsOfWorkload(resource: Resource | undefined): Labels | undefined {
  return resource === undefined
    ? undefined
    : readWorkload((resource as WorkloadEntry).spec, resource.metadata.labels)?.labels;
}

function placeOf({ namespace, labels }: Need): string {
  return `${namespace} ${pairsOf(labels).sort()[0] ?? '*'}`;
}
