// Which route a connection takes. Runs for every connection: no object is made, nothing is read but the table and the facts.

import { conditionsHold, lookUpAddress } from './condition-match.ts';
import { DESTINATION_ADDRESS, type Facts, PORT_KEY, REMOTE, SOURCE, STATE } from './facts.ts';
import {
  BY_NAME,
  CHAIN,
  KIND_DESTINATION,
  KIND_PORT,
  KIND_REMOTE,
  KIND_SOURCE,
  LISTENER,
  NO_VALUE,
  RULE,
} from './layout.ts';
import { lookUpName } from './name-lookup.ts';
import { lookUp4 } from './prefix-lookup.ts';
import type { RouteTable } from './table.ts';

/** No rule matches; `whyNot` says why. */
export const NO_ROUTE = -1;
/** The listener chooses by ClientHello, and it is not known yet: ask again after `setHello` or `setNoHello`. */
export const NEEDS_MORE = -2;

/**
 * The route's index (>= 0) of a connection on a listener, NO_ROUTE or NEEDS_MORE. The chain is chosen by server name
 * (exact, longest wildcard suffix, `*`; no falling back), in it the first rule that matches.
 */
export function match(table: RouteTable, listener: number, facts: Facts): number {
  const chain = chainFor(table, listener, facts);
  if (chain < 0) return ~chain;
  if (chain === NO_VALUE) return NO_ROUTE;
  return chain === BY_NAME ? NEEDS_MORE : firstRule(table, chain * CHAIN.stride, facts);
}

/** A chain, ~rule where the chain's first rule takes all, NO_VALUE where there is none, BY_NAME where that is not known yet. */
function chainFor(table: RouteTable, listener: number, facts: Facts): number {
  const shortcut = table.listenerShortcuts[listener];
  if (shortcut !== BY_NAME) return shortcut;
  const at = listener * LISTENER.stride;
  if (table.listeners[at + LISTENER.inspectsTls] !== 0 && facts.state[STATE.helloKnown] === 0) return BY_NAME;
  return lookUpName(table, table.listeners[at + LISTENER.nameSet], facts);
}

function firstRule(table: RouteTable, chain: number, facts: Facts): number {
  const { chains, orderedRules, rules } = table;
  let first = chains[chain + CHAIN.unconditional];
  const indexed = chains[chain + CHAIN.indexed];
  if (indexed !== 0) first = Math.min(first, firstIndexed(table, chain, indexed, facts));
  const orderedStart = chains[chain + CHAIN.orderedStart];
  const orderedEnd = orderedStart + chains[chain + CHAIN.orderedCount];
  for (let i = orderedStart; i < orderedEnd; i++) {
    const rule = orderedRules[i];
    if (rule > first) break;
    const at = rule * RULE.stride;
    if (conditionsHold(table, rules[at + RULE.conditionStart], rules[at + RULE.conditionCount], facts)) return rule;
  }
  return first === NO_VALUE ? NO_ROUTE : first;
}

function firstIndexed(table: RouteTable, chain: number, indexed: number, facts: Facts): number {
  const { chains } = table;
  let first = NO_VALUE;
  if ((indexed & (1 << KIND_SOURCE)) !== 0) {
    first = lookUpAddress(table, chains[chain + CHAIN.source4], chains[chain + CHAIN.source6], SOURCE, facts);
  }
  if ((indexed & (1 << KIND_REMOTE)) !== 0) {
    first = Math.min(
      first,
      lookUpAddress(table, chains[chain + CHAIN.remote4], chains[chain + CHAIN.remote6], REMOTE, facts),
    );
  }
  if ((indexed & (1 << KIND_DESTINATION)) !== 0) {
    const root4 = chains[chain + CHAIN.destination4];
    const root6 = chains[chain + CHAIN.destination6];
    first = Math.min(first, lookUpAddress(table, root4, root6, DESTINATION_ADDRESS, facts));
  }
  if ((indexed & (1 << KIND_PORT)) !== 0) {
    first = Math.min(first, lookUp4(table, chains[chain + CHAIN.port], facts.addresses, PORT_KEY));
  }
  return first;
}

export type NoRouteReason =
  /** No chain for the server name (it may be none), and no `*` chain. */
  | 'no-chain'
  /** The chain for the server name has no rule whose conditions hold. */
  | 'no-rule'
  /** The ClientHello is not known yet. */
  | 'needs-more';

/** Why `match` gave no route, or undefined where it gives one; `chain` counts within the listener. Slow: looks at all chains. */
export function whyNot(
  table: RouteTable,
  listener: number,
  facts: Facts,
): { readonly reason: NoRouteReason; readonly chain: number | undefined } | undefined {
  const route = match(table, listener, facts);
  if (route >= 0) return undefined;
  if (route === NEEDS_MORE) return { reason: 'needs-more', chain: undefined };
  const chain = chainFor(table, listener, facts);
  if (chain === NO_VALUE) return { reason: 'no-chain', chain: undefined };
  const owner = table.listeners[listener * LISTENER.stride + LISTENER.nameSet];
  let before = 0;
  for (let at = 0; at < chain * CHAIN.stride; at += CHAIN.stride)
    if (table.chains[at + CHAIN.owner] === owner) before++;
  return { reason: 'no-rule', chain: before };
}
