// One version as the sessions of a worker use it: the shared table, and its clusters made ready to balance over when first
// asked for. It holds no session and no socket.
import {
  type ClusterPlan,
  clusterEndpoint,
  clusterEndpointWeight,
  clusterSize,
  decodeCluster,
  endpointAddress,
  endpointCount,
  endpointKey,
  endpointPort,
  listenerName,
  type RouteTable,
  routeName,
  tlsName,
} from '@sluice/route-table';
import { balancer, type Live, type Pick, type Position, type TableSlots } from '@sluice/upstream';

/** A cluster in the hands of one worker. */
export interface Upstream {
  readonly policy: Omit<ClusterPlan, 'endpoints'>;
  readonly pick: Pick;
  readonly position: Position;
  /** Where the sessions of the whole cluster are counted. */
  readonly slot: number;
  endpoint(n: number): UpstreamEndpoint;
}

export interface UpstreamEndpoint {
  readonly address: string;
  readonly port: number;
  readonly key: string;
  readonly slot: number;
}

/** What TLS is ended with, made ready by the engine that does; or why there is nothing to end it with. */
export interface TlsEnding {
  readonly context: unknown;
  /** '' = there is. */
  readonly refusal: string;
}

/** By RoutePlan.tls. */
export type TlsEndings = ReadonlyMap<string, TlsEnding>;

/** What a worker keeps for clusters from version to version, by cluster name. */
export type Positions = Map<string, Position>;

export class Version {
  readonly number: number;
  readonly table: RouteTable;
  readonly #slots: TableSlots;
  readonly #live: Live;
  readonly #positions: Positions;
  readonly #random: () => number;
  readonly #upstreams = new Map<number, Upstream>();
  /** Texts out of the table, each made once: reading one costs more than finding a route. */
  readonly #listenerNames = new Map<number, string>();
  readonly #routeNames = new Map<number, string>();
  readonly #endings: TlsEndings;

  /** `slots` are those of this table (SlotBook.assign). */
  constructor(
    number: number,
    table: RouteTable,
    slots: SharedArrayBuffer,
    shared: { readonly live: Live; readonly positions: Positions; readonly random: () => number },
    endings: TlsEndings = new Map(),
  ) {
    this.number = number;
    this.table = table;
    this.#slots = new Int32Array(slots);
    this.#endings = endings;
    this.#live = shared.live;
    this.#positions = shared.positions;
    this.#random = shared.random;
  }

  upstream(cluster: number): Upstream {
    return remembered(this.#upstreams, cluster, () => this.#make(cluster));
  }

  listenerName(listener: number): string {
    return remembered(this.#listenerNames, listener, () => listenerName(this.table, listener));
  }

  routeName(route: number): string {
    return remembered(this.#routeNames, route, () => routeName(this.table, route));
  }

  /** What `routeTls` names. */
  ending(tls: number): TlsEnding {
    return this.#endings.get(tlsName(this.table, tls)) ?? { context: null, refusal: 'not part of the version' };
  }

  #make(cluster: number): Upstream {
    const { table } = this;
    const { endpoints: _, ...policy } = decodeCluster(table, cluster);
    const endpointIndex = (n: number) => clusterEndpoint(table, cluster, n);
    const members = {
      balancer: policy.balancer,
      hashTableSize: policy.hashTableSize,
      count: clusterSize(table, cluster),
      key: (n: number) => endpointKey(table, endpointIndex(n)),
      weight: (n: number) => clusterEndpointWeight(table, cluster, n),
      slot: (n: number) => this.#slots[endpointIndex(n)],
    };
    const endpoints = new Map<number, UpstreamEndpoint>();
    let position = this.#positions.get(policy.name);
    if (position === undefined) this.#positions.set(policy.name, (position = { next: 0 }));
    return {
      policy,
      position,
      pick: balancer(members, this.#live, this.#random),
      slot: this.#slots[endpointCount(table) + cluster],
      endpoint: (n) =>
        remembered(endpoints, n, () => ({
          address: endpointAddress(table, endpointIndex(n)),
          port: endpointPort(table, endpointIndex(n)),
          key: members.key(n),
          slot: members.slot(n),
        })),
    };
  }
}

function remembered<T>(all: Map<number, T>, key: number, make: () => T): T {
  const known = all.get(key);
  if (known !== undefined) return known;
  const made = make();
  all.set(key, made);
  return made;
}
