// The authorization part of a plan: every policy in force once, and which of them each listener names.
import { type Complaint, complain } from '@sluice/resource';
import type { AuthorizationPlan } from '@sluice/route-table';
import { MAX_COMBINATIONS, planPolicy } from './authorization.ts';
import type { Catalog } from './catalog.ts';
import type { ReportAt } from './clusters.ts';
import type { EdgeGateway, Server } from './model.ts';
import { MAX_LOOKED_AT, reportNamelessPorts } from './nameless-ports.ts';
import type { Setting } from './options.ts';
import { byPrecedence } from './order.ts';
import { indexGateways, type PolicyScope, policyScope } from './policy-scope.ts';
import { claimKey } from './port-merge.ts';

export interface PlannedPolicies {
  readonly plans: readonly AuthorizationPlan[];
  /** Indexes of the policies in force on a listener with these servers. */
  readonly on: (servers: readonly Server[]) => readonly number[];
}

/**
 * Policies of all listeners together: each listener has its own list of them. 200 policies for the whole edge may hold on
 * 50,000 ports.
 */
export const MAX_HOLDS = 10_000_000;

export function planPolicies(catalog: Catalog, setting: Setting, report: ReportAt): PlannedPolicies {
  const plans: AuthorizationPlan[] = [];
  const scopes: PolicyScope[] = [];
  const allowance = { combinations: MAX_COMBINATIONS, namelessPorts: MAX_LOOKED_AT };
  const index = indexGateways(catalog.gateways);
  for (const policy of byPrecedence(catalog.byKind.AuthorizationPolicy, setting)) {
    const where = policyScope(policy, index, setting, report);
    const plan = where === undefined ? undefined : planPolicy(policy, allowance, report);
    if (where === undefined || plan === undefined) continue;
    const gateways = where === 'everywhere' ? [catalog.gateways] : where.gateways;
    reportNamelessPorts(policy, gateways, allowance, report);
    plans.push(plan);
    scopes.push(where);
  }
  let holding: Holding | undefined;
  return {
    plans,
    on: (servers) => {
      // Istio builds chains for AUTO_PASSTHROUGH without authorization: both ends are meshes that authorize themselves.
      if (servers.every((server) => server.kind === 'auto-passthrough')) return [];
      holding ??= holdingOf(scopes);
      const own = new Set<number>();
      for (const { gateway } of servers) for (const policy of holding.byGateway.get(gateway) ?? []) own.add(policy);
      return own.size === 0 ? holding.everywhere : [...own, ...holding.everywhere].sort((a, b) => a - b);
    },
  };
}

/** Indexes of policies, by where they hold. */
interface Holding {
  readonly everywhere: readonly number[];
  readonly byGateway: ReadonlyMap<EdgeGateway, readonly number[]>;
}

function holdingOf(scopes: readonly PolicyScope[]): Holding {
  const everywhere: number[] = [];
  const byGateway = new Map<EdgeGateway, number[]>();
  for (const [policy, where] of scopes.entries()) {
    if (where === 'everywhere') everywhere.push(policy);
    else
      for (const gateway of where.gateways.flat()) {
        const own = byGateway.get(gateway);
        if (own === undefined) byGateway.set(gateway, [policy]);
        else own.push(policy);
      }
  }
  return { everywhere, byGateway };
}

/** Whether policies hold on more listeners than `MAX_HOLDS`; looks at no more than it takes to know. */
export function holdTooOften({ byKind, gateways }: Catalog, setting: Setting): boolean {
  const policies = byKind.AuthorizationPolicy;
  if (policies.length === 0) return false;
  const ports = new Set(gateways.flatMap(({ servers }) => servers.map(claimKey))).size;
  const index = indexGateways(gateways);
  let holds = 0;
  for (const policy of policies) {
    const where = policyScope(policy, index, setting, () => {});
    if (where === 'everywhere') holds += ports;
    else
      for (const list of where?.gateways ?? []) {
        // A gateway without a port of its own is looked at too.
        for (const { servers } of list) holds += Math.max(1, servers.length);
        if (holds > MAX_HOLDS) return true;
      }
    if (holds > MAX_HOLDS) return true;
  }
  return false;
}

export function complainOfPolicies(): Complaint {
  const message = `policies hold more than ${MAX_HOLDS} times, counted on every port of the gateways where each holds`;
  return complain('SLU3041', '', '', message);
}
