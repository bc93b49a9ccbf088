import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('destination-rule-rules');

const make = manifestOf('networking.istio.io/v1', 'DestinationRule');
const rule = (more: Spec) => make({ host: 'a', ...more });
const policy = (trafficPolicy: Spec) => rule({ trafficPolicy });
const tcp = (settings: Spec) => policy({ connectionPool: { tcp: settings } });
const hash = (consistentHash: Spec) => policy({ loadBalancer: { consistentHash } });
const locality = (localityLbSetting: Spec, more: Spec = {}) => policy({ loadBalancer: { localityLbSetting }, ...more });
const from = (...names: readonly string[]) => names.map((name) => ({ from: name, to: { b: 100 } }));
const tls = (settings: Spec) => policy({ tls: settings });

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['a host', rule({}), []],
  ['no host', make({}), ['empty domain name not allowed']],
  ['a bad host', make({ host: 'a_b' }), ['domain name "a_b" invalid']],
  [
    'subsets',
    rule({ subsets: [{ name: 'v1' }, { name: 'v1' }, { name: '' }, { name: 'v', labels: { 'a b': '' } }] }),
    ['duplicate subset names: v1', 'subset name cannot be empty', 'invalid tag key: "a b"'],
  ],
  ['an empty policy', policy({}), ['traffic policy must have at least one field']],
  [
    'a tunnel and a PROXY header',
    policy({ tunnel: { targetHost: 'a', targetPort: 1 }, proxyProtocol: {} }),
    ['tunnel and proxyProtocol must not be set together'],
  ],
  ['PROXY headers', policy({ proxyProtocol: { version: 'V2' } }), []],
  ['an unknown PROXY version', policy({ proxyProtocol: { version: 'V3' } }), ['SLU1015']],
  [
    'a tunnel',
    policy({ tunnel: { protocol: 'GET', targetHost: 'a_b', targetPort: 0 } }),
    [
      'tunnel protocol must be "CONNECT" or "POST"',
      'tunnel target host must be valid FQDN or IP address',
      'tunnel target port is invalid',
    ],
  ],
  ['an empty pool', policy({ connectionPool: {} }), ['connection pool must have at least one field']],
  [
    'a pool',
    tcp({
      maxConnections: 1,
      connectTimeout: '1s',
      idleTimeout: '0s',
      maxConnectionDuration: '1h',
      tcpKeepalive: { probes: 1 },
    }),
    [],
  ],
  ['fewer than no connections', tcp({ maxConnections: -1 }), ['max connections must be non-negative']],
  [
    'durations',
    tcp({ connectTimeout: '0s', idleTimeout: '1.5ms', tcpKeepalive: { time: '1us' } }),
    [
      'duration must be greater than 1ms',
      'only durations to ms precision are supported',
      'duration must be greater than 1ms',
    ],
  ],
  ['an idle timeout that is cut to none', tcp({ idleTimeout: '0.9ms' }), []],
  ['no duration', tcp({ connectTimeout: 'soon' }), ['SLU1017 spec.trafficPolicy.connectionPool.tcp.connectTimeout']],
  ['a number as duration', tcp({ connectTimeout: 10 }), ['must be a string: put it in quotes']],
  [
    'a pool for http',
    policy({
      connectionPool: {
        http: {
          maxRetries: -1,
          h2UpgradePolicy: 'UPGRADE',
          useClientProtocol: true,
          http2KeepAlive: { interval: '1s' },
        },
      },
    }),
    ['max retries must be non-negative', 'use client protocol must not be true', 'http2 keepalive timeout is required'],
  ],
  [
    'two ways to balance',
    policy({ loadBalancer: { simple: 'RANDOM', consistentHash: { useSourceIp: true } } }),
    ['SLU2012'],
  ],
  ['a hash by source', hash({ useSourceIp: true }), []],
  ['two hash keys', hash({ useSourceIp: true, httpHeaderName: 'a' }), ['SLU2012']],
  ['a cookie without name', hash({ httpCookie: {} }), ['name required for HttpCookie']],
  [
    'cookie attributes without name and twice',
    hash({ httpCookie: { name: 'a', attributes: [{ name: 'x' }, { value: 'y' }, { name: 'x', value: 'z' }] } }),
    [
      'SLU2052 spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[1].name: name required',
      'SLU2052 spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[2].name: duplicate attribute name',
    ],
  ],
  [
    'a table without size',
    hash({ useSourceIp: true, maglev: {} }),
    ['tableSize must be set for maglev', 'must be a prime number'],
  ],
  [
    'a table that is too large',
    hash({ useSourceIp: true, maglev: { tableSize: '5000011' } }),
    ['tableSize must be less than 5000011'],
  ],
  [
    'a table that is not prime',
    hash({ useSourceIp: true, maglev: { tableSize: 65536 } }),
    ['tableSize must be a prime number'],
  ],
  [
    'a deprecated ring',
    hash({ useSourceIp: true, minimumRingSize: 10, ringHash: {} }),
    ['MinimumRingSize is deprecated', 'only one of MinimumRingSize or Maglev/Ringhash'],
  ],
  [
    'distribution and failover',
    locality({ distribute: from('a'), failover: [{ from: 'a', to: 'b' }] }),
    ["can not simultaneously specify 'distribute' and 'failover'"],
  ],
  [
    'weights that are short',
    locality({ distribute: [{ from: 'a', to: { b: 90 } }] }),
    ['total locality weight 90 != 100'],
  ],
  [
    'weights out of range',
    locality({ distribute: [{ from: 'a', to: { b: 101 } }] }),
    ['locality weight must be in range [1, 100]'],
  ],
  ['localities', locality({ distribute: from('a/b/*', 'a/c', 'b/*') }), []],
  [
    'localities that overlap',
    locality({ distribute: from('a/b/c', 'a/*') }),
    ['locality a/* overlap with previous specified ones'],
  ],
  [
    'localities that are covered',
    locality({ distribute: from('a', 'a/b') }),
    ['locality a/b overlap with previous specified ones'],
  ],
  [
    'a locality with a gap',
    locality({ distribute: from('a//c') }),
    ['must not contain empty region/zone/subzone info'],
  ],
  [
    'a wildcard inside',
    locality({ distribute: from('*/b') }),
    ["wildcard '*' number can not exceed 1 and must be in the end"],
  ],
  [
    'failover',
    locality({
      failover: [
        { from: 'a', to: 'a' },
        { from: 'a/b', to: '*' },
      ],
    }),
    ['SLU2058', 'must specify different regions', 'only specify region', "should not contain '*' wildcard"],
  ],
  ['failover with ejection', locality({ failover: [{ from: 'a', to: 'b' }] }, { outlierDetection: {} }), []],
  [
    'two locality settings',
    policy({ loadBalancer: { localityLbSetting: {}, zoneAwareLbSetting: {} } }),
    ['only one of localityLbSetting or zoneAwareLbSetting'],
  ],
  [
    'a warm-up without end',
    policy({ loadBalancer: { warmup: { minimumPercent: 101 } } }),
    ['warmup.duration: Required value', 'minimumPercent value should be less than or equal to 100'],
  ],
  [
    'a warm-up that slows down',
    policy({ loadBalancer: { warmup: { duration: '1s', minimumPercent: 101, aggression: 0.5 } } }),
    [
      'warmup.minimumPercent: Invalid value: 101: must be at most 100: minimumPercent value should be',
      'warmup.aggression: Invalid value: 0.5: must be at least 1: aggression should be greater than or equal to 1',
    ],
  ],
  [
    'ejection',
    policy({
      outlierDetection: {
        consecutiveErrors: 1,
        consecutiveLocalOriginFailures: 1,
        interval: '0s',
        maxEjectionPercent: 101,
      },
    }),
    [
      'duration must be greater',
      'SLU2056',
      'split external local origin errors is set to false',
      'percentage 101 is not in range 0..100',
    ],
  ],
  ['TLS by files', tls({ mode: 'MUTUAL', clientCertificate: 'c', privateKey: 'k' }), []],
  ['TLS without key', tls({ mode: 'MUTUAL', clientCertificate: 'c' }), ['private key required for mutual tls']],
  [
    'TLS from two sources',
    tls({ mode: 'SIMPLE', credentialName: 'c', caCertificates: 'x' }),
    ['cannot specify client certificates or CA certificate'],
  ],
  [
    'TLS that verifies nothing',
    tls({ mode: 'SIMPLE', insecureSkipVerify: true, subjectAltNames: ['a'] }),
    ['when InsecureSkipVerify is set true'],
  ],
  ['certificates of a ConfigMap', tls({ mode: 'SIMPLE', credentialName: 'configmap://ca' }), []],
  ['certificates of the own namespace', tls({ mode: 'SIMPLE', credentialName: 'configmap://team/ca' }), []],
  [
    "another namespace's certificates",
    rule({
      trafficPolicy: {
        tls: { credentialName: 'configmap://a/b/c' },
        portLevelSettings: [{ port: { number: 1 }, tls: { mode: 'SIMPLE', credentialName: 'configmap://other/ca' } }],
      },
      subsets: [{ name: 'v1', trafficPolicy: { tls: { mode: 'SIMPLE', credentialName: 'configmap://other/ca' } } }],
    }),
    [
      'invalid configmap:// credentialName: it must be NAME or NAMESPACE/NAME',
      'spec.trafficPolicy.portLevelSettings[0].tls.credentialName: invalid configmap:// credentialName: namespace must match',
      'spec.subsets[0].trafficPolicy.tls.credentialName: invalid configmap:// credentialName: namespace must match',
    ],
  ],
  [
    'policies of ports',
    policy({ portLevelSettings: [{ tls: {} }, { port: { number: 80 } }, { port: { number: 0 }, tls: {} }] }),
    [
      'portTrafficPolicy must have valid port',
      'port traffic policy must have at least one field',
      'port number 0 must be in the range',
    ],
  ],
  [
    'a selector',
    rule({ workloadSelector: {} }),
    ['SLU2011 spec.workloadSelector: workload selector specified without labels'],
  ],
  [
    'a selector with wildcards',
    rule({ workloadSelector: { matchLabels: { a: '*' } } }),
    ['wildcard is not supported in selector: "a=*"'],
  ],
  [
    'a selector that is exported',
    rule({ workloadSelector: { matchLabels: { a: 'b' } }, exportTo: ['other'] }),
    ['destination rule with workload selector cannot have exportTo beyond current namespace'],
  ],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
