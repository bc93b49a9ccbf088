// IST0145: Gateways that serve the same host on the same port and address of the same workload.
import { type Gateway, type GatewayServer, keyOf } from '@sluice/resource';
import { formatLabels, tellLabels } from '../label.ts';
import { selectLabelled } from '../label-index.ts';
import { compareText } from '../order.ts';
import type { Subject } from './subject.ts';
import type { LabelledWorkload } from './workload-labels.ts';

interface Claims {
  /** `PORT BIND HOST` to the Gateways that claim it. */
  readonly byHost: Map<string, Set<Gateway>>;
}

/**
 * Claims of hosts looked at for all workloads together: their labels may let thousands of selectors fit in as many
 * combinations. Behind it only Gateways of one selector are compared.
 */
const MAX_CLAIMS = 1_000_000;

/** Gateways conflict where one workload runs them both, or where their selectors are the same. */
export function analyzeGatewayConflicts(subject: Subject): void {
  const bySelector = new Map<string, Gateway[]>();
  // The first few of thousands are told, whatever file they are in.
  const sorted = [...subject.byKind.Gateway].sort((a, b) => compareText(keyOf(a), keyOf(b)));
  for (const gateway of sorted) {
    const key = formatLabels(gateway.spec.selector);
    if (bySelector.has(key)) bySelector.get(key)!.push(gateway);
    else bySelector.set(key, [gateway]);
  }
  const groups = [...bySelector.values()];
  const claimsOf = new Map(groups.map((group) => [group, [claimsOfAll(group)]]));
  for (const together of groupsOnOneWorkload(subject, groups)) {
    const claims = claimsOfAll(together.flat());
    for (const group of together) claimsOf.get(group)!.push(claims);
  }
  for (const [group, claims] of claimsOf)
    for (const gateway of group) {
      const selector = tellLabels(gateway.spec.selector);
      gateway.spec.servers.forEach((_server, index) => {
        reportServer(subject, gateway, index, claims, selector);
      });
    }
}

/** Groups of different selectors that fit one workload, each such combination once. */
function* groupsOnOneWorkload({ workloads }: Subject, groups: readonly Gateway[][]): Generator<Gateway[][]> {
  const byWorkload = new Map<LabelledWorkload, number[]>();
  let looked = 0;
  for (const [index, group] of groups.entries()) {
    for (const workload of selectLabelled(workloads.gatewayIndex, group[0]!.spec.selector ?? {})) {
      const own = byWorkload.get(workload);
      if (own === undefined) byWorkload.set(workload, [index]);
      else own.push(index);
      if (++looked > MAX_CLAIMS) return;
    }
  }
  const combinations = new Map<string, readonly number[]>();
  for (const own of byWorkload.values()) if (own.length > 1) combinations.set(own.join(), own);
  const sizes = groups.map((group) => countHosts(group));
  for (const own of combinations.values()) {
    for (const index of own) looked += sizes[index]!;
    if (looked > MAX_CLAIMS) return;
    yield own.map((index) => groups[index]!);
  }
}

function countHosts(gateways: readonly Gateway[]): number {
  let count = 0;
  for (const { spec } of gateways) for (const { hosts } of spec.servers) count += hosts.length;
  return count;
}

function claimsOfAll(gateways: readonly Gateway[]): Claims {
  const claims: Claims = { byHost: new Map() };
  for (const gateway of gateways) claim(gateway, claims);
  return claims;
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

function claimKey({ port, bind }: GatewayServer, host: string): string {
  return `${port.number} ${bind ?? ''} ${host}`;
}

function reportServer(
  { report }: Subject,
  gateway: Gateway,
  index: number,
  claims: readonly Claims[],
  selector: string,
): void {
  const server = gateway.spec.servers[index]!;
  const others = othersOf(gateway, server, claims);
  if (others.size === 0) return;
  const names = [...others].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort(compareText);
  const shown = names.slice(0, SHOWN_GATEWAYS).join(',') + (names.length > SHOWN_GATEWAYS ? ',...' : '');
  report(
    'SLU0145',
    keyOf(gateway),
    `spec.servers[${index}]`,
    `Conflict with gateways ${shown} (workload selector ${selector}, port ${server.port.number}, hosts ${server.hosts.join(',')}).`,
  );
}

/** As many as are shown, and one more if there are more. */
function othersOf(gateway: Gateway, server: GatewayServer, claims: readonly Claims[]): ReadonlySet<Gateway> {
  const others = new Set<Gateway>();
  for (const { byHost } of claims) {
    for (const host of server.hosts) {
      for (const other of byHost.get(claimKey(server, host)) ?? []) {
        if (other !== gateway) others.add(other);
        if (others.size > SHOWN_GATEWAYS) return others;
      }
    }
  }
  return others;
}

/** Thousands of Gateways on one port would else name each other in a message of quadratic size. */
const SHOWN_GATEWAYS = 5;
