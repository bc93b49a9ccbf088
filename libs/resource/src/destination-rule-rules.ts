// Rules of DestinationRule (istio/istio pkg/config/validation: ValidateDestinationRule).
import { wildcardDomainProblem } from './domain.ts';
import type { FieldPath } from './field-path.ts';
import type { Report } from './issue.ts';
import type { DestinationRule } from './resource.ts';
import { checkSubsetName } from './route-rules.ts';
import { check, checkExportTo, checkLabels, checkSelector } from './shared-rules.ts';
import type { ClientTls, TrafficPolicy } from './traffic-policy.ts';
import { checkTrafficPolicy } from './traffic-policy-rules.ts';

export function checkDestinationRule({ metadata, spec }: DestinationRule, report: Report): void {
  check(report, 'SLU2002', 'spec.host', wildcardDomainProblem(spec.host));
  checkTrafficPolicy(spec.trafficPolicy, 'spec.trafficPolicy', report);
  checkConfigMaps(spec.trafficPolicy, 'spec.trafficPolicy', metadata.namespace, report);
  const names = new Set<string>();
  for (const [i, subset] of (spec.subsets ?? []).entries()) {
    const at = `spec.subsets[${i}]`;
    if (names.has(subset.name)) report('SLU2014', `${at}.name`, `duplicate subset names: ${subset.name}`);
    names.add(subset.name);
    checkSubsetName(report, `${at}.name`, subset.name);
    checkLabels(report, `${at}.labels`, subset.labels);
    checkTrafficPolicy(subset.trafficPolicy, `${at}.trafficPolicy`, report);
    checkConfigMaps(subset.trafficPolicy, `${at}.trafficPolicy`, metadata.namespace, report);
  }
  const selector = spec.workloadSelector;
  checkExportTo(report, spec.exportTo, metadata.namespace, { selectsWorkloads: selector !== undefined });
  if (selector !== undefined) checkSelector(report, 'spec.workloadSelector', selector.matchLabels, '');
}

const CONFIG_MAP = 'configmap://';

/** Certificates may come from a ConfigMap: `configmap://name`, or `configmap://namespace/name` of the rule's own namespace. */
function checkConfigMaps(policy: TrafficPolicy | undefined, at: FieldPath, own: string, report: Report): void {
  const check = (tls: ClientTls | undefined, path: FieldPath) => {
    if (!tls?.credentialName?.startsWith(CONFIG_MAP)) return;
    const parts = tls.credentialName.slice(CONFIG_MAP.length).split('/');
    const refuse = (why: string) =>
      report('SLU2054', `${path}.credentialName`, `invalid ${CONFIG_MAP} credentialName: ${why}`);
    if (parts.length > 2 || parts.includes('')) refuse('it must be NAME or NAMESPACE/NAME');
    else if (parts.length === 2 && parts[0] !== own) {
      refuse(`namespace must match the configuration namespace ${JSON.stringify(own)}`);
    }
  };
  check(policy?.tls, `${at}.tls`);
  for (const [i, { tls }] of (policy?.portLevelSettings ?? []).entries())
    check(tls, `${at}.portLevelSettings[${i}].tls`);
}
