// What a match asks of a connection besides port, gateway and server name. Istio ignores all of it at a gateway.
import { canonicalJson } from '@sluice/resource';
import type { Condition } from '@sluice/route-table';
import { validBlocks } from './address.ts';
import { type LabelIndex, newLabelIndex, selectLabelled } from './label-index.ts';
import type { RouteMatch } from './model.ts';
import type { Workload, Workloads } from './workload.ts';

/** Undefined if no connection can meet the conditions: no workload has the labels asked for. */
export function matchConditions(match: RouteMatch, workloads: Workloads): readonly Condition[] | undefined {
  const conditions: Condition[] = [];
  if (match.sourceSubnet !== undefined) conditions.push({ fact: 'remote', cidrs: validBlocks([match.sourceSubnet]) });
  if (match.destinationSubnets !== undefined)
    conditions.push({ fact: 'destination', cidrs: validBlocks(match.destinationSubnets) });
  if (match.sourceLabels !== undefined || match.sourceNamespace !== undefined) {
    const cidrs = sourceAddresses(match, workloads);
    if (cidrs.length === 0) return undefined;
    conditions.push({ fact: 'remote', cidrs });
  }
  if (match.alpn !== undefined) conditions.push({ fact: 'alpn', protocols: match.alpn });
  return conditions;
}

/** Names of the fields that Istio would not look at, for a notice. */
export function honouredFields(match: RouteMatch): readonly string[] {
  return (['sourceSubnet', 'destinationSubnets', 'sourceLabels', 'sourceNamespace'] as const).filter(
    (field) => match[field] !== undefined,
  );
}

/** By what is asked for: thousands of rules may ask for the same thousands of workloads. */
const known = new WeakMap<Workloads, Map<string, readonly string[]>>();

/** IP addresses of the WorkloadEntries with these labels, in this namespace if one is given; one list for the same question. */
function sourceAddresses(match: RouteMatch, workloads: Workloads): readonly string[] {
  let answers = known.get(workloads);
  if (answers === undefined) known.set(workloads, (answers = new Map()));
  const question = canonicalJson([match.sourceNamespace ?? null, match.sourceLabels ?? {}]);
  let addresses = answers.get(question);
  if (addresses === undefined) answers.set(question, (addresses = findAddresses(match, workloads)));
  return addresses;
}

function findAddresses(match: RouteMatch, workloads: Workloads): readonly string[] {
  const indexes: readonly LabelIndex<Workload>[] =
    match.sourceNamespace === undefined
      ? [...workloads.values()]
      : [workloads.get(match.sourceNamespace) ?? newLabelIndex<Workload>()];
  const addresses = new Set<string>();
  for (const index of indexes)
    for (const { address, isIp } of selectLabelled(index, match.sourceLabels ?? {})) if (isIp) addresses.add(address);
  return [...addresses].sort();
}
