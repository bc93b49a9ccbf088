// Policies that ask for server names on gateways that take plain TCP only: no ClientHello is looked at there, so no name is
// ever known (SLU3032).
import { type AuthorizationPolicy, type AuthorizationRule, keyOf } from '@sluice/resource';
import type { ReportAt } from './clusters.ts';
import type { EdgeGateway } from './model.ts';

/** Servers compared with parts of rules, for all policies: many rules for many ports must not take the product of both. */
export const MAX_LOOKED_AT = 5_000_000;

/** How many may still be compared; where none may, no more is told. */
export interface LookAllowance {
  namelessPorts: number;
}

/** A message names so many. */
const SHOWN_GATEWAYS = 5;

export function reportNamelessPorts(
  policy: AuthorizationPolicy,
  gateways: readonly (readonly EdgeGateway[])[],
  allowance: LookAllowance,
  report: ReportAt,
): void {
  const asking = [...(policy.spec.rules ?? []).entries()].filter(([, rule]) => asksForNames(rule));
  for (const [index, rule] of asking) {
    const plain = plainOnes(rule, gateways, allowance);
    if (plain.length === 0) continue;
    const shown = plain.slice(0, SHOWN_GATEWAYS).join(', ') + (plain.length > SHOWN_GATEWAYS ? ', ...' : '');
    report(
      'SLU3032',
      keyOf(policy),
      `spec.rules[${index}]`,
      `connection.sni is not known on plain TCP ports: values never match on gateway ${shown}, notValues always do`,
    );
  }
}

/** Ids of the gateways where the rule has plain ports only: as many as are shown, and one more. */
function plainOnes(
  rule: AuthorizationRule,
  gateways: readonly (readonly EdgeGateway[])[],
  allowance: LookAllowance,
): readonly string[] {
  const fits = portFilter(rule);
  const parts = 1 + (rule.to ?? []).length + (rule.when ?? []).length;
  const plain: string[] = [];
  for (const list of gateways) {
    for (const gateway of list) {
      allowance.namelessPorts -= parts * Math.max(1, gateway.servers.length);
      if (allowance.namelessPorts < 0 || plain.length > SHOWN_GATEWAYS) return plain;
      if (isPlain(gateway, fits)) plain.push(gateway.id);
    }
  }
  return plain;
}

function asksForNames({ when = [] }: AuthorizationRule): boolean {
  return when.some(
    ({ key, values, notValues }) => key === 'connection.sni' && (isWritten(values) || isWritten(notValues)),
  );
}

/** Whether the ports that a rule is about are there, and none of them could bring a name. */
function isPlain({ servers }: EdgeGateway, fits: (port: number) => boolean): boolean {
  let plain = false;
  for (const { kind, port } of servers) {
    if (!fits(port)) continue;
    if (kind === 'passthrough' || kind === 'terminate' || kind === 'foreign-tls' || kind === 'https') return false;
    if (kind === 'tcp') plain = true;
  }
  return plain;
}

/** The ports that a rule does not leave out. */
function portFilter({ to = [], when = [] }: AuthorizationRule): (port: number) => boolean {
  const operations = to.map(({ operation }) => listFilter(operation?.ports, operation?.notPorts));
  const conditions = when
    .filter(({ key }) => key === 'destination.port')
    .map(({ values, notValues }) => listFilter(values, notValues));
  return (port) =>
    (operations.length === 0 || operations.some((fits) => fits(port))) && conditions.every((fits) => fits(port));
}

function listFilter(
  values: readonly string[] | undefined,
  notValues: readonly string[] | undefined,
): (port: number) => boolean {
  const [some, none] = [new Set(values?.map(Number)), new Set(notValues?.map(Number))];
  return (port) => (some.size === 0 || some.has(port)) && !none.has(port);
}

function isWritten(values: readonly string[] | undefined): boolean {
  return values !== undefined && values.length > 0;
}
