// Clusters: each host, subset and port that a route leads to, once, with its endpoints and policy.
import { type Code, type Complaint, complain, type FieldPath, type ResourceKey } from '@sluice/resource';
import type { ClusterPlan, EndpointPlan } from '@sluice/route-table';
import { type Backend, type Backends, findBackend, lacksPort, namespacesPassedOver, onlyPort } from './backend.ts';
import { type DestinationRules, findDestinationRule, type MergedRule } from './destination-rules.ts';
import { type Instance, instancesOf, MAX_INSTANCES } from './endpoints.ts';
import { selects } from './label.ts';
import type { RouteDestination } from './model.ts';
import { once } from './once.ts';
import type { Setting } from './options.ts';
import { compareText } from './order.ts';
import { clusterPolicy } from './policy.ts';
import type { Workloads } from './workload.ts';

/** Where connections end that must fail: Istio's name for it. It has no endpoints. */
export const BLACK_HOLE = 'BlackHoleCluster';

/** What clusters are made from. */
export interface ClusterSources {
  readonly setting: Setting;
  readonly backends: Backends;
  readonly rules: DestinationRules;
  readonly workloads: Workloads;
}

/** Namespaces that a message names. */
const MAX_LISTED = 5;

export type ReportAt = (code: Code, key: ResourceKey, path: FieldPath, message: string) => void;

/** What a cluster counts without any endpoint: as many ports by as many subsets are clusters too. */
const CLUSTER_ITSELF = 8;

/** A cluster with what there is to say to everybody who leads to it. */
export interface BookedCluster {
  readonly plan: ClusterPlan;
  /** Instances looked at for its endpoints: all of its host's port, whatever its subset; and CLUSTER_ITSELF. */
  readonly looked: number;
  readonly notes: readonly { readonly code: Code; readonly message: string }[];
}

/** The clusters asked for so far. */
export interface ClusterBook {
  readonly sources: ClusterSources;
  readonly byName: Map<string, BookedCluster>;
  readonly instances: Map<Backend, Map<number, readonly Instance[]>>;
  /** The backend the acceptor sees under a host. */
  readonly seen: Map<string, Backend | undefined>;
  readonly passedOver: (backend: Backend) => readonly string[];
  /** Instances looked at for all of them. Beyond `MAX_INSTANCES` no more clusters are made. */
  looked: number;
  /** Names looked at for servers of AUTO_PASSTHROUGH. */
  meshNames: number;
  readonly report: ReportAt;
}

export function openClusterBook(sources: ClusterSources, report: ReportAt): ClusterBook {
  const { backends, setting } = sources;
  return {
    sources,
    byName: new Map(),
    instances: new Map(),
    seen: new Map(),
    passedOver: once((backend: Backend) => namespacesPassedOver(backends, backend, setting.namespace)),
    looked: 0,
    meshNames: 0,
    report,
  };
}

/** The name of the cluster a destination leads to from a listener's port, entering it in the book; `key` is told of it. */
export function clusterFor(
  book: ClusterBook,
  destination: RouteDestination,
  listenerPort: number,
  key: ResourceKey,
): string {
  const { host, subset } = destination;
  // Of too many none is compiled (SLU3039), so that the rest need not be made.
  if (host === '' || hasTooMany(book.looked)) {
    if (!book.byName.has(BLACK_HOLE)) book.byName.set(BLACK_HOLE, { plan: blackHole(), looked: 0, notes: [] });
    return BLACK_HOLE;
  }
  const backend = backendFor(book, host);
  const port = destination.port ?? onlyPort(backend) ?? listenerPort;
  const name = `outbound|${port}|${subset}|${host}`;
  let booked = book.byName.get(name);
  if (booked === undefined) book.byName.set(name, (booked = buildCluster(book, backend, destination, port, name)));
  for (const { code, message } of booked.notes) book.report(code, key, destination.path, message);
  return name;
}

/** The DestinationRule of a destination's host. */
export function ruleFor(book: ClusterBook, host: string): MergedRule | undefined {
  const { rules, setting } = book.sources;
  return findDestinationRule(rules, host, backendFor(book, host)?.namespace, setting);
}

function backendFor(book: ClusterBook, host: string): Backend | undefined {
  const { backends, setting } = book.sources;
  if (!book.seen.has(host)) book.seen.set(host, findBackend(backends, host, setting.namespace));
  return book.seen.get(host);
}

