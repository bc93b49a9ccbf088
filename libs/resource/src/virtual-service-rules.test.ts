import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('virtual-service-rules');

const make = manifestOf('networking.istio.io/v1', 'VirtualService');
const TO = [{ destination: { host: 'b' } }];
const service = (more: Spec) => make({ hosts: ['a.b'], gateways: ['edge'], tcp: [{ route: TO }], ...more });
const match = (more: Spec) => service({ tcp: [{ match: [more], route: TO }] });
const to = (destination: Spec) => service({ tcp: [{ route: [{ destination }] }] });
const sni = (hosts: readonly string[], sniHosts: readonly string[]) =>
  make({ hosts, gateways: ['edge'], tls: [{ match: [{ sniHosts }], route: TO }] });

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['a route', service({}), []],
  ['no routes', service({ tcp: [] }), ['http, tcp or tls must be provided in virtual service']],
  ['a route to nowhere', service({ tcp: [{ route: [] }] }), ['TCP route is required']],
  [
    'no hosts',
    make({ gateways: ['edge'], tcp: [{ route: TO }] }),
    ['delegate virtual service must have no gateways specified', 'must have no tcp route specified'],
  ],
  ['a wildcard in the mesh', service({ hosts: ['*'], gateways: undefined }), ['wildcard host * is not allowed']],
  ['a wildcard at a gateway', service({ hosts: ['*'] }), []],
  ['an address as host', service({ hosts: ['1.2.3.4'] }), []],
  ['a bad host', service({ hosts: ['a_b'] }), ['SLU2002 spec.hosts[0]: domain name "a_b" invalid']],
  ['hosts that overlap', service({ hosts: ['*.b', 'a.b'] }), ['duplicate hosts in virtual service: *.b & a.b']],
  ['references of all forms', service({ gateways: ['edge', 'ns/edge', './edge', 'mesh'] }), []],
  [
    'a legacy reference',
    service({ gateways: ['edge.ns.svc.cluster.local'] }),
    ['SLU2035 spec.gateways[0]: using legacy gatewayName format'],
  ],
  [
    'references to nothing',
    service({ gateways: ['/edge', 'ns/'] }),
    [
      'config namespace and gateway name cannot be empty',
      'invalid value for namespace: ""',
      'config namespace and gateway name cannot be empty',
      'invalid value for gateway name: ""',
    ],
  ],
  ['a destination of all', to({ host: '*' }), ['invalid destination host *']],
  ['a destination without host', to({ host: '' }), ['empty domain name not allowed']],
  ['a bad subset', to({ host: 'b', subset: 'a b' }), ['subset name is invalid: a b']],
  ['a bad port', to({ host: 'b', port: { number: 70000 } }), ['port number 70000 must be in the range 1..65535']],
  ['an empty port', to({ host: 'b', port: {} }), ['port number 0 must be in the range']],
  [
    'weights',
    service({
      tcp: [
        {
          route: [
            { ...TO[0], weight: -1 },
            { ...TO[0], weight: 1 },
          ],
        },
      ],
    }),
    ['weight -1 < 0', 'total destination weight = 0'],
  ],
  ['one destination of weight 0', service({ tcp: [{ route: [{ ...TO[0], weight: 0 }] }] }), []],
  ['subnets', match({ destinationSubnets: ['10.0.0.0/8', 'fd00::/8', '1.2.3.4'], sourceSubnet: '10.0.0.0/8' }), []],
  [
    'bad subnets',
    match({ destinationSubnets: ['10.0.0.0/33'], sourceSubnet: 'x' }),
    ['is not a valid CIDR block', 'x is not a valid IP'],
  ],
  ['bad labels', match({ sourceLabels: { 'a b': 'c' } }), ['invalid tag key: "a b"']],
  ['a bad match port', match({ port: 99999 }), ['port number 99999']],
  ['SNI within the hosts', sni(['*.b'], ['a.b', '*.a.b', '*.b']), []],
  [
    'SNI outside the hosts',
    sni(['*.b'], ['a.c']),
    ['SNI host "a.c" is not a compatible subset of any of the virtual service hosts: [*.b]'],
  ],
  ['SNI that is an address', sni(['1.2.3.4'], ['1.2.3.4']), ['SLU2036']],
  ['no SNI', sni(['a.b'], []), ['TLS match must have at least one SNI host']],
  [
    'no match',
    make({ hosts: ['a.b'], tls: [{ match: [], route: TO }] }),
    ['TLS route must have at least one match condition'],
  ],
  [
    'a rule behind one that takes all',
    service({ tcp: [{ route: TO }, { match: [{ port: 80 }], route: TO }, { route: TO }] }),
    [
      'SLU0130 spec.tcp[1]: virtualService rule #1 not used (route without matches defined before)',
      'rule #2 not used (only the last rule can have no matches)',
    ],
  ],
  [
    'a match that repeats',
    service({
      tcp: [
        { match: [{ port: 80 }], route: TO },
        { match: [{ port: 80 }], route: TO },
      ],
    }),
    [
      'SLU0131 spec.tcp[1].match[0]: virtualService rule #1 match #0 is not used (duplicate/overlapping match in rule #0)',
      'SLU0130 spec.tcp[1]: virtualService rule #1 not used (all matches used by prior rules)',
    ],
  ],
  ['exports', service({ exportTo: ['.', 'ns'] }), []],
  [
    'exports to all and some',
    service({ exportTo: ['*', 'ns'] }),
    ['cannot have both public (*) and non-public exportTo values for a resource'],
  ],
  [
    'exports that repeat',
    service({ exportTo: ['team', '.'] }),
    ['duplicate entries in exportTo: . and current namespace team'],
  ],
  ['exports to nobody', service({ exportTo: ['~'] }), ['SLU2009 spec.exportTo[0]']],
  [
    'a dry run',
    { ...service({}), metadata: { name: 'a', annotations: { 'istio.io/dry-run': 'true' } } },
    ['has unsupported annotation istio.io/dry-run'],
  ],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
