// Says of version after version what `analyze` says of all its resources, at a price in proportion to the change: of whom a
// change may concern something is said anew, from what that depends on, by the code that analyzes a whole version.
import { type Complaint, keyOf, type Resource, type ResourceKey } from '@sluice/resource';
import { type AnalyzeOptions, analyzeKinds } from '../analyze/analyze.ts';
import { buildCatalog, groupByKind } from '../catalog.ts';
import { sortComplaints } from '../compile.ts';
import { type Complaints, withinBounds } from '../complaint-book.ts';
import { closeDraft, draft } from '../draft.ts';
import { complainOfIdle } from '../idle.ts';
import { complainOfLoad, type MatchLoad, matchLoad } from '../match-load.ts';
import type { RouteSource } from '../model.ts';
import { type Setting, settingOf } from '../options.ts';
import { complainOfSpread, isTooFar, spreadOf, spreadOfAll } from '../spread.ts';
import { analysisWord, analysisWordsOf } from './analysis-words.ts';
import { Compiler, type ResourceChange } from './compiler.ts';
import { addConcerned, addConcernWords, addRivals, type ConcernWords, concernsAll, lookedAt } from './concern.ts';
import { Needs } from './needs.ts';
import { isOfGatewayApi } from './reach.ts';
import { ResourceIndex } from './resource-index.ts';
import { TooMuch } from './too-much.ts';
import type { Replaced } from './touched.ts';
import { word } from './words.ts';

/** Resources changed at once beyond which everything is analyzed: one by one would be no quicker. */
const MAX_CHANGED = 256;

type AnalyzerOptions = Pick<AnalyzeOptions, 'labels' | 'namespace' | 'rootNamespace' | 'acceptors'>;

/** Where only what is read is wanted. */
const UNHEARD: Complaints = { push: () => {} };

export class Analyzer {
  readonly #options: AnalyzerOptions;
  readonly #compiler: Compiler;
  #setting: Setting;
  #index = new ResourceIndex();
  #needs = new Needs();
  /** By resource, without what is said of idle servers: the compiler knows those. */
  readonly #said = new Map<ResourceKey, readonly Complaint[]>();
  #idle: readonly Complaint[] = [];
  #all: readonly Complaint[] | null = null;
  /** Null where there is more than can be compiled: then nothing else is known of the version. */
  #load: MatchLoad | null = null;
  #spread = 0;

  constructor(options: AnalyzerOptions) {
    this.#options = options;
    this.#compiler = new Compiler(options);
    this.#setting = settingOf(options);
  }

  /** Begins with these resources and no others. */
  start(resources: Iterable<Resource>, creation: Setting['creation']): void {
    const all = [...resources];
    this.#setting = settingOf({ ...this.#options, creation });
    this.#index = new ResourceIndex();
    // The words of a set with too much to match would be as many.
    for (const resource of all) this.#index.put(keyOf(resource), resource, []);
    this.#begin();
  }

