// IST0101 for the Gateway API: routes to Services that are not there, or to a port they do not have.
import { keyOf, serviceHost } from '@sluice/resource';
import { hasPort } from './host-scope.ts';
import type { Subject } from './subject.ts';

export function analyzeBackends({ byKind, hosts, report }: Subject): void {
  for (const route of [...byKind.TCPRoute, ...byKind.TLSRoute]) {
    for (const [i, rule] of route.spec.rules.entries()) {
      for (const [j, { group = '', kind = 'Service', name, namespace, port }] of rule.backendRefs.entries()) {
        if (group !== '' || kind !== 'Service') continue;
        const host = serviceHost(name, namespace ?? route.metadata.namespace);
        const known = hosts.exact.get(host)?.first;
        const path = `spec.rules[${i}].backendRefs[${j}]`;
        if (known === undefined) report('SLU0101', keyOf(route), path, `Referenced host not found: "${host}"`);
        else if (port !== undefined && !hasPort(known, port))
          report('SLU0101', keyOf(route), path, `Referenced host:port not found: "${host}:${port}"`);
      }
    }
  }
}
