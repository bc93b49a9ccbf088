// A second reading of Istio's rules for TCP and TLS routes, straight from the resources, by loops over everything: what
// compile and explain are compared with. Knows VirtualServices, Gateways, Services and WorkloadEntries only.
import {
  type Gateway,
  type GatewayServer,
  keyOf,
  type Resource,
  resolveGateway,
  resolveHost,
  type TcpRoute,
  type TlsRoute,
  type VirtualService,
} from '@sluice/resource';
import ipaddr from 'ipaddr.js';
import { readAlpnAnnotation } from './alpn.ts';
import type { ConnectionFacts } from './explain.ts';
import { overlaps } from './host.ts';

export interface NaiveRoute {
  readonly route: string;
  readonly clusters: readonly string[];
}

type Match = Partial<NonNullable<TcpRoute['match']>[number] & TlsRoute['match'][number]> & {
  readonly alpn?: readonly string[];
};
interface Block {
  readonly match: Match;
  readonly identity: string;
  readonly route: NaiveRoute;
}

/** Where the connection goes by the rules of one acceptor in istio-system, or undefined. */
export function naiveRoute(resources: readonly Resource[], facts: ConnectionFacts): NaiveRoute | undefined {
  const servers = acceptedServers(resources, facts.port);
  const own = servers.some(
    ({ server }) => server.bind === facts.destination && isOpen(resources, servers, server.bind),
  );
  const bind = own ? facts.destination : undefined;
  const here = servers.filter(({ server }) => server.bind === bind);
  const first = here[0];
  if (first === undefined) return undefined;
  const blocks = here.flatMap(({ gateway, server }) => blocksOf(resources, gateway, server));
  if (first.server.port.protocol === 'TCP') return blocks.find(({ match }) => meets(resources, match, facts))?.route;
  return tlsRoute(resources, here, facts);
}

interface Placed {
  readonly gateway: Gateway;
  readonly server: GatewayServer;
}

const byName = (a: Resource, b: Resource) => {
  const key = ({ metadata: { name, namespace } }: Resource) => `${name} ${namespace}`;
  return key(a) < key(b) ? -1 : 1;
};

function acceptedServers(resources: readonly Resource[], port: number): readonly Placed[] {
  const placed: Placed[] = [];
  const gateways = resources.filter((one): one is Gateway => one.kind === 'Gateway').sort(byName);
  for (const gateway of gateways) {
    if ((gateway.spec.selector?.istio ?? 'ingressgateway') !== 'ingressgateway') continue;
    for (const server of gateway.spec.servers) {
      if (server.port.number !== port) continue;
      const rivals = placed.filter((one) => one.server.bind === server.bind);
      const hosts = scopedHosts(gateway, server);
      const clash = rivals.some((rival) => {
        const protocols = [rival.server.port.protocol, server.port.protocol];
        if (protocols.every((one) => one === 'HTTP')) return false;
        if (!protocols.every((one) => one === 'TLS')) return true;
        return scopedHosts(rival.gateway, rival.server).some((host) => hosts.includes(host));
      });
      if (!clash) placed.push({ gateway, server });
    }
  }
  return placed;
}

/** A listener without a rule is not opened, and the one of all addresses takes its connections. */
function isOpen(resources: readonly Resource[], servers: readonly Placed[], bind: string | undefined): boolean {
  const here = servers.filter(({ server }) => server.bind === bind);
  if (here[0]?.server.port.protocol === 'TLS') return install(resources, here).some((one) => 'match' in one);
  return here.some(({ gateway, server }) =>
    blocksOf(resources, gateway, server).some(({ match }) => isPossible(resources, match)),
  );
}

function scopedHosts({ metadata }: Gateway, { hosts }: GatewayServer): readonly string[] {
  if (hosts.includes('*/*')) return ['*'];
  return hosts.map((host) => (host.startsWith('./') ? `${metadata.namespace}${host.slice(1)}` : host));
}

