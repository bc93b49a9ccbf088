// What a policy may be attached to: one selector, or references (istio/istio pkg/config/validation: validateOneOfSelectorType).
import type { PolicyTarget } from './authorization-policy.ts';
import type { FieldPath } from './field-path.ts';
import type { Report } from './issue.ts';
import { checkSelector } from './shared-rules.ts';

const TARGETS = new Set([
  'core/Service',
  'networking.istio.io/ServiceEntry',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/GatewayClass',
]);

interface Targets {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> | undefined } | undefined;
  readonly targetRef?: PolicyTarget | undefined;
  readonly targetRefs?: readonly PolicyTarget[] | undefined;
}

/** `warn` gets what is only doubtful, `report` all else. */
export function checkPolicyTargets(spec: Targets, report: Report, warn: Report): void {
  const { selector, targetRef, targetRefs = [] } = spec;
  const set = [selector !== undefined, targetRef !== undefined, targetRefs.length > 0].filter(Boolean).length;
  if (set > 1) report('SLU2074', 'spec', 'only one of targetRefs or workloadSelector can be set');
  if (selector !== undefined) {
    const routed: Report = (code, path, message) => (code === 'SLU2011' ? warn : report)(code, path, message);
    checkSelector(routed, 'spec.selector', selector.matchLabels, '');
  }
  if (targetRef !== undefined) checkTarget(targetRef, 'spec.targetRef', report);
  for (const [i, target] of targetRefs.entries()) checkTarget(target, `spec.targetRefs[${i}]`, report);
}

export function checkTarget({ group, kind, name, namespace }: PolicyTarget, at: FieldPath, report: Report): void {
  if (name === '') report('SLU2074', `${at}.name`, 'targetRef name must be set');
  if (namespace) {
    const message = 'targetRef namespace must not be set; cross namespace referencing is not supported';
    report('SLU2074', `${at}.namespace`, message);
  }
  if (!TARGETS.has(`${group || 'core'}/${kind}`)) {
    report('SLU2074', at, `targetRef must be to one of [${[...TARGETS].join(' ')}] but was ${group ?? ''}/${kind}`);
  }
}
