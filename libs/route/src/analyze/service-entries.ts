// IST0134: ServiceEntries whose TCP ports have no address of their own.
import { keyOf } from '@sluice/resource';
import type { Subject } from './subject.ts';

/** Kubernetes keeps addresses that were given to a ServiceEntry in its status, which a manifest here does not have. */
export function analyzeServiceEntries({ byKind, report }: Subject): void {
  for (const entry of byKind.ServiceEntry) {
    if ((entry.spec.addresses ?? []).length > 0) continue;
    (entry.spec.ports ?? []).forEach(({ protocol = '' }, index) => {
      if (protocol === '' || protocol.toUpperCase() === 'TCP')
        report(
          'SLU0134',
          keyOf(entry),
          `spec.ports[${index}]`,
          'ServiceEntry addresses are required for this protocol.',
        );
    });
  }
}
