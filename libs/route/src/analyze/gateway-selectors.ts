// IST0101: a Gateway whose selector fits no acceptor and no Pod.
import { keyOf } from '@sluice/resource';
import { tellLabels } from '../label.ts';
import type { Subject } from './subject.ts';

export function analyzeGatewaySelectors({ byKind, workloads, report }: Subject): void {
  for (const gateway of byKind.Gateway) {
    const { selector } = gateway.spec;
    if (workloads.firstGateway(selector) !== undefined) continue;
    report('SLU0101', keyOf(gateway), 'spec.selector', `Referenced selector not found: "${tellLabels(selector)}"`);
  }
}
