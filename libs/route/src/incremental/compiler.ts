// Compiles version after version: what a change reaches is drafted again from its surroundings by the code that drafts a
// whole version, and takes the place of what was there. So it gives what `compile` gives of all resources, at a price in
// proportion to the change. Changes that reach everything, or very far, are compiled anew.
import { keyOf, type Resource, type ResourceKey, type Secret } from '@sluice/resource';
import type { ChainChange, NamedChain, PlanChange, TablePlan } from '@sluice/route-table';
import { buildCatalog, groupByKind } from '../catalog.ts';
import { type ClusterBook, clusterFor, complainOfEndpoints, hasTooMany, openClusterBook } from '../clusters.ts';
import { planListeners } from '../compile.ts';
import { draft } from '../draft.ts';
import { type IdleServer, idleServers } from '../idle.ts';
import { MatchLoad } from '../match-load.ts';
import type { RouteSource } from '../model.ts';
import { type CompileOptions, type Setting, settingOf } from '../options.ts';
import { type PlannedPolicies, planPolicies } from '../policies.ts';
import { claimKey, type Displaced } from '../port-merge.ts';
import { asksForTooMany, complainOfSources } from '../source-addresses.ts';
import type { TlsPlan } from '../tls-plan.ts';
import { planTlsOf, secretKey } from '../tls-servers.ts';
import { ClusterShelf } from './cluster-shelf.ts';
import { EdgePort, EdgePorts } from './edge-ports.ts';
import { IdleTeller } from './idle-teller.ts';
import type { ChainsChanged } from './port-chains.ts';
import { addRouteWords, isOfGatewayApi, type Reach, type RouteWords, reachOf, workloadNamespaces } from './reach.ts';
import { ResourceIndex } from './resource-index.ts';
import type { ReadRoutes } from './route-finder.ts';
import { addHostParts } from './surroundings.ts';
import { TooMuch } from './too-much.ts';
import { addTouched, isOfHosts, isWide, type Replaced, type Touched } from './touched.ts';
import { word, wordsOf, wordsOfRoute } from './words.ts';

/** Resources changed at once beyond which a change is compiled anew: one by one would be no quicker. */
const MAX_CHANGED = 256;

export interface ResourceChange {
  readonly put: readonly Resource[];
  readonly delete: readonly ResourceKey[];
}

export class Compiler {
  readonly #options: Omit<CompileOptions, 'creation'>;
  #index = new ResourceIndex();
  #setting: Setting;
  #ports = new EdgePorts([]);
  #displaced: readonly Displaced[] = [];
  #clusters = new ClusterShelf();
  #policies: PlannedPolicies = { plans: [], on: () => [] };
  #idle: IdleTeller;
  /** A server of AUTO_PASSTHROUGH serves every host there is. */
  #servesAllHosts = false;
  /** Null: to be made when next asked for. */
  #tls: readonly TlsPlan[] | null = null;

  constructor(options: Omit<CompileOptions, 'creation'>) {
    this.#options = options;
    this.#setting = settingOf(options);
    this.#idle = new IdleTeller(this.#index, this.#ports);
  }

  /** Begins with these resources and no others. Throws `TooMuch` where there is more than can be compiled. */
  start(resources: Iterable<Resource>, creation: Setting['creation']): void {
    this.#setting = settingOf({ ...this.#options, creation });
    this.#index = new ResourceIndex();
    for (const resource of resources) this.#index.put(keyOf(resource), resource, wordsOf(resource, this.#setting));
    this.#compileAll();
  }

