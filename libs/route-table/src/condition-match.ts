// Judges conditions over a connection's facts. Runs for every connection: no object is made.

import { DESTINATION_ADDRESS, type Facts, PORT_KEY, REMOTE, SOURCE } from './facts.ts';
import {
  CONDITION,
  CONDITION_NOT,
  KIND_ALPN,
  KIND_DESTINATION,
  KIND_PORT,
  KIND_REMOTE,
  KIND_SNI,
  KIND_SOURCE,
  NO_VALUE,
} from './layout.ts';
import { lookUpName, offersProtocol } from './name-lookup.ts';
import { lookUp4, lookUp6 } from './prefix-lookup.ts';
import type { RouteTable } from './table.ts';

/** Whether all of `count` conditions from `first` hold. */
export function conditionsHold(table: RouteTable, first: number, count: number, facts: Facts): boolean {
  for (let condition = first; condition < first + count; condition++) {
    if (!conditionHolds(table, condition, facts)) return false;
  }
  return true;
}

/** The lowest value around one of the connection's addresses; NO_VALUE also where the address is not known. */
export function lookUpAddress(table: RouteTable, root4: number, root6: number, which: number, facts: Facts): number {
  const family = facts.families[which];
  if (family === 4) return lookUp4(table, root4, facts.addresses, which * 4);
  return family === 6 ? lookUp6(table, root6, facts.addresses, which * 4) : NO_VALUE;
}

function conditionHolds(table: RouteTable, condition: number, facts: Facts): boolean {
  const { conditions } = table;
  const at = condition * CONDITION.stride;
  const isNegated = (conditions[at + CONDITION.flags] & CONDITION_NOT) !== 0;
  return (
    isMember(
      table,
      conditions[at + CONDITION.kind],
      conditions[at + CONDITION.a],
      conditions[at + CONDITION.b],
      facts,
    ) !== isNegated
  );
}

function isMember(table: RouteTable, kind: number, a: number, b: number, facts: Facts): boolean {
  switch (kind) {
    case KIND_SOURCE:
      return lookUpAddress(table, a, b, SOURCE, facts) !== NO_VALUE;
    case KIND_REMOTE:
      return lookUpAddress(table, a, b, REMOTE, facts) !== NO_VALUE;
    case KIND_DESTINATION:
      return lookUpAddress(table, a, b, DESTINATION_ADDRESS, facts) !== NO_VALUE;
    case KIND_PORT:
      return lookUp4(table, a, facts.addresses, PORT_KEY) !== NO_VALUE;
    case KIND_SNI:
      return lookUpName(table, a, facts) !== NO_VALUE;
    case KIND_ALPN:
      return offersProtocol(table, a, facts);
    default:
      return false;
  }
}
