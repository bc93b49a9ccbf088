// Rules of PeerAuthentication (istio/istio pkg/config/validation: ValidatePeerAuthentication, and the CRD's rules).
import { fieldAt } from './field-path.ts';
import type { Report } from './issue.ts';
import type { PeerAuthenticationSpec } from './peer-authentication.ts';
import { checkPolicyTargets } from './policy-target-rules.ts';
import { checkEntryPort } from './workload-entry-rules.ts';

const AT = 'spec.portLevelMtls';

export function checkPeerAuthentication({ selector, portLevelMtls }: PeerAuthenticationSpec, report: Report): void {
  checkPolicyTargets({ selector }, report, report);
  if (portLevelMtls === undefined) return;
  const ports = Object.keys(portLevelMtls);
  if (ports.length === 0) {
    const message = 'port level mTLS, if defined, must have at least one element';
    report('SLU2083', AT, `${AT} in body should have at least 1 properties: ${message}`);
  } else if (Object.keys(selector?.matchLabels ?? {}).length === 0) {
    const message = 'mesh/namespace peer authentication cannot have port level mTLS';
    report('SLU2083', AT, `portLevelMtls requires selector: ${message}`);
  }
  for (const port of ports) {
    const path = fieldAt(AT, port);
    if (/^\d{1,10}$/.test(port)) checkEntryPort(report, path, Number(port));
    else report('SLU2001', path, `type conversion error from ${JSON.stringify(port)} to a port`);
  }
}
