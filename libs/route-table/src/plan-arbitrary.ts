// Random plans and connections for the tests. All pools are small, so that most things meet something.

import fc from 'fast-check';
import { clearFacts, setDestination, setHello, setNoHello, setRemote, setSource } from './connection.ts';
import type { Facts } from './facts.ts';
import type { AuthorizationPlan, ClusterPlan, Condition, ListenerPlan, RulePlan, TablePlan } from './plan.ts';
import type { Connection } from './plan-oracle.ts';

const octet = fc.constantFrom(0, 1, 2, 127, 128, 255);
const ipv4 = fc.tuple(fc.constantFrom(0, 10, 10, 10, 255), octet, octet, octet).map((parts) => parts.join('.'));
const group = fc.constantFrom('0', '1', '7fff', '8000', 'ffff');
const ipv6 = fc.oneof(
  fc.tuple(group, group, group).map(([a, b, c]) => `2001:db8:${a}::${b}:${c}`),
  ipv4.map((address) => `::ffff:${address}`),
  fc.constantFrom('::', '::1', '::ffff:0:1:2', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'),
);
export const address = fc.oneof(ipv4, ipv6);
export const cidr = fc.oneof(
  address,
  fc.tuple(ipv4, fc.nat(32)).map(([base, bits]) => `${base}/${bits}`),
  fc.tuple(ipv6, fc.nat(128)).map(([base, bits]) => `${base}/${bits}`),
);

const label = fc.constantFrom('a', 'b', 'example', 'com', 'x-1');
export const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const port = fc.constantFrom(1, 80, 443, 31400, 65535);
const protocol = fc.constantFrom('h2', 'http/1.1', 'istio', 'x');
const pattern = fc.oneof(
  domain,
  domain.map((name) => `*.${name}`),
  domain.map((name) => `${name}*`),
  domain.map((name) => `*${name}`),
  fc.constant('*'),
);

const negation = fc.constantFrom({}, {}, { not: true });
const few = { maxLength: 4 };
export const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(fc.constantFrom('source' as const, 'remote' as const, 'destination' as const), fc.array(cidr, few), negation)
    .map(([fact, cidrs, not]) => ({ fact, ...not, cidrs })),
  fc.tuple(fc.array(port, few), negation).map(([ports, not]) => ({ fact: 'port' as const, ...not, ports })),
  fc.tuple(fc.array(pattern, few), negation).map(([names, not]) => ({ fact: 'sni' as const, ...not, names })),
  fc.tuple(fc.array(protocol, few), negation).map(([protocols, not]) => ({ fact: 'alpn' as const, ...not, protocols })),
);

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), domain);
const duration = fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER), fc.nat());
const word = fc.oneof(fc.nat(), fc.constant(2 ** 31 - 1));

const cluster: fc.Arbitrary<ClusterPlan> = fc.record({
  name: text,
  host: text,
  subset: text,
  port: fc.nat(65_535),
  balancer: fc.constantFrom(
    'round-robin',
    'least-request',
    'random',
    'source-ip-ring',
    'source-ip-maglev',
    'passthrough',
  ),
  hashTableSize: word,
  connectTimeoutMs: duration,
  maxConnections: word,
  keepalive: fc.option(fc.record({ probes: word, timeSeconds: word, intervalSeconds: word })),
  proxyProtocol: fc.constantFrom(0, 1, 2),
  outlier: fc.option(
    fc.record({
      consecutiveErrors: word,
      intervalMs: duration,
      baseEjectionMs: duration,
      maxEjectionPercent: fc.nat(100),
      minHealthPercent: fc.nat(100),
    }),
  ),
  endpoints: fc.array(
    fc.record({
      address: fc.oneof(address, text),
      port: fc.nat(65_535),
      weight: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    }),
    few,
  ),
});

