// Says where a described connection goes and why, by reading the plan line by line. Slow and plain on purpose: it is what the
// fast look-up in libs/route-table is checked against.
import type { Code } from '@sluice/resource';
import type { AuthorizationPlan, ChainPlan, ClusterPlan, ListenerPlan, RulePlan, TablePlan } from '@sluice/route-table';
import { contains, parseAddress } from './address.ts';
import type { Compiled } from './compile.ts';
import { formatCondition, holds, isUnknown, type SeenFacts } from './condition-fact.ts';

/** A connection as a person describes it. Addresses are IPv4 or IPv6 texts. */
export interface ConnectionFacts {
  /** Port of the listener; ignored where `destination` is a unix address. */
  readonly port: number;
  /** The socket's peer. */
  readonly source?: string;
  /** The client's address, if a PROXY header gives another than `source`. */
  readonly remote?: string;
  /** The address connected to, or `unix:///path`. */
  readonly destination?: string;
  /** Server name of the ClientHello. */
  readonly sni?: string;
  /** Protocols the client offers. */
  readonly alpn?: readonly string[];
}

export type Outcome = 'route' | 'no-listener' | 'no-route' | 'denied';

export interface Explanation {
  readonly outcome: Outcome;
  readonly listener: string | null;
  readonly route: string | null;
  /** `outbound|PORT|SUBSET|HOST`; of a weighted route the heaviest, and the first of those. */
  readonly cluster: string | null;
  readonly subset: string | null;
  /** `address:port` of that cluster. */
  readonly endpoints: readonly string[];
  /** All clusters of the route with their share of connections, which add up to 1. */
  readonly split: readonly { readonly cluster: string; readonly share: number }[];
  /** One sentence for each step, in order. */
  readonly why: readonly string[];
}

/** Explains a connection; with a Compiled, servers that opened no listener are named too. */
export function explain(subject: Compiled | TablePlan, facts: ConnectionFacts): Explanation {
  const plan = 'plan' in subject ? subject.plan : subject;
  const why: string[] = [];
  const listener = findListener(plan, facts, why);
  if (listener === undefined) {
    if ('idle' in subject)
      for (const idle of subject.idle) if (idle.port === facts.port) why.push(`${idle.code}: ${idle.reason}`);
    return ending('no-listener', null, null, why);
  }
  const seen = seenFacts(listener, facts);
  if (listener.inspectsTls) why.push(`the first bytes are looked at: ${describeTls(seen)}`);
  else if (facts.sni || (facts.alpn ?? []).length > 0)
    why.push('the first bytes are not looked at: no rule of this listener depends on server names or protocols');
  const chain = findChain(listener, seen, why);
  const rule = chain === undefined ? undefined : findRule(chain, seen, why);
  if (rule === undefined) return ending('no-route', listener.name, null, why);
  if (rule.route.tls !== undefined) why.push(describeEnding(subject, rule.route.tls));
  if (!isAllowed(plan, listener, seen, why)) return ending('denied', listener.name, rule.route.name, why);
  const found = routed(plan, listener, rule, why);
  if (found.endpoints.length === 0 && 'complaints' in subject) why.push(...whyNoEndpoints(subject, rule.route.name));
  return found;
}

/** What is said of destinations that lead nowhere. */
const LEADS_NOWHERE: ReadonlySet<Code> = new Set<Code>(['SLU3016', 'SLU3018', 'SLU3028', 'SLU3031', 'SLU3033']);

/** `route`: namespace, name, and the place of the entry in its resource, such as `shop/db/tcp[0]`. */
function whyNoEndpoints({ complaints }: Compiled, route: string): string[] {
  const slash = route.lastIndexOf('/');
  const [id, entry] = [route.slice(0, slash), route.slice(slash + 1)];
  const path = `spec.${entry.replace(/^t(cp|ls)route/, 'rules')}.`;
  return complaints
    .filter((one) => LEADS_NOWHERE.has(one.code) && one.resource.endsWith(`/${id}`) && one.path.startsWith(path))
    .map(({ code, message }) => `${code}: ${message}`);
}

function describeEnding(subject: Compiled | TablePlan, tls: string): string {
  const refusal = 'tls' in subject ? subject.tls.find(({ name }) => name === tls)?.refusal : undefined;
  return refusal ? `TLS of ${tls} refuses every handshake: ${refusal}` : `TLS is ended as ${tls} says`;
}

function ending(outcome: Outcome, listener: string | null, route: string | null, why: readonly string[]): Explanation {
  return { outcome, listener, route, cluster: null, subset: null, endpoints: [], split: [], why };
}

/** A listener of the very address goes before the one of all addresses. */
function findListener(plan: TablePlan, facts: ConnectionFacts, why: string[]): ListenerPlan | undefined {
  const { destination = '', port } = facts;
  if (destination.startsWith('unix:')) {
    const unix = plan.listeners.find((listener) => listener.bind === destination);
    why.push(unix === undefined ? `nothing listens on ${destination}` : `listener ${unix.name} takes it`);
    return unix;
  }
  const onPort = plan.listeners.filter((listener) => listener.port === port && !listener.bind.startsWith('unix:'));
  const wanted = parseAddress(destination);
  const own = wanted && onPort.find((listener) => listener.bind !== '' && contains(listener.bind, wanted));
  const found =
    own ?? onPort.find((listener) => isWildcardBind(listener.bind)) ?? (destination === '' ? onPort[0] : undefined);
  if (found === undefined) {
    const where = onPort.length === 0 ? `port ${port}` : `port ${port} of ${destination}`;
    why.push(`nothing listens on ${where}: the connection is refused`);
  } else why.push(`listener ${found.name} of gateway ${found.gateways.join(', ')} takes it`);
  return found;
}

