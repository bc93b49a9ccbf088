import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('envoy-filter-rules');

const make = manifestOf('networking.istio.io/v1alpha3', 'EnvoyFilter');
const REMOVE = { operation: 'REMOVE' };
const patch = (applyTo: string, match: Spec, how: Spec = REMOVE) =>
  make({ configPatches: [{ applyTo, match, patch: how }] });
const filter = (applyTo: string, of: Spec) => patch(applyTo, { listener: { filterChain: { filter: of } } });
const MANAGER = 'envoy.filters.network.http_connection_manager';

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['nothing', make({}), []],
  [
    'a patch',
    patch('CLUSTER', { cluster: { service: 'a' } }, { operation: 'ADD', value: { any: { thing: [1] } } }),
    [],
  ],
  [
    'a selector without labels',
    make({ workloadSelector: {} }),
    ['SLU2011 spec.workloadSelector: Envoy filter: workload'],
  ],
  ['nothing to patch', make({ configPatches: [{}] }), ['Envoy filter: missing applyTo', 'Envoy filter: missing patch']],
  ['nothing to do', patch('LISTENER', {}, {}), ['Envoy filter: missing patch operation']],
  ['nothing to add', patch('LISTENER', {}, { operation: 'ADD' }), ['missing patch value for non-remove operation']],
  ['an unknown object', patch('SOCKET', {}), ['SLU1015 spec.configPatches[0].applyTo']],
  ['a cluster of a listener', patch('LISTENER', { cluster: {} }), ['cannot have non listener match']],
  ['a cluster of a route', patch('HTTP_ROUTE', { cluster: {} }), ['cannot have non route configuration match']],
  ['a listener of a cluster', patch('CLUSTER', { listener: {} }), ['cannot have non cluster match']],
  ['two matches', patch('CLUSTER', { cluster: {}, listener: {} }), ['SLU2012 spec.configPatches[0].match.cluster']],
  ['a version', patch('LISTENER', { proxy: { proxyVersion: '1\\.2.*' } }), []],
  [
    'no version',
    patch('LISTENER', { proxy: { proxyVersion: 'a++' } }),
    ['Envoy filter: invalid regex for proxy version'],
  ],
  ['a nameless filter', filter('NETWORK_FILTER', {}), ['filter match has no name to match on']],
  ['a filter in a filter', filter('HTTP_FILTER', { name: MANAGER, subFilter: { name: 'a' } }), []],
  ['a nameless filter in it', filter('HTTP_FILTER', { name: MANAGER, subFilter: {} }), ['subfilter match has no name']],
  [
    'a filter in no filter',
    filter('NETWORK_FILTER', { name: MANAGER, subFilter: { name: 'a' } }),
    ['subfilter match can be used with applyTo HTTP_FILTER only'],
  ],
  [
    'a filter in another',
    filter('HTTP_FILTER', { name: 'a', subFilter: { name: 'b' } }),
    [`requires filter match with ${MANAGER}`],
  ],
  ['a waypoint', patch('HTTP_FILTER', { context: 'WAYPOINT', waypoint: { filter: { name: 'a' } } }), []],
  ['a waypoint elsewhere', patch('HTTP_FILTER', { context: 'GATEWAY', waypoint: {} }), ['only support waypointMatch']],
  ['a waypoint without', patch('HTTP_FILTER', { context: 'WAYPOINT', listener: {} }), ['only support waypointMatch']],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
