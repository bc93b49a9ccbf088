// IST0145: Gateways that serve the same host on the same port and address of the same workload.
import { type Gateway, keyOf } from '@sluice/resource';
import { formatLabels, selects } from '../label.ts';
import { compareText } from '../order.ts';
import type { Subject } from './subject.ts';

interface Claims {
  /** `PORT BIND HOST` to the Gateways that claim it. */
  readonly byHost: Map<string, Set<Gateway>>;
}

/** Gateways conflict where one workload runs them both, or where their selectors are the same. */
export function analyzeGatewayConflicts(subject: Subject): void {
  const claims = new Map<string, Claims>();
  const groupsOf = new Map<Gateway, string[]>();
  for (const gateway of subject.byKind.Gateway) {
    const { selector } = gateway.spec;
    const groups = [`selector ${formatLabels(selector)}`];
    subject.workloads.gateways.forEach(({ labels }, index) => {
      if (selects(selector, labels)) groups.push(`workload ${index}`);
    });
    groupsOf.set(gateway, groups);
    for (const group of groups) {
      if (!claims.has(group)) claims.set(group, { byHost: new Map() });
      claim(gateway, claims.get(group)!);
    }
  }
  for (const [gateway, groups] of groupsOf) {
    gateway.spec.servers.forEach((_server, index) => {
      reportServer(
        subject,
        gateway,
        index,
        groups.map((group) => claims.get(group)!),
      );
    });
  }
}

function claim(gateway: Gateway, { byHost }: Claims): void {
  for (const server of gateway.spec.servers) {
    for (const host of server.hosts) {
      const key = claimKey(server, host);
      if (byHost.has(key)) byHost.get(key)!.add(gateway);
      else byHost.set(key, new Set([gateway]));
    }
  }
}

function claimKey({ port, bind }: Gateway['spec']['servers'][number], host: string): string {
  return `${port.number} ${bind ?? ''} ${host}`;
}

function reportServer({ report }: Subject, gateway: Gateway, index: number, claims: readonly Claims[]): void {
  const server = gateway.spec.servers[index]!;
  const others = new Set<Gateway>();
  for (const { byHost } of claims) {
    for (const host of server.hosts) {
      for (const other of byHost.get(claimKey(server, host)) ?? []) {
        if (other !== gateway) others.add(other);
        if (others.size > SHOWN_GATEWAYS) break;
      }
    }
  }
  if (others.size === 0) return;
  const names = [...others].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort(compareText);
  const shown = names.slice(0, SHOWN_GATEWAYS).join(',') + (names.length > SHOWN_GATEWAYS ? ',...' : '');
  report(
    'SLU0145',
    keyOf(gateway),
    `spec.servers[${index}]`,
    `Conflict with gateways ${shown} (workload selector ${formatLabels(gateway.spec.selector)}, port ${server.port.number}, hosts ${server.hosts.join(',')}).`,
  );
}

/** Thousands of Gateways on one port would else name each other in a message of quadratic size. */
const SHOWN_GATEWAYS = 5;
