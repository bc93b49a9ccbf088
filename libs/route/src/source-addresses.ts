// Whom `sourceLabels` and `sourceNamespace` ask for: WorkloadEntries by their addresses.
import { type Complaint, canonicalJson, complain } from '@sluice/resource';
import { isEmpty, type Labels } from './label.ts';
import { type LabelIndex, newLabelIndex, selectLabelled } from './label-index.ts';
import type { RouteMatch, RouteSource } from './model.ts';
import type { Workload, Workloads } from './workload.ts';

/**
 * Workloads looked at for all different questions together, and namespaces they are sought in. Each question has a list of
 * its own, so that some thousand questions about as many workloads would fill memory.
 */
export const MAX_SOURCES = 1_000_000;

type Asking = Pick<RouteMatch, 'sourceLabels' | 'sourceNamespace'>;

export function asksForSource({ sourceLabels, sourceNamespace }: Asking): boolean {
  return sourceLabels !== undefined || sourceNamespace !== undefined;
}

/** By what is asked for: thousands of rules may ask for the same thousands of workloads. */
const known = new WeakMap<Workloads, Map<string, readonly string[]>>();

/** IP addresses of the WorkloadEntries with these labels, in this namespace if one is given; one list for the same question. */
export function sourceAddresses(asking: Asking, workloads: Workloads): readonly string[] {
  let answers = known.get(workloads);
  if (answers === undefined) known.set(workloads, (answers = new Map()));
  const question = questionOf(asking);
  let addresses = answers.get(question);
  if (addresses === undefined) answers.set(question, (addresses = findAddresses(asking, workloads)));
  return addresses;
}

function questionOf({ sourceLabels, sourceNamespace }: Asking): string {
  return canonicalJson([sourceNamespace ?? null, sourceLabels ?? {}]);
}

function findAddresses({ sourceLabels, sourceNamespace }: Asking, workloads: Workloads): readonly string[] {
  const indexes: readonly LabelIndex<Workload>[] =
    sourceNamespace === undefined
      ? [...workloads.values()]
      : [workloads.get(sourceNamespace) ?? newLabelIndex<Workload>()];
  const addresses = new Set<string>();
  for (const index of indexes)
    for (const { address, isIp } of selectLabelled(index, sourceLabels ?? {})) if (isIp) addresses.add(address);
  return [...addresses].sort();
}

/** How many workloads there are in a namespace, with a label (`key=value`) if one is given. */
export interface WorkloadCounts {
  readonly namespaces: readonly string[];
  count(namespace: string, pair: string | undefined): number;
}

export function countWorkloads(workloads: Workloads): WorkloadCounts {
  return {
    namespaces: [...workloads.keys()],
    count: (namespace, pair) => {
      const index = workloads.get(namespace);
      return (pair === undefined ? index?.all : index?.byLabel.get(pair))?.length ?? 0;
    },
  };
}

/** Whether answering all questions of the routes goes beyond `MAX_SOURCES`; looks at no more than it takes to know. */
export function asksForTooMany(routes: Iterable<RouteSource>, { namespaces, count }: WorkloadCounts): boolean {
  const asked = new Set<string>();
  let looked = 0;
  for (const match of questionsIn(routes)) {
    const question = questionOf(match);
    if (asked.has(question)) continue;
    asked.add(question);
    for (const namespace of match.sourceNamespace === undefined ? namespaces : [match.sourceNamespace]) {
      looked += 1 + rarest(match.sourceLabels, (pair) => count(namespace, pair));
      if (looked > MAX_SOURCES) return true;
    }
  }
  return false;
}

/** Rules for the mesh only are never compiled. */
function* questionsIn(routes: Iterable<RouteSource>): Generator<RouteMatch> {
  for (const { gateways, tcp, tls } of routes) {
    if (gateways.length === 0) continue;
    for (const { matches } of [...tcp, ...tls]) for (const match of matches) if (asksForSource(match)) yield match;
  }
}

/** As many as `selectLabelled` looks at. */
function rarest(labels: Labels | undefined, count: (pair: string | undefined) => number): number {
  if (isEmpty(labels)) return count(undefined);
  let least = Number.POSITIVE_INFINITY;
  for (const key in labels) least = Math.min(least, count(`${key}=${labels[key]}`));
  return least;
}

export function complainOfSources(): Complaint {
  const message = `sourceLabels and sourceNamespace of all routes together ask for more than ${MAX_SOURCES} workloads`;
  return complain('SLU3038', '', '', message);
}
