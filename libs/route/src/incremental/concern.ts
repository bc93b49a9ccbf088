// Of whom there may be something else to say after a change, and what must be looked at to say it.
import { type DestinationRule, type Resource, type ResourceKey, resolveHost } from '@sluice/resource';
import { isEmpty, type Labels, selects } from '../label.ts';
import type { RouteSource } from '../model.ts';
import type { Setting } from '../options.ts';
import { analysisWord } from './analysis-words.ts';
import { addMeshRivals } from './mesh-rivals.ts';
import { labelsOfWorkload, type Needs } from './needs.ts';
import { closeOverNames, isOfGatewayApi, workloadNamespaces } from './reach.ts';
import type { ResourceIndex } from './resource-index.ts';
import { addHostParts, addSources, covers, hostsOf, wildcardsOver } from './surroundings.ts';
import { isOfHosts, isWide, type Replaced } from './touched.ts';
import { behind, word } from './words.ts';

/** Resources of whom something is said anew, and resources looked at for it; beyond, everything is analyzed. */
const MAX_CONCERNED = 1_024;
const MAX_RESOURCES = 8_192;

/** Whether a change may concern anybody, so that it is not worth finding out whom. */
export function concernsAll(
  index: ResourceIndex,
  replaced: Replaced,
  setting: Setting,
  acceptors: readonly Labels[],
): boolean {
  const { before, after } = replaced;
  const { kind } = (before ?? after)!;
  if (isWide(replaced) || kind === 'Secret') return true;
  if (isOfHosts(replaced) && index.count(analysisWord.autoPassthrough) > 0) return true;
  if (kind === 'WorkloadEntry' && decidesPolicy(index, replaced, setting)) return true;
  return [before, after].some((one) => one?.kind === 'Service' && isInFront(one, setting, acceptors));
}

/** Whether a policy's selector may have found the workload before and not after, or the other way round. */
function decidesPolicy(index: ResourceIndex, { before, after }: Replaced, setting: Setting): boolean {
  const { namespace } = (before ?? after)!.metadata;
  const [old, now] = [labelsOfWorkload(before), labelsOfWorkload(after)];
  for (const key of index.with(analysisWord.policies)) {
    const policy = index.get(key);
    if (policy?.kind !== 'AuthorizationPolicy') continue;
    if (policy.metadata.namespace !== setting.rootNamespace && policy.metadata.namespace !== namespace) continue;
    const finds = (labels: Labels | undefined) =>
      labels !== undefined && selects(policy.spec.selector?.matchLabels, labels);
    if (finds(old) !== finds(now)) return true;
  }
  return false;
}

/** A Service before the acceptors decides which ports of every Gateway can be reached. */
function isInFront(
  { metadata, spec }: Extract<Resource, { kind: 'Service' }>,
  setting: Setting,
  acceptors: readonly Labels[],
) {
  if (metadata.namespace !== setting.namespace || isEmpty(spec.selector)) return false;
  return acceptors.some((labels) => selects(spec.selector, labels));
}

/** Adds whom a change concerns; asked of the index before the change, and once more after it. */
export function addConcerned(index: ResourceIndex, needs: Needs, replaced: Replaced, into: Set<ResourceKey>): void {
  const { key, before, after } = replaced;
  into.add(key);
  for (const resource of [before, after]) {
    switch (resource?.kind) {
      case 'Service':
      case 'ServiceEntry':
        for (const host of hostsOf(resource)) addOfHost(index, host, into);
        break;
      case 'DestinationRule':
        addOfHost(index, resolveHost(resource.spec.host, resource.metadata.namespace), into);
        break;
      case 'EndpointSlice':
        for (const text of index.wordsOf(key)) {
          const host = behind('slice', text);
          if (host !== undefined) addAll(index, word.rule(host), into);
        }
        break;
      case 'WorkloadEntry':
        for (const rule of needs.rulesBetween(before, after)) into.add(rule);
        addAll(index, word.sourceLabels, into);
    }
  }
}

function addOfHost(index: ResourceIndex, host: string, into: Set<ResourceKey>): void {
  addAll(index, word.destination(host), into);
  addAll(index, word.rule(host), into);
  if (!host.startsWith('*')) return;
  for (const text of index.words()) {
    const other = behind('destination', text) ?? behind('rule', text);
    if (other !== undefined && covers(host, other)) addAll(index, text, into);
  }
}

function addAll(index: ResourceIndex, text: string, into: Set<ResourceKey>): void {
  for (const key of index.with(text)) into.add(key);
}

/** What the concerned have by their words; collected before a change and after it. */
export interface ConcernWords {
  readonly names: Set<string>;
  /** `GATEWAY PORT`, with `*` for all ports. */
  readonly tcp: Set<string>;
  readonly mesh: Set<string>;
}

