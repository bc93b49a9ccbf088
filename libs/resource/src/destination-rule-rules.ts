// Rules of DestinationRule (istio/istio pkg/config/validation: ValidateDestinationRule).
import { wildcardDomainProblem } from './domain.ts';
import type { Report } from './issue.ts';
import type { DestinationRule } from './resource.ts';
import { checkSubsetName } from './route-rules.ts';
import { check, checkExportTo, checkLabels, checkSelector } from './shared-rules.ts';
import { checkTrafficPolicy } from './traffic-policy-rules.ts';

export function checkDestinationRule({ metadata, spec }: DestinationRule, report: Report): void {
  check(report, 'SLU2002', 'spec.host', wildcardDomainProblem(spec.host));
  checkTrafficPolicy(spec.trafficPolicy, 'spec.trafficPolicy', report);
  const names = new Set<string>();
  for (const [i, subset] of (spec.subsets ?? []).entries()) {
    const at = `spec.subsets[${i}]`;
    if (names.has(subset.name)) report('SLU2014', `${at}.name`, `duplicate subset names: ${subset.name}`);
    names.add(subset.name);
    checkSubsetName(report, `${at}.name`, subset.name);
    checkLabels(report, `${at}.labels`, subset.labels);
    checkTrafficPolicy(subset.trafficPolicy, `${at}.trafficPolicy`, report);
  }
  const selector = spec.workloadSelector;
  checkExportTo(report, spec.exportTo, metadata.namespace, { selectsWorkloads: selector !== undefined });
  if (selector !== undefined) checkSelector(report, 'spec.workloadSelector', selector.matchLabels, '');
}
