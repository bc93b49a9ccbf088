import {
  ALLOWED,
  attachTable,
  authorize,
  clearFacts,
  createFacts,
  decodeRoute,
  encodeTable,
  findListener,
  inspectsTls,
  match,
  NEEDS_MORE,
  type RouteTable,
  setDestination,
  setHello,
  setNoHello,
  setRemote,
  setSource,
} from '@sluice/route-table';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from './compile.ts';
import { type ConnectionFacts, explain } from './explain.ts';
import { naiveRoute } from './naive.test-kit.ts';
import { DEFAULT_LABELS } from './options.ts';
import { connection, resourceSet } from './random-resources.test-kit.ts';

const test = suite('compile: properties');
const OPTIONS = { labels: DEFAULT_LABELS };
/** Times 4 to 8 connections each: some 10,000 cases. */
const RUNS = 1_700;
const CONNECTIONS = fc.array(connection, { minLength: 4, maxLength: 8 });

test('gives the same whatever order the resources come in', () => {
  fc.assert(
    fc.property(
      resourceSet.chain((set) => fc.tuple(fc.constant(set), fc.shuffledSubarray([...set], { minLength: set.length }))),
      ([set, shuffled]) => assert.equal(compile(shuffled, OPTIONS), compile(set, OPTIONS)),
    ),
    { numRuns: 500 },
  );
});

test('routes as a plain second reading of the resources does', () => {
  let routed = 0;
  fc.assert(
    fc.property(resourceSet, CONNECTIONS, (set, connections) => {
      const { plan } = compile(set, OPTIONS);
      const open = { ...plan, listeners: plan.listeners.map((listener) => ({ ...listener, authorization: [] })) };
      for (const facts of connections) {
        const found = explain(open, facts);
        const wanted = naiveRoute(set, facts);
        if (wanted !== undefined) routed++;
        assert.is(found.route, wanted?.route ?? null, `${JSON.stringify(facts)}: ${found.why.join('; ')}`);
        assert.equal(
          found.split.map(({ cluster }) => cluster),
          wanted?.clusters ?? [],
        );
      }
    }),
    { numRuns: RUNS },
  );
  assert.ok(routed > RUNS, `only ${routed} connections found a route: the generator is too thin`);
});

/** What the table says of a connection, in the words of `explain`. */
function look(table: RouteTable, facts: ConnectionFacts): { outcome: string; route: string | null } {
  const port = facts.port;
  const own = findListener(table, facts.destination!, port);
  const listener = own >= 0 ? own : findListener(table, '', port);
  if (listener < 0) return { outcome: 'no-listener', route: null };
  const seen = createFacts();
  clearFacts(seen);
  setSource(seen, facts.source!);
  if (facts.remote !== undefined) setRemote(seen, facts.remote);
  setDestination(seen, facts.destination!, port);
  if (inspectsTls(table, listener)) {
    assert.is(match(table, listener, seen), NEEDS_MORE);
    if (facts.sni === undefined && facts.alpn!.length === 0) setNoHello(seen);
    else setHello(seen, facts.sni ?? '', facts.alpn!);
  }
  const route = match(table, listener, seen);
  if (route < 0) return { outcome: 'no-route', route: null };
  const { name } = decodeRoute(table, route);
  return { outcome: authorize(table, listener, seen) === ALLOWED ? 'route' : 'denied', route: name };
}

test('explains what the table does', () => {
  let denied = 0;
  fc.assert(
    fc.property(resourceSet, CONNECTIONS, (set, connections) => {
      const { plan } = compile(set, OPTIONS);
      const table = attachTable(encodeTable(plan));
      for (const facts of connections) {
        const { outcome, route, why } = explain(plan, facts);
        if (outcome === 'denied') denied++;
        assert.equal(look(table, facts), { outcome, route }, `${JSON.stringify(facts)}: ${why.join('; ')}`);
      }
    }),
    { numRuns: RUNS },
  );
  assert.ok(denied > RUNS / 100, `only ${denied} connections were denied: the generator is too thin`);
});

test.run();
