// The authorization part of a plan: every policy in force once, and which of them each listener names.
import type { AuthorizationPlan } from '@sluice/route-table';
import { MAX_COMBINATIONS, planPolicy } from './authorization.ts';
import type { Catalog } from './catalog.ts';
import type { ReportAt } from './clusters.ts';
import type { Server } from './model.ts';
import { reportNamelessPorts } from './nameless-ports.ts';
import type { Setting } from './options.ts';
import { byPrecedence } from './order.ts';
import { type PolicyScope, policyScope } from './policy-scope.ts';

export interface PlannedPolicies {
  readonly plans: readonly AuthorizationPlan[];
  /** Indexes of the policies in force on a listener with these servers. */
  readonly on: (servers: readonly Server[]) => readonly number[];
}

export function planPolicies(catalog: Catalog, setting: Setting, report: ReportAt): PlannedPolicies {
  const plans: AuthorizationPlan[] = [];
  const scopes: PolicyScope[] = [];
  const allowance = { combinations: MAX_COMBINATIONS };
  for (const policy of byPrecedence(catalog.byKind.AuthorizationPolicy, setting)) {
    const where = policyScope(policy, catalog.gateways, setting, report);
    const plan = where === undefined ? undefined : planPolicy(policy, allowance, report);
    if (where === undefined || plan === undefined) continue;
    reportNamelessPorts(policy, where === 'everywhere' ? catalog.gateways : where.gateways, report);
    plans.push(plan);
    scopes.push(where);
  }
  return {
    plans,
    on: (servers) => {
      // Istio builds chains for AUTO_PASSTHROUGH without authorization: both ends are meshes that authorize themselves.
      if (servers.every((server) => server.kind === 'auto-passthrough')) return [];
      const gateways = new Set(servers.map((server) => server.gateway));
      return plans.flatMap((_plan, index) => {
        const where = scopes[index]!;
        return where === 'everywhere' || !where.gateways.isDisjointFrom(gateways) ? [index] : [];
      });
    },
  };
}
