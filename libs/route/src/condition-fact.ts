// One condition against what is known of one connection, and the same in words.
import type { Condition } from '@sluice/route-table';
import { type Address, contains } from './address.ts';

/** What is known once the first bytes have been looked at, if they are. */
export interface SeenFacts {
  readonly source: Address | undefined;
  readonly remote: Address | undefined;
  readonly destination: Address | undefined;
  readonly port: number;
  readonly sni: string | undefined;
  readonly alpn: readonly string[];
}

/** An unknown fact meets no condition, so its opposite always holds. */
export function holds(condition: Condition, seen: SeenFacts): boolean {
  return meets(condition, seen) !== (condition.not === true);
}

function meets(condition: Condition, seen: SeenFacts): boolean {
  switch (condition.fact) {
    case 'port':
      return condition.ports.includes(seen.port);
    case 'sni':
      return seen.sni !== undefined && condition.names.some((name) => nameFits(name, seen.sni!));
    case 'alpn':
      return condition.protocols.some((protocol) => seen.alpn.includes(protocol));
    default: {
      const address = seen[condition.fact];
      return address !== undefined && condition.cidrs.some((cidr) => contains(cidr, address));
    }
  }
}

/** Whether nothing is known of the address that the condition asks for. */
export function isUnknown({ fact }: Condition, seen: SeenFacts): boolean {
  return (fact === 'source' || fact === 'remote' || fact === 'destination') && seen[fact] === undefined;
}

/** `*`, `*suffix`, `prefix*`, or the name itself. */
function nameFits(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return pattern === name;
}

export function formatCondition(condition: Condition): string {
  const values =
    'cidrs' in condition
      ? condition.cidrs
      : 'ports' in condition
        ? condition.ports
        : 'names' in condition
          ? condition.names
          : condition.protocols;
  const shown = values.slice(0, SHOWN_VALUES).join(', ');
  const more = values.length > SHOWN_VALUES ? ` and ${values.length - SHOWN_VALUES} more` : '';
  return `${condition.fact} ${condition.not === true ? 'not ' : ''}in ${shown}${more}`;
}

/** A sentence stays readable with so many values. */
const SHOWN_VALUES = 5;
