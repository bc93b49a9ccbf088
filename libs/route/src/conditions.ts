// What a match asks of a connection besides port, gateway and server name. Istio ignores all of it at a gateway.
import type { Condition } from '@sluice/route-table';
import { validBlocks } from './address.ts';
import type { RouteMatch } from './model.ts';
import { asksForSource, sourceAddresses } from './source-addresses.ts';
import type { Workloads } from './workload.ts';

interface Known {
  readonly workloads: Workloads;
  readonly conditions: readonly Condition[] | undefined;
}

/** A match with thousands of subnets may be tried at thousands of ports. */
const known = new WeakMap<RouteMatch, Known>();

/** Undefined if no connection can meet the conditions: no workload has the labels asked for. One list for the same match. */
export function matchConditions(match: RouteMatch, workloads: Workloads): readonly Condition[] | undefined {
  let found = known.get(match);
  if (found?.workloads !== workloads)
    known.set(match, (found = { workloads, conditions: readConditions(match, workloads) }));
  return found.conditions;
}

function readConditions(match: RouteMatch, workloads: Workloads): readonly Condition[] | undefined {
  const conditions: Condition[] = [];
  if (match.sourceSubnet !== undefined) conditions.push({ fact: 'remote', cidrs: validBlocks([match.sourceSubnet]) });
  if (match.destinationSubnets !== undefined)
    conditions.push({ fact: 'destination', cidrs: validBlocks(match.destinationSubnets) });
  if (asksForSource(match)) {
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
