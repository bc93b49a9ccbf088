import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('entry-rules');

const makeService = manifestOf('networking.istio.io/v1', 'ServiceEntry');
const makeWorkload = manifestOf('networking.istio.io/v1', 'WorkloadEntry');
const HTTP = { number: 80, name: 'http', protocol: 'HTTP' };
const TCP = { number: 81, name: 'tcp', protocol: 'TCP' };
const entry = (more: Spec) => makeService({ hosts: ['a.b'], ports: [HTTP], ...more });
const endpoint = (more: Spec, resolution = 'STATIC') => entry({ resolution, endpoints: [more] });
const dynamic = (more: Spec) => entry({ hosts: ['*.a.b'], resolution: 'DYNAMIC_DNS', ...more });

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['an entry', entry({}), []],
  ['no hosts', entry({ hosts: [] }), ['service entry must have at least one host']],
  ['a host of all', entry({ hosts: ['*'] }), ['invalid host *: hostname cannot be wildcard']],
  ['a partial wildcard', entry({ hosts: ['*a.b'] }), ['SLU2066 spec.hosts[0]: partial wildcard']],
  [
    'more hosts than the CRD has',
    entry({ hosts: Array.from({ length: 257 }, (_, i) => `a${i}.b`) }),
    ['Too many: 257: must have at most 256 items'],
  ],
  ['addresses', entry({ addresses: ['1.2.3.4', '10.0.0.0/8'] }), []],
  ['a bad address', entry({ addresses: ['x'] }), ['x is not a valid IP']],
  [
    'a subnet by name',
    entry({ addresses: ['10.0.0.0/8'], resolution: 'DNS' }),
    ['CIDR addresses are allowed only for NONE/STATIC resolution types'],
  ],
  [
    'ports that repeat',
    entry({ ports: [HTTP, { ...HTTP, name: 'x' }, { ...HTTP, number: 82 }] }),
    ['port 80 already defined: port number cannot be duplicated', 'port name "http" already defined: Duplicate value'],
  ],
  [
    'bad ports',
    entry({ ports: [{ number: 0, name: 'a b', protocol: 'KAFKA', targetPort: 99999 }] }),
    [
      'port number 99999 is invalid: port must be between 1-65535',
      'invalid port name: a b',
      'unsupported protocol: KAFKA',
      'port number 0 is invalid',
    ],
  ],
  [
    'TCP without addresses',
    entry({ ports: [TCP] }),
    ['SLU2063 spec.ports[0]: addresses are required for ports serving TCP'],
  ],
  ['endpoints without resolution', entry({ endpoints: [{ address: '1.2.3.4' }] }), ['NONE mode cannot set endpoints']],
  ['an endpoint', endpoint({ address: '1.2.3.4', ports: { http: 8080 }, labels: { a: 'b' }, weight: 1 }), []],
  ['a static name', endpoint({ address: 'a.b' }), ['endpoint address "a.b" is not a valid IP address']],
  ['a name', endpoint({ address: 'a.b' }, 'DNS'), []],
  ['a bad name', endpoint({ address: 'a_b' }, 'DNS'), ['is not a valid FQDN or an IP address']],
  ['no name', endpoint({ network: 'n' }, 'DNS'), ['Address is required']],
  ['another network', endpoint({ network: 'n' }), ['SLU2065 spec.endpoints[0]: address is unset with network "n"']],
  [
    'a port that is not there',
    endpoint({ address: '1.2.3.4', ports: { grpc: 1 } }),
    ['endpoint port 1 is not defined by the service entry'],
  ],
  ['a socket', endpoint({ address: 'unix:///a' }), []],
  ['a relative socket', endpoint({ address: 'unix://a' }), ['UDS must be an absolute path or abstract socket']],
  ['a socket with ports', endpoint({ address: 'unix:///a', ports: { http: 1 } }), ['UDS may not include ports']],
  [
    'a socket for two ports',
    entry({ resolution: 'STATIC', ports: [HTTP, TCP], addresses: ['1.2.3.4'], endpoints: [{ address: 'unix:///a' }] }),
    ['exactly 1 service port required for unix endpoints'],
  ],
  [
    'a resolved wildcard',
    entry({ hosts: ['*.a.b'], resolution: 'DNS' }),
    ['SLU2061 spec.hosts[0]: hosts must be FQDN or contain only prefix wildcards if no endpoints are provided'],
  ],
  [
    'a wildcard of endpoints with names',
    entry({ hosts: ['*.a.b'], resolution: 'DNS', endpoints: [{ address: 'c.d' }] }),
    [],
  ],
  [
    'a long name of an endpoint port',
    endpoint({ address: '1.2.3.4', ports: { ['p'.repeat(64)]: 80 } }),
    ['is not defined by the service entry', 'port name must be valid'],
  ],
  [
    'a resolved partial wildcard',
    entry({ hosts: ['*a.b'], resolution: 'DNS' }),
    ['partial wildcard', 'hosts must be FQDN or contain only prefix wildcards'],
  ],
  [
    'two endpoints in turn',
    entry({ resolution: 'DNS_ROUND_ROBIN', endpoints: [{ address: 'a.b' }, { address: 'a.c' }] }),
    ['there must only be 0 or 1 endpoint for resolution mode DNS_ROUND_ROBIN'],
  ],
  [
    'hosts that TCP cannot tell apart',
    entry({ hosts: ['a.b', 'a.c'], ports: [TCP], addresses: ['1.2.3.4'], resolution: 'STATIC' }),
    ['multiple hosts provided with non-HTTP, non-TLS ports'],
  ],
  [
    'resolved hosts that share an address and a port that is not HTTP',
    entry({ hosts: ['a.b', 'a.c'], ports: [{ ...HTTP, protocol: 'TLS' }], addresses: ['1.2.3.4'], resolution: 'DNS' }),
    ['SLU2066 spec.hosts: service entry can not have more than one host specified simultaneously with address'],
  ],
  [
    'resolved hosts that share an address and an HTTP port',
    entry({ hosts: ['a.b', 'a.c'], addresses: ['1.2.3.4'], resolution: 'DNS' }),
    [],
  ],
  ['dynamic names', dynamic({}), []],
  [
    'dynamic names with more',
    dynamic({ hosts: ['a.b'], addresses: ['1.2.3.4'], ports: [TCP] }),
    ['hosts must be wildcards', 'addresses must not be set', 'only HTTP, TLS, GRPC and HTTP2 ports'],
  ],
  ['a selector', entry({ resolution: 'STATIC', workloadSelector: { labels: { app: 'a' } } }), []],
  [
    'a selector and endpoints',
    entry({ resolution: 'STATIC', workloadSelector: {}, endpoints: [{ address: '1.2.3.4' }] }),
    ['SLU2011', 'only one of WorkloadSelector or Endpoints can be set'],
  ],
  ['exports to nobody', entry({ exportTo: ['~'] }), []],
  [
    'exports to nobody and some',
    entry({ exportTo: ['~', '.'] }),
    ['cannot export service entry to no one (~) and someone'],
  ],
  ['a workload', makeWorkload({ address: 'a.b', ports: { http: 80 }, labels: { app: 'a' } }), []],
  ['a workload without address', makeWorkload({}), ['Address is required']],
  [
    'a workload with a bad port',
    makeWorkload({ address: '1.2.3.4', ports: { 'a b': 99999 } }),
    ['spec.ports: Invalid value: invalid port name: a b', 'port must be between 1-65535'],
  ],
  ['a workload of a socket that is a folder', makeWorkload({ address: 'unix:///a/' }), ['UDS may not be a dir']],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