/** Every match of every rule that the server follows, in order; none for servers that are not served. */
function blocksOf(resources: readonly Resource[], gateway: Gateway, server: GatewayServer): readonly Block[] {
  if (server.port.protocol === 'HTTP') return [];
  const field = server.tls?.mode === 'PASSTHROUGH' ? 'tls' : 'tcp';
  const id = `${gateway.metadata.namespace}/${gateway.metadata.name}`;
  const blocks: Block[] = [];
  for (const service of visibleServices(resources)) {
    const { namespace, name, annotations } = service.metadata;
    if (!(service.spec.gateways ?? []).some((one) => resolveGateway(one, namespace) === id)) continue;
    const fits = scopedHosts(gateway, server).some((scoped) => {
      const [host, scope] = scoped.split('/').reverse() as [string, string?];
      return (scope ?? namespace) === namespace && (service.spec.hosts ?? []).some((one) => overlaps(one, host));
    });
    if (!fits) continue;
    const alpn = readAlpnAnnotation(annotations, () => {});
    for (const [i, rule] of (service.spec[field] ?? []).entries()) {
      const matches: readonly Match[] = rule.match === undefined || rule.match.length === 0 ? [{}] : rule.match;
      for (const [j, match] of matches.entries()) {
        if (match.port !== undefined && match.port !== server.port.number) continue;
        if (match.gateways !== undefined && !match.gateways.some((one) => resolveGateway(one, namespace) === id))
          continue;
        const at = `spec.${field}[${i}]`;
        const protocols = alpn.get(`${at}.match[${j}]`) ?? alpn.get(at) ?? alpn.get('');
        const clusters = clustersOf(resources, namespace, rule.route, server.port.number);
        if (clusters.length === 0) continue;
        blocks.push({
          match: field === 'tls' && protocols !== undefined ? { ...match, alpn: protocols } : match,
          identity: `${keyOf(service)} ${at} ${j}`,
          route: { route: `${namespace}/${name}/${field}[${i}]`, clusters },
        });
      }
    }
  }
  return blocks;
}

function visibleServices(resources: readonly Resource[]): readonly VirtualService[] {
  const services = resources.filter((one): one is VirtualService => one.kind === 'VirtualService').sort(byName);
  const step = ({ spec, metadata }: VirtualService) => {
    const [to = '*'] = spec.exportTo ?? [];
    if (to === '*') return 2;
    if (to === '.') return metadata.namespace === 'istio-system' ? 0 : 3;
    return metadata.namespace === to ? 0 : 1;
  };
  return [0, 1, 2].flatMap((wanted) => services.filter((service) => step(service) === wanted));
}

function clustersOf(
  resources: readonly Resource[],
  namespace: string,
  route: TcpRoute['route'],
  listenerPort: number,
): readonly string[] {
  const used = route.length === 1 ? route : route.filter(({ weight }) => (weight ?? 0) > 0);
  return used.map(({ destination }) => {
    const host = resolveHost(destination.host, namespace);
    const service = resources.find(
      (one) => one.kind === 'Service' && host === `${one.metadata.name}.${one.metadata.namespace}.svc.cluster.local`,
    );
    const ports = service?.kind === 'Service' ? (service.spec.ports ?? []) : [];
    const port = destination.port?.number ?? (ports.length === 1 ? ports[0]!.port : listenerPort);
    return `outbound|${port}|${destination.subset ?? ''}|${host}`;
  });
}

type Installed = Block | { readonly names: readonly string[] };

