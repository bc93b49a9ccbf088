// IST0162: a Gateway's port that the Service in front of its workload does not lead to.
import { type Gateway, keyOf, type Service } from '@sluice/resource';
import { formatLabels, isEmpty, tellLabels } from '../label.ts';
import { onceBySelector, selectLabelled } from '../label-index.ts';
import type { Subject } from './subject.ts';
import type { LabelledWorkload, WorkloadLabels } from './workload-labels.ts';

/** Target ports of the Services with one selector; undefined where a named one is among them, which only the workload could resolve. */
type TargetPorts = ReadonlySet<number> | undefined;

/** Only where a Service selects the workload: without one, as at an acceptor on a plain machine, there is nothing to miss. */
export function analyzeGatewayPorts({ byKind, workloads, report }: Subject): void {
  const inFront = targetPorts(byKind.Service, workloads);
  // Thousands of Gateways may run on the same thousands of workloads, which have the same Services before them.
  const portsOf = onceBySelector((selector) => {
    const groups = new Set<TargetPorts>();
    for (const workload of selectLabelled(workloads.gatewayIndex, selector)) {
      const own = inFront.get(workload);
      if (own === undefined) return undefined;
      for (const group of own) groups.add(group);
    }
    const ports = new Set<number>();
    for (const group of groups) {
      if (group === undefined) return undefined;
      for (const port of group) ports.add(port);
    }
    return ports;
  });
  for (const gateway of byKind.Gateway) {
    const ports = portsOf(gateway.spec.selector);
    if (ports !== undefined && ports.size > 0) reportMissing(gateway, ports, report);
  }
}

/** By workload: of each selector that fits it. A workload without any is left out, for nothing can be said of it. */
function targetPorts(
  services: readonly Service[],
  { gatewayIndex }: WorkloadLabels,
): ReadonlyMap<LabelledWorkload, readonly TargetPorts[]> {
  const groups = new Map<string, Service[]>();
  for (const service of services) {
    const { spec, metadata } = service;
    if (isEmpty(spec.selector)) continue;
    const key = `${metadata.namespace} ${formatLabels(spec.selector)}`;
    if (groups.has(key)) groups.get(key)!.push(service);
    else groups.set(key, [service]);
  }
  const found = new Map<LabelledWorkload, TargetPorts[]>();
  for (const group of groups.values()) {
    const { spec, metadata } = group[0]!;
    const ports = portsOfAll(group);
    if (ports?.size === 0) continue;
    for (const workload of selectLabelled(gatewayIndex, spec.selector!)) {
      if (workload.namespace !== metadata.namespace) continue;
      if (found.has(workload)) found.get(workload)!.push(ports);
      else found.set(workload, [ports]);
    }
  }
  return found;
}

function portsOfAll(services: readonly Service[]): TargetPorts {
  const ports = new Set<number>();
  for (const { spec } of services) {
    for (const { port, targetPort = port, protocol = 'TCP' } of spec.ports ?? []) {
      if (protocol !== 'TCP') continue;
      if (!Number.isInteger(Number(targetPort))) return undefined;
      ports.add(Number(targetPort));
    }
  }
  return ports;
}

function reportMissing(gateway: Gateway, ports: ReadonlySet<number>, report: Subject['report']): void {
  const selector = tellLabels(gateway.spec.selector);
  gateway.spec.servers.forEach(({ port }, index) => {
    if (port.number === 0 || ports.has(port.number)) return;
    report(
      'SLU0162',
      keyOf(gateway),
      `spec.servers[${index}].port`,
      `The gateway is listening on a target port (port ${port.number}) that is not defined in the Service associated with its workload instances (Pod selector ${selector}). If you need to access the gateway port through the gateway Service, it will not be available.`,
    );
  });
}
