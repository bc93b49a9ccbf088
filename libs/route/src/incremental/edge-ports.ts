// The ports of an acceptor's gateways with their chains and idle servers, from version to version.
import type { ListenerHead } from '@sluice/route-table';
import { followsTcp, type IdleCause, type Unserved } from '../idle.ts';
import { type BuiltPort, listenerHead } from '../listeners.ts';
import { endsTls, type Server } from '../model.ts';
import type { PlannedPolicies } from '../policies.ts';
import { claimKey, type MergedPort } from '../port-merge.ts';
import { PortChains } from './port-chains.ts';

export class EdgePort {
  readonly claim: string;
  readonly merged: MergedPort;
  readonly chains: PortChains;
  readonly idle = new Map<Server, IdleCause>();
  /** Hosts of its servers that end TLS: no rule of passthrough gets them. */
  readonly endedHosts: ReadonlySet<string>;
  #head: ListenerHead | undefined;

  constructor({ merged, chains, unserved }: BuiltPort, policies: PlannedPolicies) {
    this.claim = claimKey(merged);
    this.merged = merged;
    this.chains = new PortChains(chains);
    this.endedHosts = new Set(merged.servers.filter(endsTls).flatMap(({ hosts }) => hosts.map(({ host }) => host)));
    for (const { server, code, message } of unserved) this.idle.set(server, { code, message });
    this.renew(policies);
  }

  /** Undefined where the port opens no listener. The same object for as long as nothing of it changes. */
  get head(): ListenerHead | undefined {
    return this.#head;
  }

  /** To be called when chains or idle servers changed; true if the listener comes, goes, or is not what it was. */
  renew(policies: PlannedPolicies): boolean {
    const head = this.chains.opensListener
      ? listenerHead(this.merged, this.chains.inspectsTls, (server) => this.idle.has(server), policies)
      : undefined;
    if (JSON.stringify(head) === JSON.stringify(this.#head)) return false;
    this.#head = head;
    return true;
  }

  /** Servers that end TLS and have a route. */
  *ending(): Generator<Server> {
    if (this.#head === undefined) return;
    for (const server of this.merged.servers) if (endsTls(server) && !this.idle.has(server)) yield server;
  }

  *unserved(): Generator<Unserved> {
    for (const [server, cause] of this.idle) yield { server, ...cause };
  }
}

interface Place {
  readonly server: Server;
  readonly port: EdgePort;
}

/** All ports, and the servers of each gateway by its reference. */
export class EdgePorts {
  /** By port, then address. */
  readonly list: readonly EdgePort[];
  readonly #places = new Map<string, Place[]>();
  readonly #tcp = new Map<string, EdgePort[]>();

  constructor(list: readonly EdgePort[]) {
    this.list = list;
    for (const port of list) {
      for (const server of port.merged.servers) {
        const { reference } = server.gateway;
        add(this.#places, reference, { server, port });
        if (followsTcp(server)) add(this.#tcp, `${reference} ${server.port}`, port);
      }
    }
  }

  placesOf(gateway: string): readonly Place[] {
    return this.#places.get(gateway) ?? [];
  }

  /** Ports on which a gateway takes plain TCP, or ends TLS; `text` is `GATEWAY PORT`, or `GATEWAY *`. */
  tcpPorts(text: string): readonly EdgePort[] {
    if (!text.endsWith(' *')) return this.#tcp.get(text) ?? [];
    return this.placesOf(text.slice(0, -2)).flatMap(({ server, port }) => (followsTcp(server) ? [port] : []));
  }
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
