// IST0162: a Gateway's port that the Service in front of its workload does not lead to.
import { type Gateway, keyOf, type Service } from '@sluice/resource';
import { formatLabels, isEmpty, type Labels, selects } from '../label.ts';
import type { Subject } from './subject.ts';

/** Only where a Service selects the workload: without one, as at an acceptor on a plain machine, there is nothing to miss. */
export function analyzeGatewayPorts({ byKind, workloads, report }: Subject): void {
  const targets = workloads.gateways.map(({ labels, namespace }) => ({
    labels,
    ports: targetPorts(byKind.Service.filter((one) => one.metadata.namespace === namespace && isInFront(one, labels))),
  }));
  for (const gateway of byKind.Gateway) {
    const { selector } = gateway.spec;
    const ports = new Set<number>();
    let known = true;
    for (const target of targets) {
      if (!selects(selector, target.labels)) continue;
      if (target.ports === undefined) known = false;
      else for (const port of target.ports) ports.add(port);
    }
    if (known && ports.size > 0) reportMissing(gateway, ports, report);
  }
}

function isInFront({ spec }: Service, labels: Labels): boolean {
  return !isEmpty(spec.selector) && selects(spec.selector, labels);
}

/** Undefined where it cannot be said: no Service, or one with a named port, which only the workload could resolve. */
function targetPorts(services: readonly Service[]): readonly number[] | undefined {
  const ports: number[] = [];
  for (const { spec } of services) {
    for (const { port, targetPort = port, protocol = 'TCP' } of spec.ports ?? []) {
      if (protocol !== 'TCP') continue;
      if (!Number.isInteger(Number(targetPort))) return undefined;
      ports.push(Number(targetPort));
    }
  }
  return ports.length === 0 ? undefined : ports;
}

function reportMissing(gateway: Gateway, ports: ReadonlySet<number>, report: Subject['report']): void {
  gateway.spec.servers.forEach(({ port }, index) => {
    if (port.number === 0 || ports.has(port.number)) return;
    report(
      'SLU0162',
      keyOf(gateway),
      `spec.servers[${index}].port`,
      `The gateway is listening on a target port (port ${port.number}) that is not defined in the Service associated with its workload instances (Pod selector ${formatLabels(gateway.spec.selector)}). If you need to access the gateway port through the gateway Service, it will not be available.`,
    );
  });
}
