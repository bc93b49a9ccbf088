import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('sidecar-rules');

const make = manifestOf('networking.istio.io/v1', 'Sidecar');
const ingress = (more: Spec) => make({ ingress: [{ port: { number: 80, protocol: 'HTTP', name: 'http' }, ...more }] });
const egress = (...listeners: readonly Spec[]) => make({ egress: listeners });
const hosts = (...names: readonly string[]) => egress({ hosts: names });
const SOCKET = { port: { number: 0, protocol: 'TCP' }, hosts: ['*/*'] };

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['nothing', make({}), ['sidecar: empty configuration provided']],
  ['hosts', hosts('./*', '~/*', 'ns/*.a.b'), []],
  ['hosts without namespace', hosts('a.b'), ['host must be of form namespace/dnsName']],
  ['a short host', hosts('ns/a'), ['short names (non FQDN) are not allowed']],
  ['no hosts', hosts(), ['sidecar: egress listener must contain at least one host']],
  [
    'hosts that repeat',
    hosts('./a.b', 'team/a.b'),
    ['SLU2081 spec.egress[0].hosts[1]: duplicated egress host: team/a.b'],
  ],
  ['all hosts and more', hosts('*/*', 'ns/a.b'), ['`*/*` host select all resources']],
  [
    'a listener for the rest that is not last',
    egress({ hosts: ['*/*'] }, { hosts: ['*/*'] }),
    ['should be the last listener in the list'],
  ],
  ['a socket', egress({ ...SOCKET, bind: 'unix:///a' }), []],
  [
    'a socket twice',
    egress({ ...SOCKET, bind: 'unix:///a' }, { ...SOCKET, bind: 'unix:///a' }),
    ['unix domain socket values for listeners must be unique'],
  ],
  [
    'port 0 of an address',
    egress({ ...SOCKET, bind: '1.2.3.4' }),
    ['ports with 0 value must have a unix domain socket bind address'],
  ],
  [
    'a captured socket',
    egress({ ...SOCKET, bind: 'unix:///a', captureMode: 'IPTABLES' }),
    ['captureMode must be DEFAULT/NONE for unix domain socket listeners'],
  ],
  [
    'a selector without labels',
    make({ workloadSelector: {}, egress: [{ hosts: ['*/*'] }] }),
    ['sidecar: workload selector specified without labels, will be applied to all services in namespace'],
  ],
  ['an ingress', ingress({ defaultEndpoint: '[::1]:8080' }), []],
  ['an ingress without port', make({ ingress: [{}] }), ['sidecar: port is required for ingress listeners']],
  [
    'an ingress to elsewhere',
    ingress({ defaultEndpoint: '10.0.0.1:80' }),
    ['sidecar: defaultEndpoint must be of form'],
  ],
  ['an ingress to no port', ingress({ defaultEndpoint: ':http' }), ['defaultEndpoint port (http) is not a number']],
  ['an ingress to port 0', ingress({ defaultEndpoint: '127.0.0.1:0' }), ['port number 0 must be in the range']],
  [
    'TLS that a sidecar has not',
    ingress({
      port: { number: 443, protocol: 'TLS' },
      tls: { mode: 'ISTIO_MUTUAL', httpsRedirect: true, subjectAltNames: ['a'] },
    }),
    ['subjectAltNames is not supported', 'httpsRedirect is not supported', 'cannot set mode to ISTIO_MUTUAL'],
  ],
  ['TLS on a plain port', ingress({ tls: {} }), ['server cannot have TLS settings for non HTTPS/TLS ports']],
  ['an empty pool', make({ inboundConnectionPool: {} }), ['connection pool must have at least one field']],
  [
    'http limits on a tcp port',
    ingress({ port: { number: 80, protocol: 'TCP', name: 'a' }, connectionPool: { http: {} } }),
    [
      'SLU2081 spec.ingress[0].connectionPool.http: sidecar: HTTP connection pool settings are configured for port 80 ("a")',
    ],
  ],
  [
    'an egress proxy',
    make({ outboundTrafficPolicy: { mode: 'ALLOW_ANY', egressProxy: { host: 'a.b', port: { number: 80 } } } }),
    [],
  ],
  [
    'an egress proxy that is never used',
    make({ outboundTrafficPolicy: { egressProxy: { host: 'a.b' } } }),
    ['egress_proxy must be set only with ALLOW_ANY'],
  ],
  ['an unknown field', make({ egres: [] }), ['SLU1012 spec.egres: unknown field "spec.egres", did you mean "egress"?']],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