/** What a TLS port holds: names of servers that end TLS, each the first one's, with their rules; then rules in order. */
function install(resources: readonly Resource[], here: readonly Placed[]): readonly Installed[] {
  const installed: Installed[] = [];
  for (const { gateway, server } of here) {
    if (server.tls?.mode !== 'SIMPLE') continue;
    const names = scopedHosts(gateway, server)
      .map((host) => host.split('/').at(-1)!)
      .filter((name) => !installed.some((one) => 'names' in one && one.names.includes(name)));
    installed.push({ names });
    if (names.length === 0) continue;
    for (const block of blocksOf(resources, gateway, server))
      if (isPossible(resources, block.match))
        installed.push({ ...block, identity: 'ended', match: { ...block.match, sniHosts: names } });
  }
  for (const { gateway, server } of here) {
    if (server.tls?.mode === 'SIMPLE') continue;
    for (const block of blocksOf(resources, gateway, server)) {
      if (installed.some((one) => 'identity' in one && one.identity === block.identity)) continue;
      const taken = installed.some((one) => {
        const names = 'names' in one ? one.names : isUnconditional(one.match) ? (one.match.sniHosts ?? []) : [];
        return names.some((name) => block.match.sniHosts!.includes(name));
      });
      if (!taken && isPossible(resources, block.match)) installed.push(block);
    }
  }
  return installed;
}

function tlsRoute(
  resources: readonly Resource[],
  here: readonly Placed[],
  facts: ConnectionFacts,
): NaiveRoute | undefined {
  const installed = install(resources, here);
  const sni = facts.sni?.toLowerCase();
  const suffixes =
    sni === undefined ? [] : sni.split('.').map((_label, i, labels) => `*.${labels.slice(i + 1).join('.')}`);
  // Without a name or protocol to look for, the first bytes are not looked at.
  const looks = installed.some((one) =>
    ('names' in one ? one.names : one.match.sniHosts!).some((name) => name !== '*'),
  );
  const offers = installed.some((one) => 'match' in one && (one.match.alpn !== undefined || one.identity === 'ended'));
  const seen = looks || offers ? facts : { ...facts, sni: undefined, alpn: [] };
  for (const name of [...(seen.sni === undefined ? [] : [sni!, ...suffixes]), '*']) {
    const named = installed.filter((one) => ('names' in one ? one.names : one.match.sniHosts!).includes(name));
    if (named.length === 0) continue;
    return named.find((one): one is Block => 'match' in one && meets(resources, one.match, seen))?.route;
  }
  return undefined;
}

function isUnconditional(match: Match): boolean {
  return !match.sourceSubnet && !match.destinationSubnets && !match.sourceLabels && !match.alpn;
}

function workloadAddresses(
  resources: readonly Resource[],
  labels: Readonly<Record<string, string>>,
): readonly string[] {
  return resources
    .filter((one) => one.kind === 'WorkloadEntry')
    .filter(({ metadata }) => Object.entries(labels).every(([key, value]) => metadata.labels[key] === value))
    .map(({ spec }) => spec.address!)
    .filter((address) => ipaddr.isValid(address));
}

function isPossible(resources: readonly Resource[], { sourceLabels }: Match): boolean {
  return sourceLabels === undefined || workloadAddresses(resources, sourceLabels).length > 0;
}

function meets(resources: readonly Resource[], match: Match, facts: ConnectionFacts): boolean {
  const source = facts.remote ?? facts.source!;
  if (match.sourceSubnet !== undefined && !inBlock(source, match.sourceSubnet)) return false;
  if (match.destinationSubnets?.some((block) => inBlock(facts.destination!, block)) === false) return false;
  if (match.alpn?.some((protocol) => facts.alpn!.includes(protocol)) === false) return false;
  return (
    match.sourceLabels === undefined ||
    workloadAddresses(resources, match.sourceLabels).some((one) => inBlock(source, one))
  );
}

function inBlock(address: string, block: string): boolean {
  const [base = '', bits] = block.split('/');
  const [one, other] = [ipaddr.process(address), ipaddr.process(base)];
  return (
    one.kind() === other.kind() && one.match(other as ipaddr.IPv4, Number(bits ?? (one.kind() === 'ipv4' ? 32 : 128)))
  );
}