function isWildcardBind(bind: string): boolean {
  return bind === '' || bind === '0.0.0.0' || bind === '::';
}

function seenFacts(listener: ListenerPlan, facts: ConnectionFacts): SeenFacts {
  const source = parseAddress(facts.source ?? '');
  return {
    source,
    remote: facts.remote === undefined ? source : parseAddress(facts.remote),
    destination: parseAddress(facts.destination ?? ''),
    port: listener.port,
    sni: listener.inspectsTls && facts.sni ? facts.sni.toLowerCase() : undefined,
    alpn: listener.inspectsTls ? (facts.alpn ?? []) : [],
  };
}

function describeTls({ sni, alpn }: SeenFacts): string {
  const offer = alpn.length === 0 ? '' : `, protocols ${alpn.join(', ')}`;
  return sni === undefined ? `no server name${offer}` : `server name ${sni}${offer}`;
}

/** Exact name, then the longest wildcard suffix, then `*`; only one chain is ever asked. */
function findChain(listener: ListenerPlan, { sni }: SeenFacts, why: string[]): ChainPlan | undefined {
  const wanted = [...(sni === undefined ? [] : [sni, ...wildcardsOf(sni)]), '*'];
  for (const name of wanted) {
    const chain = listener.chains.find((one) => one.names.includes(name));
    if (chain === undefined) continue;
    if (listener.inspectsTls)
      why.push(name === '*' ? 'the chain for any name answers' : `the chain for ${name} answers`);
    return chain;
  }
  why.push(
    sni === undefined ? 'no chain takes connections without a server name' : `no chain takes server name ${sni}`,
  );
  return undefined;
}

/** `*.b.c` and `*.c` of `a.b.c`, the longest first. */
function wildcardsOf(name: string): string[] {
  const found: string[] = [];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) found.push(`*${name.slice(dot)}`);
  return found;
}

function findRule(chain: ChainPlan, seen: SeenFacts, why: string[]): RulePlan | undefined {
  for (const rule of chain.rules) {
    const failing = rule.conditions.find((condition) => !holds(condition, seen));
    if (failing === undefined) {
      const met = rule.conditions.map(formatCondition).join(' and ');
      why.push(`route ${rule.route.name} matches: ${met === '' ? 'it takes every connection' : met}`);
      return rule;
    }
    const unknown = isUnknown(failing, seen)
      ? `, as no ${failing.fact === 'destination' ? 'destination' : 'source'} is given`
      : '';
    why.push(`route ${rule.route.name} does not match: ${formatCondition(failing)} does not hold${unknown}`);
  }
  why.push(
    chain.rules.length === 0 ? 'the name belongs to a server that is not served' : 'no rule of the chain matches',
  );
  return undefined;
}

/** Deny closes; with any allow policy in force, one must match. Audit and dry-run policies are told of only. */
function isAllowed(plan: TablePlan, listener: ListenerPlan, seen: SeenFacts, why: string[]): boolean {
  const policies = listener.authorization.map((index) => plan.authorization[index]!);
  const matches = (policy: AuthorizationPlan) => policy.rules.some((rule) => rule.every((one) => holds(one, seen)));
  for (const policy of policies)
    if ((policy.dryRun || policy.action === 'audit') && matches(policy))
      why.push(`policy ${policy.name} (${policy.dryRun ? `dry run of ${policy.action}` : 'audit'}) would match`);
  const strict = policies.filter((policy) => !policy.dryRun);
  const denying = strict.find((policy) => policy.action === 'deny' && matches(policy));
  if (denying !== undefined) {
    why.push(`policy ${denying.name} denies it`);
    return false;
  }
  const allowing = strict.filter((policy) => policy.action === 'allow');
  const match = allowing.find(matches);
  if (allowing.length > 0)
    why.push(
      match === undefined
        ? `no allow policy matches (${allowing.map((one) => one.name).join(', ')})`
        : `policy ${match.name} allows it`,
    );
  return allowing.length === 0 || match !== undefined;
}

function routed(plan: TablePlan, listener: ListenerPlan, rule: RulePlan, why: string[]): Explanation {
  const { destinations } = rule.route;
  const total = destinations.reduce((sum, { weight }) => sum + weight, 0);
  const split = destinations.map(({ cluster, weight }) => ({
    cluster: plan.clusters[cluster]!.name,
    share: weight / total,
  }));
  const heaviest = destinations.reduce((best, one) => (one.weight > best.weight ? one : best));
  const cluster: ClusterPlan = plan.clusters[heaviest.cluster]!;
  for (const { cluster: name, share } of split)
    why.push(split.length === 1 ? `it goes to ${name}` : `${Math.round(share * 1000) / 10}% go to ${name}`);
  if (cluster.endpoints.length === 0) why.push(`${cluster.name} has no endpoints: the session closes with UH`);
  return {
    outcome: 'route',
    listener: listener.name,
    route: rule.route.name,
    cluster: cluster.name,
    subset: cluster.subset,
    endpoints: cluster.endpoints.map(({ address, port }) => formatEndpoint(address, port)),
    split,
    why,
  };
}

function formatEndpoint(address: string, port: number): string {
  if (address.startsWith('unix:')) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
