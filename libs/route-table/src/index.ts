// The compiled route table: written once from a plan, read in place by every worker.

export {
  ALLOWED,
  type AuthorizationReport,
  authorize,
  createAuthorizationReport,
  NO_ALLOW_MATCHED,
} from './authorize.ts';
export { clearFacts, setDestination, setHello, setNoHello, setRemote, setSource } from './connection.ts';
export { decodeCluster, decodePolicy, decodeRoute, decodeTable } from './decode.ts';
export { type Edited, TableEditor } from './edit.ts';
export { encodeTable } from './encode.ts';
export { createFacts, type Facts } from './facts.ts';
export { TableFault, type TableFaultCode } from './fault.ts';
export * from './inspect.ts';
export * from './limits.ts';
export { match, NEEDS_MORE, NO_ROUTE, type NoRouteReason, whyNot } from './match.ts';
export { checkTable, openTable, type TableOpening } from './open.ts';
export type * from './plan.ts';
export type { ChainChange, ListenerHead, NamedChain, NamedRoute, NamedRule, PlanChange } from './plan-change.ts';
export { attachTable, type RouteTable, tableBytes } from './table.ts';
export { pickDestination } from './weighted.ts';
