import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('gateway-rules');

const gateway = manifestOf('networking.istio.io/v1', 'Gateway');
const TCP = { number: 80, name: 'tcp', protocol: 'TCP' };
const TLS = { number: 443, name: 'tls', protocol: 'TLS' };
const server = (more: Spec) => gateway({ servers: [{ port: TCP, hosts: ['*'], ...more }] });
const tls = (settings: Spec) => server({ port: TLS, tls: settings });

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['a plain server', server({}), []],
  ['no servers', gateway({ servers: [] }), ['SLU2020 spec.servers: gateway must have at least one server']],
  [
    'no server list',
    gateway({}),
    ['SLU1013 spec.servers: spec.servers: Required value: gateway must have at least one server'],
  ],
  ['a server that is null', gateway({ servers: [null] }), ['SLU1014 spec.servers[0]']],
  ['no port', gateway({ servers: [{ hosts: ['*'] }] }), ['port is required']],
  ['an empty port', server({ port: {} }), ['port number is required', 'port name must be set', 'invalid protocol ""']],
  ['no hosts', server({ hosts: [] }), ['server config must contain at least one host']],
  ['port 0', server({ port: { ...TCP, number: 0 } }), ['port number 0 must be in the range 1..65535']],
  [
    'an unknown protocol',
    server({ port: { ...TCP, protocol: 'KAFKA' } }),
    ['invalid protocol "KAFKA", supported protocols are HTTP'],
  ],
  ['a target port', server({ port: { ...TCP, targetPort: 8080 } }), ['targetPort has no impact on Gateways']],
  ['a nameless port', server({ port: { ...TCP, name: '' } }), ['port name must be set']],
  [
    'port names that repeat',
    gateway({
      servers: [
        { port: TCP, hosts: ['*'] },
        { port: { ...TCP, number: 81 }, hosts: ['*'] },
      ],
    }),
    ['spec.servers[1].port.name: port names in servers must be unique: duplicate name tcp'],
  ],
  ['a dotted name', { ...server({}), metadata: { name: 'a.b' } }, ['invalid gateway name: "a.b"']],
  [
    'hosts of all forms',
    server({ hosts: ['*', '*.a.b', 'a.b', 'ns/a.b', './a.b', '*/a.b', 'ns/*', '1.2.3.4', 'fd00::1'] }),
    [],
  ],
  ['a short host', server({ hosts: ['a'] }), ['short names (non FQDN) are not allowed']],
  ['a partial wildcard', server({ hosts: ['*a.b'] }), ['partial wildcard "*a.b" not allowed']],
  ['a wildcard inside', server({ hosts: ['a.*.b'] }), ['domain name "*.b" invalid', 'partial wildcard']],
  ['a bad namespace', server({ hosts: ['~/a.b'] }), ['invalid namespace value "~" in gateway']],
  [
    'nothing before the slash',
    server({ hosts: ['/a.b'] }),
    ['config namespace and dnsName in host entry cannot be empty', 'invalid namespace value ""'],
  ],
  ['an address to bind', server({ bind: '10.0.0.1' }), []],
  ['a bad address to bind', server({ bind: 'x' }), ['spec.servers[0].bind: x is not a valid IP']],
  ['a socket', server({ bind: 'unix:///a/b', port: { ...TCP, number: 0 } }), []],
  ['a socket with a port', server({ bind: 'unix://@a' }), ['port number must be 0 for unix domain socket']],
  [
    'a relative socket',
    server({ bind: 'unix://a', port: { ...TCP, number: 0 } }),
    ['is not an absolute path to a file'],
  ],
  ['TLS without settings', server({ port: TLS }), ['server must have TLS settings for HTTPS/TLS protocols']],
  ['TCP with settings', server({ tls: {} }), ['server cannot have TLS settings for non HTTPS/TLS ports']],
  [
    'HTTP with certificates',
    server({ port: { ...TCP, protocol: 'HTTP' }, tls: { mode: 'SIMPLE', credentialName: 'c' } }),
    ['server cannot have TLS settings for plain text HTTP ports'],
  ],
  ['passthrough', tls({ mode: 'PASSTHROUGH' }), []],
  [
    'passthrough with a certificate',
    tls({ credentialName: 'c' }),
    ['SLU2024 spec.servers[0].tls: PASSTHROUGH mode does not use certificates'],
  ],
  ['a redirect off HTTP', tls({ httpsRedirect: true }), ['SLU2026 spec.servers[0].tls.httpsRedirect']],
  ['a credential', tls({ mode: 'SIMPLE', credentialName: 'c' }), []],
  [
    'no certificate',
    tls({ mode: 'SIMPLE' }),
    ['SIMPLE TLS requires a server certificate', 'SIMPLE TLS requires a private key'],
  ],
  [
    'no client CA',
    tls({ mode: 'OPTIONAL_MUTUAL', serverCertificate: 'c', privateKey: 'k' }),
    ['MUTUAL TLS requires a client CA bundle'],
  ],
  [
    'two sources of certificates',
    tls({ mode: 'SIMPLE', credentialName: 'c', credentialNames: ['d'] }),
    ['only one of credential_name, credential_names, server_certificate/private_key, tls_certificates'],
  ],
  [
    'certificates in mesh mode',
    tls({ mode: 'ISTIO_MUTUAL', credentialNames: ['c'], caCertificates: 'x' }),
    ['ISTIO_MUTUAL TLS cannot have associated CA bundle', 'cannot have associated credentialNames'],
  ],
  [
    'a revocation list without clients',
    tls({ mode: 'SIMPLE', serverCertificate: 'c', privateKey: 'k', caCrl: 'r' }),
    ['CRL is not supported with SIMPLE TLS'],
  ],
  [
    'cipher suites',
    tls({ mode: 'SIMPLE', credentialName: 'c', cipherSuites: ['AES128-SHA', 'AES128-SHA', 'NONE', '-ALL'] }),
    [
      'SLU2025 spec.servers[0].tls.cipherSuites: ignoring invalid cipher suites: [NONE]',
      'duplicate cipher suites: [AES128-SHA]',
    ],
  ],
  [
    'an old TLS version',
    tls({ mode: 'SIMPLE', credentialName: 'c', minProtocolVersion: 'TLSV1_0' }),
    ['TLS version below TLSV1_2 require setting compatible ciphers'],
  ],
  [
    'an unknown mode',
    tls({ mode: 'SIMPEL' }),
    ['SLU1015 spec.servers[0].tls.mode: spec.servers[0].tls.mode: Unsupported value: "SIMPEL"'],
  ],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test.run();
