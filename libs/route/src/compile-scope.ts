// What the parts of a compile share: what clusters are made from, what was used, and where complaints go.
import type { ClusterBook, ReportAt } from './clusters.ts';
import type { RouteEntry, Server } from './model.ts';

export interface CompileScope {
  readonly clusters: ClusterBook;
  readonly report: ReportAt;
  /** Entries that some server looked at. */
  readonly used: Set<RouteEntry>;
  /** The entry that takes every connection of a plain server. */
  readonly enders: Map<Server, RouteEntry>;
  /** TLS servers for which at least one rule was found. */
  readonly routed: Set<Server>;
}
