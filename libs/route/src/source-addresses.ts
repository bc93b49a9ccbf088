// Whom `sourceLabels` and `sourceNamespace` ask for: WorkloadEntries by their addresses.
import { type Complaint, canonicalJson, complain } from '@sluice/resource';
import { isEmpty, type Labels } from './label.ts';
import { type LabelIndex, newLabelIndex, selectLabelled } from './label-index.ts';
import type { RouteMatch, RouteSource } from './model.ts';
import type { Workload, Workloads } from './workload.ts';

/**
 * Workloads that all matches ask for together, each counted at every port where it is tried: there the rules have an index of
 * their addresses. Small files can ask for billions.
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

/** At how many ports a match is tried. */
export type TimesTried = (source: RouteSource, protocol: 'tcp' | 'tls', match: RouteMatch) => number;

/** Whether the routes ask for more than `MAX_SOURCES`; looks at no more than it takes to know. */
export function asksForTooMany(
  routes: Iterable<RouteSource>,
  { namespaces, count }: WorkloadCounts,
  timesTried: TimesTried,
): boolean {
  let asked = 0;
  for (const source of routes) {
    // Rules for the mesh only are never compiled.
    if (source.gateways.length === 0) continue;
    for (const [protocol, match] of questionsOf(source)) {
      const times = Math.max(1, timesTried(source, protocol, match));
      for (const namespace of match.sourceNamespace === undefined ? namespaces : [match.sourceNamespace]) {
        asked += times * (1 + rarest(match.sourceLabels, (pair) => count(namespace, pair)));
        if (asked > MAX_SOURCES) return true;
      }
    }
  }
  return false;
}

function* questionsOf(source: RouteSource): Generator<readonly ['tcp' | 'tls', RouteMatch]> {
  for (const protocol of ['tcp', 'tls'] as const)
    for (const { matches } of source[protocol])
      for (const match of matches) if (asksForSource(match)) yield [protocol, match];
}

/** As many as `selectLabelled` looks at. */
function rarest(labels: Labels | undefined, count: (pair: string | undefined) => number): number {
  if (isEmpty(labels)) return count(undefined);
  let least = Number.POSITIVE_INFINITY;
  for (const key in labels) least = Math.min(least, count(`${key}=${labels[key]}`));
  return least;
}

export function complainOfSources(): Complaint {
  const message = `sourceLabels and sourceNamespace of all routes together ask for more than ${MAX_SOURCES} workloads, counted at every port where they are tried`;
  return complain('SLU3038', '', '', message);
}