function rule(clusters: number): fc.Arbitrary<RulePlan> {
  const weight = fc.oneof(fc.nat(10), fc.nat(2 ** 31 - 1));
  return fc.record({
    conditions: fc.oneof(
      condition.map((only) => [only]),
      condition.map((only) => [only]),
      fc.array(condition, { maxLength: 3 }),
    ),
    route: fc.record(
      {
        name: text,
        destinations: fc
          .array(fc.record({ cluster: fc.nat(clusters - 1), weight }), { minLength: 1, maxLength: 4 })
          .filter((destinations) => destinations.some((destination) => destination.weight > 0)),
        idleTimeoutMs: duration,
        maxDurationMs: duration,
        tls: text,
      },
      { requiredKeys: ['name', 'destinations', 'idleTimeoutMs', 'maxDurationMs'] },
    ),
  });
}

function listener(clusters: number, policies: number): fc.Arbitrary<ListenerPlan> {
  const chainNames = fc.uniqueArray(
    fc.oneof(
      domain,
      domain.map((name) => `*.${name}`),
      fc.constant('*'),
    ),
    { maxLength: 8 },
  );
  return fc
    .record({
      name: text,
      bind: fc.oneof(fc.constant(''), address),
      port: fc.nat(65_535),
      gateways: fc.array(text, few),
      inspectsTls: fc.boolean(),
      names: chainNames,
      cuts: fc.array(fc.nat(8), few),
      rules: fc.array(fc.array(rule(clusters), { maxLength: 8 }), { minLength: 9, maxLength: 9 }),
      authorization: policies === 0 ? fc.constant([]) : fc.array(fc.nat(policies - 1), few),
    })
    .map(({ names, cuts, rules, ...rest }) => ({ ...rest, chains: chainsOf(names, cuts, rules) }));
}

/** Cuts a listener's names, each there once, into chains. */
function chainsOf(names: readonly string[], cuts: readonly number[], rules: readonly RulePlan[][]) {
  const bounds = [...new Set([0, ...cuts.filter((cut) => cut < names.length)])].sort((a, b) => a - b);
  return bounds.map((start, i) => ({ names: names.slice(start, bounds[i + 1]), rules: rules[i] }));
}

const policy: fc.Arbitrary<AuthorizationPlan> = fc.record({
  name: text,
  action: fc.constantFrom('allow', 'deny', 'audit'),
  dryRun: fc.boolean(),
  rules: fc.array(fc.array(condition, { maxLength: 3 }), { maxLength: 3 }),
});

/** At least one listener. */
export const plan: fc.Arbitrary<TablePlan> = fc
  .record({
    clusters: fc.array(cluster, { minLength: 1, maxLength: 4 }),
    authorization: fc.array(policy, { maxLength: 4 }),
  })
  .chain(({ clusters, authorization }) =>
    fc.record({
      listeners: fc.array(listener(clusters.length, authorization.length), { minLength: 1, maxLength: 3 }),
      clusters: fc.constant(clusters),
      authorization: fc.constant(authorization),
    }),
  );

const serverName = fc.oneof(
  domain,
  domain,
  domain.map((name) => name.toUpperCase()),
  fc.constantFrom('', '.', '.com', 'example.com.', 'É.example.com', 'K.com', 'a..com', `${'a.'.repeat(126)}com`),
  domain.map((name) => `${'a'.repeat(260)}.${name}`),
);
export const connection: fc.Arbitrary<Connection> = fc.record({
  source: fc.oneof(address, address, fc.constant('')),
  remote: fc.oneof(address, fc.constant('')),
  destination: address,
  port,
  hello: fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ serverName, protocols: fc.array(fc.oneof(protocol, fc.constant('\u0a0a')), few) }),
    },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
});

/** The same connection as facts. */
export function fillFacts(facts: Facts, { source, remote, destination, port, hello }: Connection): void {
  clearFacts(facts);
  setSource(facts, source);
  if (remote !== '') setRemote(facts, remote);
  setDestination(facts, destination, port);
  if (hello === null) setNoHello(facts);
  else if (hello !== undefined) setHello(facts, hello.serverName, hello.protocols);
}
