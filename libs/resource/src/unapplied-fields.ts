// Fields that are read, checked and then have no effect in Sluice: each is answered with a notice, so that nothing is
// dropped in silence. What has an effect only sometimes is told by the analysis of all resources together.
import { type FieldPath, fieldAt } from './field-path.ts';
import type { Report } from './issue.ts';
import type { Kind, Resource } from './resource.ts';

interface Unapplied {
  /** Names from `spec` on; `[]` stands for every item. */
  readonly path: string;
  /** Follows `is accepted and not applied: `. */
  readonly why: string;
  /** Values that change nothing need no notice. */
  readonly unless?: (value: unknown) => boolean;
}

const NO_HTTP = 'Sluice routes no HTTP';
const NO_LOCALITY = 'endpoints are chosen without regard to where they are';
const NO_WARMUP = 'a new endpoint gets its full share at once';

const POLICY: readonly Unapplied[] = [
  { path: 'connectionPool.http', why: NO_HTTP },
  {
    path: 'outlierDetection.consecutiveErrors',
    why: 'use consecutive5xxErrors',
    unless: (value) => value === 0,
  },
  { path: 'loadBalancer.localityLbSetting', why: NO_LOCALITY },
  { path: 'loadBalancer.zoneAwareLbSetting', why: NO_LOCALITY },
  { path: 'loadBalancer.warmup', why: NO_WARMUP },
  { path: 'loadBalancer.warmupDurationSecs', why: NO_WARMUP },
];
const WHOLE_POLICY: readonly Unapplied[] = [
  ...POLICY,
  { path: 'tunnel', why: 'connections go to the endpoints themselves' },
  { path: 'retryBudget', why: NO_HTTP },
];

const at = (place: string, rows: readonly Unapplied[]): readonly Unapplied[] =>
  rows.map((row) => ({ ...row, path: `${place}.${row.path}` }));

const ENDPOINT: readonly Unapplied[] = [
  { path: 'network', why: 'Sluice knows no gateways to other networks' },
  { path: 'serviceAccount', why: 'the identity of endpoints is not checked' },
];

const ROUTE: readonly Unapplied[] = [{ path: 'useDefaultGateways', why: 'name the Gateway in parentRefs' }];

const UNAPPLIED: { readonly [K in Kind]?: readonly Unapplied[] } = {
  Gateway: [
    { path: 'servers[].defaultEndpoint', why: 'a VirtualService says where connections go' },
    { path: 'servers[].tls.httpsRedirect', why: NO_HTTP, unless: (value) => value === false },
  ],
  DestinationRule: ['trafficPolicy', 'subsets[].trafficPolicy'].flatMap((place) => [
    ...at(place, WHOLE_POLICY),
    ...at(`${place}.portLevelSettings[]`, POLICY),
  ]),
  ServiceEntry: [
    { path: 'subjectAltNames', why: 'the identity of endpoints is not checked' },
    {
      path: 'location',
      why: 'Sluice does not speak the mutual TLS of a mesh',
      unless: (value) => value === 'MESH_EXTERNAL',
    },
    ...at('endpoints[]', ENDPOINT),
  ],
  WorkloadEntry: ENDPOINT,
  Service: [
    {
      path: 'sessionAffinity',
      why: 'write a DestinationRule with consistentHash.useSourceIp',
      unless: (value) => value === 'None',
    },
    { path: 'loadBalancerSourceRanges', why: 'write an AuthorizationPolicy with ipBlocks' },
  ],
  KubernetesGateway: [
    { path: 'infrastructure', why: 'Sluice creates no workloads' },
    { path: 'backendTLS', why: 'Sluice makes no TLS towards endpoints' },
    { path: 'allowedListeners', why: 'Sluice reads no ListenerSet' },
    { path: 'tls', why: 'Sluice asks clients for no certificates here' },
    { path: 'defaultScope', why: 'a route names its Gateway in parentRefs' },
    { path: 'listeners[].tls.frontendValidation', why: 'Sluice asks clients for no certificates here' },
  ],
  TCPRoute: ROUTE,
  TLSRoute: ROUTE,
  GatewayClass: [{ path: 'parametersRef', why: 'an acceptor is configured by its environment' }],
};

/** Reports each field that is set and has no effect, where it stands. */
export function reportUnapplied(resource: Resource, report: Report): void {
  for (const { path, why, unless } of UNAPPLIED[resource.kind] ?? []) {
    visit(resource.spec, path.split('.'), 'spec', (found, value) => {
      if (unless?.(value) === true) return;
      report('SLU1021', found, `${found} is accepted and not applied: ${why}`);
    });
  }
}

function visit(
  value: unknown,
  steps: readonly string[],
  path: FieldPath,
  found: (path: FieldPath, value: unknown) => void,
): void {
  const [step, ...rest] = steps;
  if (step === undefined) {
    found(path, value);
    return;
  }
  const isList = step.endsWith('[]');
  const name = isList ? step.slice(0, -2) : step;
  const inner = (value as Readonly<Record<string, unknown>>)[name];
  if (inner === undefined) return;
  if (!isList) visit(inner, rest, fieldAt(path, name), found);
  else
    for (const [i, item] of (inner as readonly unknown[]).entries())
      visit(item, rest, `${fieldAt(path, name)}[${i}]`, found);
}
