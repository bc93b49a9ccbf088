// The plans that `bench table` measures: as many routes as asked for, of four kinds, over the same 200,000 endpoints; and for each
// kind the keys with which connections come.

import type { ClusterPlan, ListenerPlan, RulePlan, TablePlan } from '@sluice/route-table';

export const KINDS = ['sni exact', 'sni wildcard', 'cidr', 'cidr v6', 'plain port'] as const;
export type Kind = (typeof KINDS)[number];

const CLUSTERS = 1000;
const ENDPOINTS_PER_CLUSTER = 200;
export const ENDPOINTS = CLUSTERS * ENDPOINTS_PER_CLUSTER;

/** Repeatable numbers in [0, 2^32) (Mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

let clusterPlans: ClusterPlan[] | undefined;

function clusters(): ClusterPlan[] {
  clusterPlans ??= Array.from({ length: CLUSTERS }, (_, cluster) => ({
    name: `outbound|8080||app-${cluster}.prod.svc.cluster.local`,
    host: `app-${cluster}.prod.svc.cluster.local`,
    subset: '',
    port: 8080,
    balancer: 'least-request',
    hashTableSize: 0,
    connectTimeoutMs: 10_000,
    maxConnections: 0,
    keepalive: null,
    proxyProtocol: 0,
    outlier: null,
    endpoints: Array.from({ length: ENDPOINTS_PER_CLUSTER }, (_, i) => ({
      address: ipv4(0x0a00_0000 + cluster * 256 + i),
      port: 8080,
      weight: 1,
    })),
  }));
  return clusterPlans;
}

export function benchPlan(kind: Kind, routes: number): TablePlan {
  return { listeners: listeners(kind, routes), clusters: clusters(), authorization: [] };
}

function listeners(kind: Kind, routes: number): ListenerPlan[] {
  const numbers = Array.from({ length: routes }, (_, route) => route);
  switch (kind) {
    case 'sni exact':
    case 'sni wildcard': {
      const star = kind === 'sni wildcard' ? '*.' : '';
      return [
        listener(
          0,
          true,
          numbers.map((route) => ({ names: [star + domain(route)], rules: [rule(route)] })),
        ),
      ];
    }
    case 'cidr':
    case 'cidr v6': {
      const block = kind === 'cidr' ? blocks4(routes) : blocks6(routes);
      const rules = numbers.map((route) => rule(route, [{ fact: 'source', cidrs: [block(route)] }]));
      return [listener(0, false, [{ names: ['*'], rules }])];
    }
    case 'plain port':
      return numbers.map((route) => listener(route, false, [{ names: ['*'], rules: [rule(route)] }]));
  }
}

function listener(index: number, inspectsTls: boolean, chains: ListenerPlan['chains']): ListenerPlan {
  const bind = ipv4(0xc000_0200 + Math.floor(index / 50_000));
  const port = 1024 + (index % 50_000);
  return { name: `${bind}_${port}`, bind, port, gateways: ['prod/edge'], inspectsTls, chains, authorization: [] };
}

function rule(route: number, conditions: RulePlan['conditions'] = []): RulePlan {
  const destinations = [{ cluster: route % CLUSTERS, weight: 1 }];
  return {
    conditions,
    route: { name: `prod/vs-${route}/tcp[0]`, destinations, idleTimeoutMs: 3_600_000, maxDurationMs: 0 },
  };
}

function domain(route: number): string {
  return `tenant-${Math.imul(route, 2_654_435_761) >>> 0}.shop.example.com`;
}

/** Blocks of /24, one in ten a /16 around others, over the whole space. */
function blocks4(routes: number): (route: number) => string {
  const random = seeded(4);
  const bases = Array.from({ length: routes }, random);
  return (route) => (route % 10 === 9 ? `${ipv4(bases[route])}/16` : `${ipv4(bases[route])}/24`);
}

/** Blocks of /48, one in ten a /36 around others, all in 2001:d00::/24. */
function blocks6(routes: number): (route: number) => string {
  const random = seeded(6);
  const bases = Array.from({ length: routes }, random);
  return (route) => `${prefix6(bases[route])}::/${route % 10 === 9 ? 36 : 48}`;
}

function prefix6(base: number): string {
  return `2001:d${(base >>> 24).toString(16).padStart(2, '0')}:${((base >>> 8) & 0xffff).toString(16)}`;
}

function ipv4(key: number): string {
  return [24, 16, 8, 0].map((shift) => (key >>> shift) & 255).join('.');
}

/** What a connection brings: a server name, an address, or the number of its listener. */
export type Keys = readonly string[] | Int32Array;

/**
 * How often a route is asked for: `even`, each as often as any other, the worst that caches can meet; or `zipf`, the nth at 1/n of the first, as
 * sites are visited (Adamic and Huberman, "Zipf's law and the Internet", 2002).
 */
export type Popularity = 'even' | 'zipf';

/** As many keys for every number of routes, each a string of its own, so that reading the keys costs the same. */
export function benchKeys(kind: Kind, routes: number, count: number, popularity: Popularity = 'even'): Keys {
  const random = seeded(routes);
  const draw = popularity === 'even' ? () => random() % routes : zipf(routes, random);
  if (kind === 'plain port') return Int32Array.from({ length: count }, draw);
  const bases = blocksOf(kind, routes);
  return Array.from({ length: count }, () => {
    const route = draw();
    if (kind === 'sni exact') return ownString(domain(route));
    if (kind === 'sni wildcard') return ownString(`h${random() % 1000}.${domain(route)}`);
    if (kind === 'cidr') return ownString(ipv4((bases[route] & 0xffff_ff00) | (random() & 255)));
    return ownString(`${prefix6(bases[route])}::${(random() & 0xffff).toString(16)}`);
  });
}

/** Routes are popular in an order that has nothing to do with where they are in the table. */
function zipf(routes: number, random: () => number): () => number {
  const sums = new Float64Array(routes);
  for (let rank = 0, sum = 0; rank < routes; rank++) sums[rank] = sum += 1 / (rank + 1);
  const order = Array.from({ length: routes }, (_, route) => route);
  for (let i = routes - 1; i > 0; i--) {
    const j = random() % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return () => {
    const at = (random() / 2 ** 32) * sums[routes - 1];
    let [low, high] = [0, routes - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] <= at) low = middle + 1;
      else high = middle;
    }
    return order[low];
  };
}

function blocksOf(kind: Kind, routes: number): number[] {
  return Array.from({ length: routes }, seeded(kind === 'cidr' ? 4 : 6));
}

/** Flat, and shared with no other key. */
function ownString(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
