// Rules of ProxyConfig (istio/istio pkg/config/validation: ValidateProxyConfig, and the CRD's rules).
import type { Report } from './issue.ts';
import { checkPolicyTargets } from './policy-target-rules.ts';
import type { ProxyConfigSpec } from './proxy-config.ts';

export function checkProxyConfig({ selector, concurrency = 0 }: ProxyConfigSpec, report: Report): void {
  checkPolicyTargets({ selector }, report, report);
  const labels = selector?.matchLabels;
  if (labels !== undefined && Object.keys(labels).length === 0) {
    const at = 'spec.selector.matchLabels';
    report('SLU2010', at, `${at} in body should have at least 1 properties`);
  }
  if (concurrency < 0) {
    const message = 'spec.concurrency in body should be greater than or equal to 0';
    report('SLU2083', 'spec.concurrency', `${message}: concurrency must be greater than or equal to 0`);
  }
}
