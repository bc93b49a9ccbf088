// Writes authorization policies.

import { writeConditions } from './conditions.ts';
import { TableFault } from './fault.ts';
import { ACTIONS } from './layout.ts';
import type { AuthorizationPlan } from './plan.ts';
import type { TableWriter } from './writer.ts';

export function writePolicies(writer: TableWriter, policies: readonly AuthorizationPlan[]): void {
  for (const { name, action, dryRun, rules } of policies) {
    const actionIndex = ACTIONS.indexOf(action);
    if (actionIndex < 0) throw new TableFault('table_value', `no such action: ${action}`);
    const ruleStart = writer.recordCount('policyRules');
    for (const conditions of rules) {
      const { start, count } = writeConditions(writer, conditions, false);
      writer.record('policyRules', [start, count]);
    }
    writer.record('policies', [writer.strings.id(name), actionIndex, dryRun ? 1 : 0, ruleStart, rules.length]);
  }
}