/** Those of the names, in order; a cluster's position is its index in the plan. */
export function closeClusterBook(book: ClusterBook, names: ReadonlySet<string>): readonly ClusterPlan[] {
  return [...names].sort(compareText).map((name) => book.byName.get(name)!.plan);
}

function buildCluster(
  book: ClusterBook,
  backend: Backend | undefined,
  { host, subset }: Pick<RouteDestination, 'host' | 'subset'>,
  port: number,
  name: string,
): BookedCluster {
  const { backends, rules, setting } = book.sources;
  const rule = findDestinationRule(rules, host, backend?.namespace, setting);
  const { tlsMode, hashWithoutKey, ...policy } = clusterPolicy(rule, subset, port);
  const notes: { readonly code: Code; readonly message: string }[] = [];
  const complain = (code: Code, message: string) => notes.push({ code, message });
  if (backend === undefined && backends.has(host))
    complain('SLU3016', `host ${host} is not exported to namespace ${setting.namespace} of the acceptor: no endpoints`);
  const passedOver = backend === undefined ? [] : book.passedOver(backend);
  if (passedOver.length > 0)
    complain(
      'SLU3036',
      `host ${host} is followed as namespace ${backend!.namespace} defines it, not as ${passedOver.slice(0, MAX_LISTED).join(', ')} does`,
    );
  if (tlsMode !== '')
    complain(
      'SLU3017',
      `${name}: DestinationRule ${rule!.keys[0]} asks for TLS mode ${tlsMode}, connections are made without`,
    );
  if (subset !== '' && rule?.subsets.has(subset) !== true && rules.named.has(`${host} ${subset}`))
    complain(
      'SLU3031',
      `${name}: no DestinationRule that the acceptor follows for ${host} has subset ${subset}: no endpoints`,
    );
  if (hashWithoutKey)
    complain(
      'SLU3019',
      `${name}: consistentHash on HTTP attributes has no key on a TCP connection: endpoints are chosen at random`,
    );
  if (policy.balancer === 'passthrough' || (backend !== undefined && isOriginalDestination(backend)))
    complain('SLU3018', `${name}: connections to the original destination would lead back to this edge: no endpoints`);
  if (backend !== undefined && !isOriginalDestination(backend) && lacksPort(backend, port))
    complain('SLU3033', `${name}: ${host} takes no TCP connections at port ${port}: no endpoints`);
  const instances = backend === undefined ? [] : instancesFor(book, backend, port);
  const looked = CLUSTER_ITSELF + instances.length;
  book.looked += looked;
  const endpoints = clusterEndpoints(instances, rule, subset);
  return { plan: { name, host, subset, port, ...policy, endpoints }, looked, notes };
}

export function hasTooMany(looked: number): boolean {
  return looked > MAX_INSTANCES;
}

export function complainOfEndpoints(): Complaint {
  const message = `the clusters that routes lead to have more than ${MAX_INSTANCES} endpoints to choose from together, a cluster itself counted as ${CLUSTER_ITSELF}`;
  return complain('SLU3039', '', '', message);
}

function clusterEndpoints(
  all: readonly Instance[],
  rule: MergedRule | undefined,
  subset: string,
): readonly EndpointPlan[] {
  let instances = all;
  if (subset !== '') {
    const labels = rule?.subsets.get(subset);
    instances = labels === undefined ? [] : all.filter((one) => selects(labels.labels, one.labels));
  }
  // Of several with one address the greatest weight counts. Not before the subset is chosen: they may differ in labels.
  return instances
    .filter((one, i) => i === 0 || one.address !== instances[i - 1]!.address || one.port !== instances[i - 1]!.port)
    .map(({ address, port: number, weight }) => ({ address, port: number, weight }));
}

function instancesFor(book: ClusterBook, backend: Backend, port: number): readonly Instance[] {
  let byPort = book.instances.get(backend);
  if (byPort === undefined) book.instances.set(backend, (byPort = new Map()));
  let instances = byPort.get(port);
  if (instances === undefined) byPort.set(port, (instances = instancesOf(backend, port, book.sources.workloads)));
  return instances;
}

function isOriginalDestination(backend: Backend): boolean {
  return backend.providers.every(
    (one) => one.kind === 'ServiceEntry' && (one.entry.spec.resolution ?? 'NONE') === 'NONE',
  );
}

function blackHole(): ClusterPlan {
  const { tlsMode: _tls, hashWithoutKey: _hash, ...policy } = clusterPolicy(undefined, '', 0);
  return { name: BLACK_HOLE, host: BLACK_HOLE, subset: '', port: 0, ...policy, endpoints: [] };
}
