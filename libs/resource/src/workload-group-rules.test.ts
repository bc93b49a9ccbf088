import { suite } from 'uvu';
import { assertSaid, manifestOf, type Spec } from './rule-case.ts';

const test = suite('workload-group-rules');

const make = manifestOf('networking.istio.io/v1', 'WorkloadGroup');
const probed = (probe: Spec) => make({ template: { ports: { http: 8080 } }, probe });

const CASES: readonly (readonly [string, Spec, readonly string[]])[] = [
  ['a group', make({ metadata: { labels: { app: 'a' } }, template: { network: 'n', labels: { app: 'a' } } }), []],
  ['no template', make({}), ['SLU1013 spec.template: spec.template: Required value: template is required']],
  ['bad labels', make({ metadata: { labels: { '.': '~' } }, template: {} }), ['SLU2005 spec.metadata.labels']],
  [
    'bad ports',
    make({ template: { ports: { 'a b': 0 } } }),
    [
      'spec.template.ports: Invalid value: invalid port name: a b: port name must be valid',
      'port must be between 1-65535',
    ],
  ],
  ['an HTTP probe', probed({ periodSeconds: 5, httpGet: { port: 80, scheme: 'HTTPS' } }), []],
  ['a TCP probe', probed({ tcpSocket: { port: 80 } }), []],
  ['a command', probed({ exec: { command: ['true'] } }), []],
  ['a gRPC probe', probed({ grpc: { port: 80 } }), []],
  ['a probe of nothing', probed({}), ['SLU2082 spec.probe: unknown health check method']],
  ['two probes', probed({ tcpSocket: { port: 1 }, grpc: { port: 1 } }), ['SLU2012 spec.probe.grpc']],
  ['a negative time', probed({ timeoutSeconds: -1, grpc: {} }), ['timeoutSeconds must be non-negative']],
  [
    'a bad HTTP probe',
    probed({ httpGet: { port: 0, scheme: 'ftp', httpHeaders: [{ name: 'a*' }, {}] } }),
    [
      'port must be between 1-65535',
      'httpGet.scheme must be one of "HTTPS", "HTTP"',
      'spec.probe.httpGet.httpHeaders[0].name in body should match',
      'header name cannot be empty',
    ],
  ],
  ['a TCP probe without port', probed({ tcpSocket: {} }), ['port must be between 1-65535']],
  ['an empty command', probed({ exec: { command: [] } }), ['exec.command is required']],
];

for (const [name, manifest, expected] of CASES) test(name, () => assertSaid(manifest, expected));

test('a group without spec', () => {
  const { spec: _spec, ...manifest } = make({});
  assertSaid(manifest, ['SLU1013 spec: spec: Required value']);
});

test.run();