  /** Analyzes what the index holds, as if nothing were known of it. */
  #begin(): void {
    this.#spread = spreadOfAll(this.#index.resources());
    if (isTooFar(this.#spread)) return this.#sayTooMuch(complainOfSpread());
    this.#load = loadOf(this.#index.resources(), this.#setting);
    if (this.#load === null) return this.#sayTooMuch(complainOfLoad());
    this.#all = null;
    const all = [...this.#index.resources()];
    const tooMuch = this.#compile(() => this.#compiler.start(all, this.#setting.creation));
    if (tooMuch !== null) return this.#sayTooMuch(tooMuch);
    for (const resource of all)
      this.#index.put(keyOf(resource), resource, analysisWordsOf(resource, this.#setting, undefined));
    this.#sayIdle();
    this.#analyzeAll();
  }

  #sayTooMuch(complaint: Complaint): void {
    this.#load = null;
    this.#all = [complaint];
  }

  /** What is to be said if there is more than can be compiled. */
  #compile(step: () => void): Complaint | null {
    try {
      step();
      return null;
    } catch (error) {
      if (error instanceof TooMuch) return error.complaint;
      throw error;
    }
  }

  /** Goes on to the next version, as `Compiler.change` does. */
  change(change: ResourceChange, creation: Setting['creation']): void {
    this.#setting = settingOf({ ...this.#options, creation });
    const replaced = this.#replacedBy(change);
    if (this.#load === null) {
      for (const { key, after } of replaced) this.#keepUnread(key, after);
      return this.#begin();
    }
    const { acceptors = [this.#options.labels] } = this.#options;
    const isWide = (one: Replaced) => concernsAll(this.#index, one, this.#setting, acceptors);
    const reachesAll = replaced.length > MAX_CHANGED || replaced.some(isWide);
    const tooMuch =
      this.#weigh(this.#load, replaced, reachesAll) ?? this.#compile(() => this.#compiler.change(change, creation));
    if (tooMuch !== null) {
      for (const { key, after } of replaced) this.#keepUnread(key, after);
      return this.#sayTooMuch(tooMuch);
    }
    this.#sayIdle();
    if (reachesAll) {
      for (const one of replaced) this.#keep(one);
      this.#analyzeAll();
      return;
    }
    const namespaces = replaced.map(({ before, after }) => (before ?? after)!.metadata.namespace);
    const there = () => namespaces.map((namespace) => this.#index.hasNamespace(namespace)).join();
    const before = there();
    const concerned = this.#concernedBy(replaced);
    // A policy may name a namespace that comes with its first resource, or goes with its last.
    if (before !== there() && this.#index.count(analysisWord.policies) > 0) return this.#analyzeAll();
    const resources =
      concerned && lookedAt(this.#index, this.#needs, concerned, (key) => this.#readRoutes([this.#index.get(key)]));
    if (concerned === null || resources === null) return this.#analyzeAll();
    const said = this.#say(resources);
    for (const key of concerned) {
      const own = said.get(key);
      if (areSame(own, this.#said.get(key))) continue;
      this.#all = null;
      if (own === undefined) this.#said.delete(key);
      else this.#said.set(key, own);
    }
  }

  /** The same as `analyze` gives of all resources; the same list as before where nothing else is said. */
  complaints(): readonly Complaint[] {
    this.#all ??= sortComplaints([...[...this.#said.values()].flat(), ...this.#idle]);
    return this.#all;
  }

  #sayIdle(): void {
    const idle = withinBounds(complainOfIdle(this.#compiler.idle()));
    if (areSame(idle, this.#idle)) return;
    this.#idle = idle;
    this.#all = null;
  }

  #replacedBy({ put, delete: gone }: ResourceChange): Replaced[] {
    const after = new Map<ResourceKey, Resource | undefined>();
    for (const key of gone) after.set(key, undefined);
    for (const resource of put) after.set(keyOf(resource), resource);
    return [...after]
      .map(([key, resource]) => ({ key, before: this.#index.get(key), after: resource }))
      .filter((one) => (one.before ?? one.after) !== undefined);
  }

  #concernedBy(replaced: readonly Replaced[]): Set<ResourceKey> | null {
    const concerned = new Set<ResourceKey>();
    const words: ConcernWords = { names: new Set(), tcp: new Set(), mesh: new Set() };
    const add = () => {
      for (const one of replaced) addConcerned(this.#index, this.#needs, one, concerned);
      addConcernWords(this.#index, concerned, words);
    };
    add();
    for (const one of replaced) this.#keep(one);
    add();
    for (const key of concerned) {
      const rule = this.#index.get(key);
      if (rule?.kind === 'DestinationRule') this.#needs.put(this.#index, rule);
    }
    return addRivals(this.#index, words, concerned) ? concerned : null;
  }

  /** What is to be said if the set is too large after a change; `load` is that before it. */
  #weigh(load: MatchLoad, replaced: readonly Replaced[], reachesAll: boolean): Complaint | null {
    for (const { before, after } of replaced) this.#spread += spreadOf(after) - spreadOf(before);
    if (isTooFar(this.#spread)) return complainOfSpread();
    if (reachesAll) {
      const after = new Map([...this.#index.resources()].map((resource) => [keyOf(resource), resource]));
      for (const one of replaced) {
        if (one.after === undefined) after.delete(one.key);
        else after.set(one.key, one.after);
      }
      this.#load = loadOf(after.values(), this.#setting);
      return this.#load === null ? complainOfLoad() : null;
    }
    for (const { before, after } of replaced) {
      for (const source of this.#sourcesOf(before)) load.remove(source);
      for (const source of this.#sourcesOf(after)) load.add(source);
    }
    return load.isTooMuch ? complainOfLoad() : null;
  }

  #sourcesOf(resource: Resource | undefined): readonly RouteSource[] {
    const isRoute = resource?.kind === 'VirtualService' || isOfGatewayApi(resource);
    return isRoute ? this.#readRoutes([resource]) : [];
  }

  #keepUnread(key: ResourceKey, resource: Resource | undefined): void {
    this.#needs.delete(key);
    if (resource === undefined) this.#index.delete(key);
    else this.#index.put(key, resource, []);
  }

  #keep({ key, after }: Replaced): void {
    this.#needs.delete(key);
    if (after === undefined) this.#index.delete(key);
    else this.#index.put(key, after, analysisWordsOf(after, this.#setting, this.#sourceOf(after)));
  }

  #sourceOf(resource: Resource): RouteSource | undefined {
    return resource.kind === 'TCPRoute' || resource.kind === 'TLSRoute' ? this.#readRoutes([resource])[0] : undefined;
  }

  #readRoutes(routes: readonly (Resource | undefined)[]): readonly RouteSource[] {
    const there = routes.filter((route) => route !== undefined);
    const beside = there.some(isOfGatewayApi) ? this.#resources(this.#index.with(word.gatewayApi)) : [];
    return buildCatalog(groupByKind([...beside, ...there]), this.#setting, []).routes;
  }

  #resources(keys: Iterable<ResourceKey>): Resource[] {
    return Array.from(keys, (key) => this.#index.get(key)).filter((resource) => resource !== undefined);
  }

  #analyzeAll(): void {
    this.#all = null;
    const routes = [...this.#index.resources()].filter(({ kind }) => kind === 'TCPRoute' || kind === 'TLSRoute');
    const sources = new Map(this.#readRoutes(routes).map((source) => [source.key, source]));
    for (const route of routes) {
      const key = keyOf(route);
      this.#index.put(key, route, analysisWordsOf(route, this.#setting, sources.get(key)));
    }
    this.#needs = new Needs();
    for (const resource of this.#index.resources())
      if (resource.kind === 'DestinationRule') this.#needs.put(this.#index, resource);
    this.#said.clear();
    for (const [key, complaints] of this.#say(this.#index.keys())) this.#said.set(key, complaints);
  }

  /** What is said of the resources among each other, idle servers left out. */
  #say(keys: Iterable<ResourceKey>): Map<ResourceKey, Complaint[]> {
    const resources = this.#resources(keys);
    const drafted = draft(resources, this.#setting);
    closeDraft(drafted, this.#setting);
    const said = new Map<ResourceKey, Complaint[]>();
    for (const complaint of [...analyzeKinds(resources, this.#setting, this.#options), ...drafted.complaints.list()]) {
      if (said.has(complaint.resource)) said.get(complaint.resource)!.push(complaint);
      else said.set(complaint.resource, [complaint]);
    }
    return said;
  }
}

function loadOf(resources: Iterable<Resource>, setting: Setting): MatchLoad | null {
  return matchLoad(buildCatalog(groupByKind(resources), setting, UNHEARD));
}

/** In the same order, too; nothing and none at all are the same. */
function areSame(ones: readonly Complaint[] = [], others: readonly Complaint[] = []): boolean {
  return ones.length === others.length && ones.every((one, i) => isSame(one, others[i]!));
}

function isSame(one: Complaint, other: Complaint): boolean {
  const { code, level, resource, path, message } = other;
  return (
    one.message === message &&
    one.path === path &&
    one.code === code &&
    one.level === level &&
    one.resource === resource
  );
}
