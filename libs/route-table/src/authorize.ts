// Whether a listener's policies let a connection pass. Runs for every connection: no object is made.

import { conditionsHold } from './condition-match.ts';
import type { Facts } from './facts.ts';
import { ACTION_ALLOW, ACTION_AUDIT, ACTION_DENY, LISTENER, POLICY, POLICY_RULE } from './layout.ts';
import type { RouteTable } from './table.ts';

export const ALLOWED = -1;
/** There are allow policies and none matches. */
export const NO_ALLOW_MATCHED = -2;

/** Matches reported for one connection; further ones are judged but not listed. */
const MAX_REPORTED = 64;

/** Reusable: what is only to be logged. */
export interface AuthorizationReport {
  /** Policies that matched without effect (audit, and dry-run of any action), the first `count` of the array. */
  readonly matched: Int32Array;
  count: number;
  /** What the dry-run policies by themselves would have said: ALLOWED, NO_ALLOW_MATCHED or the policy that denies. */
  dryRunVerdict: number;
}

export function createAuthorizationReport(): AuthorizationReport {
  return { matched: new Int32Array(MAX_REPORTED), count: 0, dryRunVerdict: ALLOWED };
}

/**
 * ALLOWED, NO_ALLOW_MATCHED, or the index (>= 0) of the policy that denies: the first in the listener's order. Istio's order: audit policies
 * only log, any deny closes, and where there are allow policies one must match. Dry-run policies are judged for the report alone. To be asked
 * after `match`: what is not known of the connection (server name, protocols) counts as not there.
 */
export function authorize(table: RouteTable, listener: number, facts: Facts, report?: AuthorizationReport): number {
  if (table.listeners[listener * LISTENER.stride + LISTENER.policiesCount] === 0) {
    if (report !== undefined) clearReport(report);
    return ALLOWED;
  }
  if (report !== undefined) fillReport(table, listener, facts, report);
  return verdict(table, listener, facts, 0);
}

function verdict(table: RouteTable, listener: number, facts: Facts, dryRun: number): number {
  const { listeners, lists, policies } = table;
  const start = listeners[listener * LISTENER.stride + LISTENER.policiesStart];
  const end = start + listeners[listener * LISTENER.stride + LISTENER.policiesCount];
  let hasAllow = false;
  let isAllowed = false;
  for (let i = start; i < end; i++) {
    const policy = lists[i];
    const at = policy * POLICY.stride;
    const action = policies[at + POLICY.action];
    if (policies[at + POLICY.dryRun] !== dryRun) continue;
    if (action === ACTION_DENY && policyMatches(table, at, facts)) return policy;
    if (action === ACTION_ALLOW) {
      hasAllow = true;
      isAllowed = isAllowed || policyMatches(table, at, facts);
    }
  }
  return hasAllow && !isAllowed ? NO_ALLOW_MATCHED : ALLOWED;
}

function policyMatches(table: RouteTable, policy: number, facts: Facts): boolean {
  const { policies, policyRules } = table;
  const start = policies[policy + POLICY.ruleStart];
  const end = start + policies[policy + POLICY.ruleCount];
  for (let rule = start; rule < end; rule++) {
    const at = rule * POLICY_RULE.stride;
    const first = policyRules[at + POLICY_RULE.conditionStart];
    if (conditionsHold(table, first, policyRules[at + POLICY_RULE.conditionCount], facts)) return true;
  }
  return false;
}

function clearReport(report: AuthorizationReport): void {
  report.count = 0;
  report.dryRunVerdict = ALLOWED;
}

function fillReport(table: RouteTable, listener: number, facts: Facts, report: AuthorizationReport): void {
  const { listeners, lists, policies } = table;
  clearReport(report);
  const start = listeners[listener * LISTENER.stride + LISTENER.policiesStart];
  const end = start + listeners[listener * LISTENER.stride + LISTENER.policiesCount];
  for (let i = start; i < end && report.count < report.matched.length; i++) {
    const at = lists[i] * POLICY.stride;
    const hasEffect = policies[at + POLICY.action] !== ACTION_AUDIT && policies[at + POLICY.dryRun] === 0;
    if (!hasEffect && policyMatches(table, at, facts)) report.matched[report.count++] = lists[i];
  }
  report.dryRunVerdict = verdict(table, listener, facts, 1);
}
