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

// Constants of this module's own are folded into the code; imported ones are read, and checked, at every use.
const NONE = NO_VALUE;
const NAME_DECIDES = BY_NAME;
const HELLO_KNOWN = STATE.helloKnown;
const { stride: LISTENER_WORDS, inspectsTls: INSPECTS_TLS, nameSet: NAME_SET_OF } = LISTENER;
const { stride: RULE_WORDS, conditionStart: CONDITION_START, conditionCount: CONDITION_COUNT } = RULE;
const { stride: CHAIN_WORDS, unconditional: UNCONDITIONAL, indexed: INDEXED } = CHAIN;
const { orderedStart: ORDERED_START, orderedCount: ORDERED_COUNT } = CHAIN;
const { source4: SOURCE4, source6: SOURCE6, remote4: REMOTE4, remote6: REMOTE6 } = CHAIN;
const { destination4: DESTINATION4, destination6: DESTINATION6, port: PORT } = CHAIN;
const HAS_SOURCE = 1 << KIND_SOURCE;
const HAS_REMOTE = 1 << KIND_REMOTE;
const HAS_DESTINATION = 1 << KIND_DESTINATION;
const HAS_PORT = 1 << KIND_PORT;

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
  if (chain === NONE) return NO_ROUTE;
  return chain === NAME_DECIDES ? NEEDS_MORE : firstRule(table, chain * CHAIN_WORDS, facts);
}

/** A chain, ~rule where the chain's first rule takes all, NO_VALUE where there is none, BY_NAME where that is not known yet. */
function chainFor(table: RouteTable, listener: number, facts: Facts): number {
  const shortcut = table.listenerShortcuts[listener];
  if (shortcut !== NAME_DECIDES) return shortcut;
  const at = listener * LISTENER_WORDS;
  if (table.listeners[at + INSPECTS_TLS] !== 0 && facts.state[HELLO_KNOWN] === 0) return NAME_DECIDES;
  return lookUpName(table, table.listeners[at + NAME_SET_OF], facts);
}

function firstRule(table: RouteTable, chain: number, facts: Facts): number {
  const { chains, orderedRules, rules } = table;
  let first = chains[chain + UNCONDITIONAL];
  const indexed = chains[chain + INDEXED];
  if (indexed !== 0) first = Math.min(first, firstIndexed(table, chain, indexed, facts));
  const orderedStart = chains[chain + ORDERED_START];
  const orderedEnd = orderedStart + chains[chain + ORDERED_COUNT];
  for (let i = orderedStart; i < orderedEnd; i++) {
    const rule = orderedRules[i];
    if (rule > first) break;
    const at = rule * RULE_WORDS;
    if (conditionsHold(table, rules[at + CONDITION_START], rules[at + CONDITION_COUNT], facts)) return rule;
  }
  return first === NONE ? NO_ROUTE : first;
}

function firstIndexed(table: RouteTable, chain: number, indexed: number, facts: Facts): number {
  const { chains } = table;
  let first = NONE;
  if ((indexed & HAS_SOURCE) !== 0) {
    first = lookUpAddress(table, chains[chain + SOURCE4], chains[chain + SOURCE6], SOURCE, facts);
  }
  if ((indexed & HAS_REMOTE) !== 0) {
    first = Math.min(first, lookUpAddress(table, chains[chain + REMOTE4], chains[chain + REMOTE6], REMOTE, facts));
  }
  if ((indexed & HAS_DESTINATION) !== 0) {
    const root4 = chains[chain + DESTINATION4];
    const root6 = chains[chain + DESTINATION6];
    first = Math.min(first, lookUpAddress(table, root4, root6, DESTINATION_ADDRESS, facts));
  }
  if ((indexed & HAS_PORT) !== 0) {
    first = Math.min(first, lookUp4(table, chains[chain + PORT], facts.addresses, PORT_KEY));
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
  if (chain === NONE) return { reason: 'no-chain', chain: undefined };
  const owner = table.listeners[listener * LISTENER_WORDS + NAME_SET_OF];
  let before = 0;
  for (let each = 0; each < chain; each++) if (table.chainOwners[each] === owner) before++;
  return { reason: 'no-rule', chain: before };
}