  /**
   * Goes on to the next version. `put`: resources that are new, changed, or in another place in the order of creation;
   * `creation` is that of the version. Null where everything was compiled anew: then `plan` says what there is. Throws
   * `TooMuch`; then it must `start` again.
   */
  change(change: ResourceChange, creation: Setting['creation']): PlanChange | null {
    this.#setting = settingOf({ ...this.#options, creation });
    const replaced = this.#replacedBy(change);
    if (replaced.length > MAX_CHANGED || replaced.some((one) => this.#reachesAll(one))) {
      for (const one of replaced) this.#keep(one);
      this.#compileAll();
      return null;
    }
    const touched: Touched = { routes: new Set(), endpoints: new Set() };
    const words: RouteWords = { names: new Set(), tcp: new Set(), gateways: new Set() };
    for (const one of replaced) addTouched(this.#index, one, touched);
    addRouteWords(this.#index, touched.routes, words);
    for (const one of replaced) this.#keep(one);
    if (replaced.some((one) => this.#concernsSources(one)) && this.#asksForTooMany())
      throw new TooMuch(complainOfSources());
    for (const one of replaced) addTouched(this.#index, one, touched);
    addRouteWords(this.#index, touched.routes, words);
    const changed = this.#redraft(touched, words);
    if (changed === null) this.#compileAll();
    return changed;
  }

  /** The same as `compile` gives of all resources. */
  plan(): TablePlan {
    const listeners = this.#ports.list.flatMap(({ head, chains }) =>
      head === undefined ? [] : [{ head, chains: chains.list() }],
    );
    return { ...planListeners(listeners, this.#clusters.list()), authorization: this.#policies.plans };
  }

  /** The same as `compile` gives of all resources. */
  idle(): readonly IdleServer[] {
    return idleServers([...this.#displaced, ...this.#ports.list.flatMap((port) => [...port.unserved()])]);
  }

  /** The same as `compile` gives of all resources; the same list as before where nothing of it changed. */
  tls(): readonly TlsPlan[] {
    this.#tls ??= planTlsOf(
      this.#ports.list.flatMap((port) => [...port.ending()]),
      (name, namespace) => this.#index.get(secretKey(this.#setting, name, namespace)) as Secret | undefined,
    );
    return this.#tls;
  }

  #replacedBy({ put, delete: gone }: ResourceChange): Replaced[] {
    const after = new Map<ResourceKey, Resource | undefined>();
    for (const key of gone) after.set(key, undefined);
    for (const resource of put) after.set(keyOf(resource), resource);
    return [...after]
      .map(([key, resource]) => ({ key, before: this.#index.get(key), after: resource }))
      .filter((one) => (one.before ?? one.after) !== undefined);
  }

  #reachesAll(one: Replaced): boolean {
    return isWide(one) || (this.#servesAllHosts && isOfHosts(one));
  }

  #keep({ key, before, after }: Replaced): void {
    if ((before ?? after)?.kind === 'Secret') this.#tls = null;
    if (after === undefined) this.#index.delete(key);
    else if (after.kind === 'TCPRoute' || after.kind === 'TLSRoute')
      this.#index.put(key, after, this.#wordsOfRoute(after));
    else this.#index.put(key, after, wordsOf(after, this.#setting));
  }

  #wordsOfRoute(route: Resource): Iterable<string> {
    const [source] = this.#readRoutes([route]);
    return source === undefined ? [] : wordsOfRoute(source);
  }

  /** Routes of the Gateway API are read beside the Gateways they name. */
  #readRoutes(routes: readonly Resource[]): readonly RouteSource[] {
    const beside = routes.some(isOfGatewayApi) ? this.#resources(this.#index.with(word.gatewayApi)) : [];
    return buildCatalog(groupByKind([...beside, ...routes]), this.#setting, []).routes;
  }

  #concernsSources({ key, before, after }: Replaced): boolean {
    return (before ?? after)!.kind === 'WorkloadEntry' || this.#index.wordsOf(key).includes(word.sourceLabels);
  }

  #asksForTooMany(): boolean {
    const index = this.#index;
    if (index.count(word.sourceLabels) === 0) return false;
    const gateways = new Set(this.#ports.list.flatMap(({ merged }) => merged.servers.map(({ gateway }) => gateway)));
    const load = new MatchLoad(gateways);
    const counts = {
      namespaces: workloadNamespaces(index),
      count: (namespace: string, pair: string | undefined) =>
        index.count(pair === undefined ? word.workloads(namespace) : word.label(namespace, pair)),
    };
    const routes = this.#readRoutes(this.#resources(index.with(word.sourceLabels)));
    return asksForTooMany(routes, counts, (...asked) => load.timesTried(...asked));
  }

  #resources(keys: Iterable<ResourceKey>): Resource[] {
    return Array.from(keys, (key) => this.#index.get(key)).filter((resource) => resource !== undefined);
  }

  #redraft({ routes, endpoints }: Touched, words: RouteWords): PlanChange | null {
    const read: ReadRoutes = (keys) => this.#readRoutes(this.#resources(keys));
    const reach = reachOf(this.#index, this.#ports, routes, words, read);
    if (reach === null) return null;
    const opened = new Set(this.#ports.list.filter(({ head }) => head !== undefined));
    const changes = this.#redraftPorts(reach);
    for (const host of endpoints) this.#refillClusters(host);
    const idle = this.#idle.renew(words.gateways, routes, read);
    let areSame = true;
    for (const port of new Set([...changes.keys(), ...idle])) {
      if (port.renew(this.#policies)) areSame = false;
      if (port.endedHosts.size > 0) this.#tls = null;
    }
    const { put, removed } = this.#changeClusters();
    return {
      listeners: areSame ? undefined : this.#ports.list.flatMap(({ head }) => head ?? []),
      chains: [...changes].flatMap(([port, changed]) => chainChange(port, changed, opened.has(port))),
      putClusters: put,
      removeClusters: removed,
    };
  }

  #redraftPorts({ names, tcp, tls, resources }: Reach): ReadonlyMap<EdgePort, ChainsChanged> {
    const changes = new Map<EdgePort, ChainsChanged>();
    const byClaim = new Map([...tcp, ...tls].map((port) => [port.claim, port]));
    if (byClaim.size === 0) return changes;
    const { ports, scope, tooMuch } = draft(this.#resources(resources), this.#setting, new Set(byClaim.keys()));
    if (tooMuch !== null) throw new TooMuch(tooMuch);
    for (const { merged, chains } of ports) {
      const port = byClaim.get(claimKey(merged))!;
      const changed = replaceChains(port, chains, names, { isTcp: tcp.has(port), isTls: tls.has(port) });
      this.#clusters.use(changed.removed, -1);
      this.#clusters.use(changed.added, 1);
      changes.set(port, changed);
    }
    this.#takeClusters(scope.clusters);
    return changes;
  }

  /** Makes the clusters of a host anew that rules lead to already. */
  #refillClusters(host: string): void {
    const names = [...this.#clusters.ofHost(host)];
    if (names.length === 0) return;
    const keys = new Set<ResourceKey>();
    addHostParts(this.#index, host, keys);
    const catalog = buildCatalog(groupByKind(this.#resources(keys)), this.#setting, []);
    const book = openClusterBook({ setting: this.#setting, ...catalog }, () => {});
    for (const name of names) {
      const { subset, port } = this.#clusters.get(name)!;
      clusterFor(book, { path: '', host, subset, port, weight: 1 }, port, '');
    }
    this.#takeClusters(book);
  }

  #compileAll(): void {
    this.#tls = null;
    const { catalog, scope, merge, ports, tooMuch } = draft(this.#index.resources(), this.#setting);
    if (tooMuch !== null) throw new TooMuch(tooMuch);
    for (const resource of [...catalog.byKind.TCPRoute, ...catalog.byKind.TLSRoute])
      this.#index.put(keyOf(resource), resource, []);
    for (const source of catalog.routes) {
      const resource = this.#index.get(source.key)!;
      if (resource.kind !== 'VirtualService') this.#index.put(source.key, resource, wordsOfRoute(source));
    }
    this.#policies = planPolicies(catalog, this.#setting, () => {});
    this.#ports = new EdgePorts(ports.map((port) => new EdgePort(port, this.#policies)));
    this.#displaced = merge.displaced;
    this.#idle = new IdleTeller(this.#index, this.#ports);
    this.#servesAllHosts = merge.ports.some(({ servers }) => servers.some(({ kind }) => kind === 'auto-passthrough'));
    this.#clusters = new ClusterShelf();
    for (const { head, chains } of this.#ports.list) if (head !== undefined) this.#clusters.use(chains.list(), 1);
    this.#takeClusters(scope.clusters);
    this.#changeClusters();
  }

  #takeClusters(book: ClusterBook): void {
    if (hasTooMany(book.looked)) throw new TooMuch(complainOfEndpoints());
    for (const booked of book.byName.values()) this.#clusters.put(booked);
  }

  #changeClusters(): ReturnType<ClusterShelf['changes']> {
    const changes = this.#clusters.changes();
    if (hasTooMany(this.#clusters.looked)) throw new TooMuch(complainOfEndpoints());
    return changes;
  }
}

/** What of a port's chains a draft is about: those of plain TCP as a whole; of TLS the names that are passed on, or ended. */
function replaceChains(
  { chains: own, endedHosts }: EdgePort,
  chains: readonly NamedChain[],
  names: ReadonlySet<string>,
  { isTcp, isTls }: { readonly isTcp: boolean; readonly isTls: boolean },
): ChainsChanged {
  if (isTcp && endedHosts.size === 0) return own.replaceAll(chains);
  const passed = isTls ? [...names].filter((name) => !endedHosts.has(name)) : [];
  return own.replaceNames(isTcp ? [...passed, ...endedHosts] : passed, chains);
}

/** A listener that opens gets all its chains; one that closes is left out, with all of them. */
function chainChange({ head, chains }: EdgePort, { removed, added }: ChainsChanged, wasOpen: boolean): ChainChange[] {
  if (head === undefined) return [];
  if (!wasOpen) return [{ listener: head.name, remove: [], add: chains.list() }];
  if (removed.length + added.length === 0) return [];
  return [{ listener: head.name, remove: removed.map(({ names }) => names[0]!), add: added }];
}