export function addConcernWords(index: ResourceIndex, concerned: Iterable<ResourceKey>, into: ConcernWords): void {
  for (const key of concerned) {
    for (const text of index.wordsOf(key)) {
      const name = behind('name', text);
      const tcp = behind('tcp', text);
      if (name !== undefined) into.names.add(name);
      if (tcp !== undefined) into.tcp.add(tcp);
      if (behind('mesh', text) !== undefined) into.mesh.add(text);
    }
  }
}

/** Adds those who compete with the concerned for names, ports and hosts. False where that would be too many. */
export function addRivals(index: ResourceIndex, words: ConcernWords, concerned: Set<ResourceKey>): boolean {
  if (!closeOverNames(index, new Set(words.names), concerned)) return false;
  addTcpRivals(index, words.tcp, concerned);
  addMeshRivals(index, words.mesh, concerned);
  return concerned.size <= MAX_CONCERNED;
}

function addTcpRivals(index: ResourceIndex, tcp: Iterable<string>, into: Set<ResourceKey>): void {
  for (const text of tcp) {
    const at = text.lastIndexOf(' ');
    const [gateway, port] = [text.slice(0, at), text.slice(at + 1)];
    if (port === '*') addAll(index, word.boundTcp(gateway), into);
    addAll(index, word.tcp(gateway, '*'), into);
    addAll(index, `tcp ${text}`, into);
  }
}

/** Everything that must be looked at so that what is said of the concerned is right; null where that is too much. */
export function lookedAt(
  index: ResourceIndex,
  needs: Needs,
  concerned: ReadonlySet<ResourceKey>,
  read: (key: ResourceKey) => readonly RouteSource[],
): ReadonlySet<ResourceKey> | null {
  const words: ConcernWords = { names: new Set(), tcp: new Set(), mesh: new Set() };
  addConcernWords(index, concerned, words);
  const resources = new Set<ResourceKey>(concerned);
  if (!closeOverNames(index, words.names, resources)) return null;
  addTcpRivals(index, words.tcp, resources);
  addMeshRivals(index, words.mesh, resources);
  if (resources.size > MAX_CONCERNED) return null;
  const wildcards = new Set<string>();
  for (const key of [...resources]) addBeside(index, needs, key, read, resources, wildcards);
  if (resources.size > MAX_RESOURCES) return null;
  addGateways(index, resources);
  for (const key of [...resources]) if (index.get(key) === undefined) resources.delete(key);
  return resources.size > MAX_RESOURCES ? null : resources;
}

function addBeside(
  index: ResourceIndex,
  needs: Needs,
  key: ResourceKey,
  read: (key: ResourceKey) => readonly RouteSource[],
  into: Set<ResourceKey>,
  wildcards: Set<string>,
): void {
  const resource = index.get(key);
  if (resource?.kind === 'DestinationRule') {
    addHost(index, hostOf(resource), into, wildcards);
    needs.addWorkloads(index, key, into);
  }
  for (const text of index.wordsOf(key)) {
    // Too many already: thousands of destinations may each mean thousands of hosts.
    if (into.size > MAX_RESOURCES) return;
    const host = behind('destination', text);
    const gateway = behind('reference', text);
    if (host !== undefined) addHost(index, host, into, wildcards);
    if (gateway !== undefined) addAll(index, analysisWord.gateway(gateway), into);
    if (text === word.sourceLabels)
      for (const source of read(key)) addSources(index, source, workloadNamespaces(index), into);
  }
}

function hostOf({ spec, metadata }: DestinationRule): string {
  return resolveHost(spec.host, metadata.namespace);
}

/** `wildcards`: those whose ServiceEntries are added already. */
function addHost(index: ResourceIndex, host: string, into: Set<ResourceKey>, wildcards: Set<string>): void {
  addHostParts(index, host, into);
  for (const wildcard of wildcardsOver(host)) {
    const text = word.host(wildcard);
    if (wildcards.has(wildcard) || index.count(text) === 0) continue;
    wildcards.add(wildcard);
    addAll(index, text, into);
  }
}

/** Gateways on one port decide together which of them gets it. */
function addGateways(index: ResourceIndex, into: Set<ResourceKey>): void {
  if ([...into].some((key) => isOfGatewayApi(index.get(key)))) addAll(index, word.gatewayApi, into);
  const ports = new Set<string>();
  for (const key of into)
    for (const text of index.wordsOf(key)) if (behind('port', text) !== undefined) ports.add(text);
  for (const text of ports) addAll(index, text, into);
  // One of the Gateway API brings its own kinds, and they the rest.
  if ([...into].some((key) => isOfGatewayApi(index.get(key)))) addAll(index, word.gatewayApi, into);
}
